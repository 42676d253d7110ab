"""What figures 14 and 15 share: words for their captions on images, networks and paths."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from spectral_bias.experiments.fridovichkeil2021.source_settings import network_text
from spectral_bias.figures.captions import readable

NOTHING = "nothing was measured"
"""What panels say where ImageNet is turned off or no network is named."""
PHOTOGRAPHS = (
    "64 × 64 cuts of ten photographs in classes of deliberately different diversity (ours; the "
    "paper has ImageNet): class i shows one photograph, from one narrow window for i = 0 to half "
    "of the photograph at many zooms for i = 9, its level of diversity being i/9; photographs in "
    "the order of their contrast; training and validation images from different halves"
)


def facts(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts from the settings of imagenet."""
    paths, data = settings["interpolation"], settings["data"]
    points = f"at {readable(paths['n_samples'])} points"
    if paths["n_samples"] is None:
        points = (
            f"at distances of {paths['spacing']:g} in the space of normalised images, so that "
            "frequencies are per distance and short paths have few of them"
        )
    shown = PHOTOGRAPHS
    if data["source"] == "imagefolder":
        shown = "a folder of images in classes, which need not be ImageNet's own"
    return {
        "images_text": shown,
        "networks_text": networks_text(settings),
        "sampling": points,
        "high": f"{100 * paths['high']:g}",
    }


def networks_text(settings: Mapping[str, Any]) -> str:
    """A sentence or two on where the networks come from."""
    if not settings["enabled"]:
        return "Measurements on larger images are turned off (enabled: false)."
    if settings["data"]["source"] == "imagefolder" and settings["data"]["folder"] is None:
        return "Nothing was measured: no folder of images is named (imagenet.data.folder)."
    parts = []
    if settings["trained"]:
        networks = settings["networks"]
        named = "; ".join(f"{n}: {network_text(networks[n])}" for n in settings["trained"])
        parts.append(
            f"Trained here ({named}): {readable(settings['epochs'])} epochs of SGD with Nesterov "
            f"momentum {settings['momentum']:g}, cosine learning rate, augmentation "
            f"{settings['augmentation']}, {settings['data']['size']} pixels."
        )
    if settings["models"]:
        parts.append("Weights of torchvision, trained on ImageNet by others in various ways.")
    if settings["checkpoints"]:
        parts.append(f"From files: {', '.join(settings['checkpoints'])}.")
    return " ".join(parts)


def correlation(row: pd.Series) -> dict[str, Any]:
    """Columns of what is drawn, from a row of the table imagenet_correlations."""
    if pd.isna(row["value"]):
        return {"reason": row["reason"]}
    ends = {"correlation_low": row["ci_low"], "correlation_high": row["ci_high"]}
    return {"correlation": row["value"], **ends}
