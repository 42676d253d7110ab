"""Settings of the paper and of the authors' code, to say where ours differ, and text on ours.

Sources: Fridovich-Keil et al. (2021), and the code released with it.
"""

from collections.abc import Mapping
from typing import Any

from spectral_bias.figures.agreement import differences
from spectral_bias.figures.captions import readable

DATASETS = {
    "cifar10": "CIFAR-10",
    "patches": "patches of ten photographs, {size}×{size} pixels each (class: the photograph; the "
    "paper has CIFAR-10)",
    "imagefolder": "images in files (the paper has CIFAR-10)",
}
NUMBERED = "The paper's figures but Figure 1 carry other numbers; this one is ours."

_SGD = {"learning_rate": 0.1, "weight_decay": 5e-4, "batch_size": 256}
NETWORKS: dict[str, dict[str, Any]] = {
    "wrn_32": {"callable": "wide_resnet", "arguments": {"depth": 28, "width": 32}, **_SGD},
    "wrn_160": {"callable": "wide_resnet", "arguments": {"depth": 28, "width": 160}, **_SGD},
}

TRAINING: dict[str, Any] = {
    "data": {"source": "cifar10", "n_train": 50_000, "n_test": 10_000},
    "baseline": "wrn_32",
    "epochs": 200,
    "momentum": 0.9,
    "gradient_clip": 5.0,
    "augmentation": "cutout",
    "cutout": 16,
    "stop": {"test_accuracy": None, "training_loss": None},
}

# What belongs to one measurement or one figure alone.
SECTIONS: dict[str, dict[str, Any]] = {
    "wave": {"amplitude": 0.1},
    "interpolation": {"n_within": 200, "n_between": 200, "spacing": 1.0},
    "image_frequency": {"amplitude": 0.5},
    "single_class": {"frequency": 0.038},
}


def deviations(settings: Mapping[str, Any], *sections: str) -> str:
    """A sentence for the caption: which settings of the baseline are not the paper's.

    Args:
        settings: resolved settings of cifar10.
        sections: names of `SECTIONS` that the figure depends on.
    """
    theirs = TRAINING | {name: SECTIONS[name] for name in sections}
    network = NETWORKS.get(settings["baseline"])
    if network is not None:
        theirs = theirs | {"networks": {settings["baseline"]: network}}
    found = differences(settings, theirs, whose="paper")
    if not found:
        return "Settings are the paper's and, where it is silent, those of the authors' code."
    return (
        "Settings other than the paper's (where it is silent, than those of the authors' code): "
        f"{'; '.join(found)}."
    )


def baseline_text(settings: Mapping[str, Any]) -> str:
    """A phrase on data, network and training of the baseline."""
    name, data = settings["baseline"], settings["data"]
    network = settings["networks"][name]
    sizes = [(data["n_train"], "training"), (data["n_test"], "test")]
    images = " and ".join(f"{readable(number)} {which}" for number, which in sizes if number)
    source = DATASETS[data["source"]].format_map(data)
    return (
        f"{source}{f', {images} images' if images else ''}; {name} "
        f"({network_text(network)}), {settings['epochs']} epochs of SGD with Nesterov "
        f"momentum {settings['momentum']:g}, batch size {network['batch_size']}, cosine learning "
        f"rate from {network['learning_rate']:g}, L2 penalty {network['weight_decay']:g}, "
        f"augmentation {settings['augmentation']}"
    )


def network_text(network: Mapping[str, Any]) -> str:
    """A network by the callable that makes it: "wide_resnet, depth 28, width 32"."""
    given = [f"{name} {readable(value)}" for name, value in network["arguments"].items()]
    return ", ".join([network["callable"], *given])
