"""`spectral-bias measure --model torchvision:NAME --checkpoint FILE` on each family of torchvision.

One network of each kind of architecture is measured here. ALL_TORCHVISION=1 takes one of every
family instead, which takes minutes.
"""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision.models
from PIL import Image
from safetensors.torch import save_file

FAMILIES = {
    "alexnet": ("alexnet", 64),
    "convnext": ("convnext_tiny", 64),
    "densenet": ("densenet121", 64),
    "efficientnet": ("efficientnet_b0", 64),
    "efficientnet_v2": ("efficientnet_v2_s", 64),
    "googlenet": ("googlenet", 64),
    "inception": ("inception_v3", 75),
    "maxvit": ("maxvit_t", 224),
    "mnasnet": ("mnasnet0_5", 64),
    "mobilenet": ("mobilenet_v3_small", 64),
    "regnet": ("regnet_y_400mf", 64),
    "resnet": ("resnet18", 64),
    "resnext": ("resnext50_32x4d", 64),
    "shufflenet": ("shufflenet_v2_x0_5", 64),
    "squeezenet": ("squeezenet1_1", 64),
    "swin": ("swin_t", 64),
    "swin_v2": ("swin_v2_t", 64),
    "vgg": ("vgg11", 64),
    "vit": ("vit_b_32", 224),
    "wide_resnet": ("wide_resnet50_2", 64),
}
"""A small network of each family, and the smallest side of an image that it takes, at most 224."""
KINDS = ("mnasnet", "mobilenet", "resnet", "squeezenet", "swin")
"""With versions in its state, inverted residuals, residuals, no linear layer, and a transformer."""
MEASURED = FAMILIES if os.environ.get("ALL_TORCHVISION") else KINDS


def family_of(name):
    """The longest name of a family that a network's name begins with."""
    return max((f for f in FAMILIES if name.startswith(f)), key=len, default=None)


def test_every_classifier_of_torchvision_belongs_to_a_family():
    names = torchvision.models.list_models(module=torchvision.models)
    assert {name: family_of(name) for name in names if family_of(name) is None} == {}


@pytest.mark.parametrize("family", MEASURED)
def test_random_weights_are_measured(family, tmp_path, measured):
    name, side = FAMILIES[family]
    options = {"init_weights": False} if family in ("googlenet", "inception") else {}
    torch.manual_seed(0)
    network = torchvision.models.get_model(name, weights=None, num_classes=2, **options)
    save_file(network.state_dict(), tmp_path / "random.safetensors")
    rng = np.random.default_rng(0)
    folder = tmp_path / "two classes"
    for path in [folder / label / f"{n}.png" for label in "ab" for n in range(4)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    found = measured(
        model=f"torchvision:{name}", checkpoint=tmp_path / "random.safetensors", images=folder,
        size=side, normalise="imagenet", pairs=4, points=4,
    )  # fmt: skip
    assert found.json["images"]["shape"] == [3, side, side]
    assert found.json["name"] == f"{name} (random)"
    assert found.json["network"]["checkpoint"] == "random.safetensors"
    assert found.json["accuracy"]["n_images"] == 8, "two outputs for two classes"
    rows = (Path(found.folder) / "paths.csv").read_text().splitlines()
    assert len(rows) == 9
