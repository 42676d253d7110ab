"""Settings of the paper and of the authors' notebooks, to say where ours differ.

Sources: Rahaman et al. (2019), sections 3 and 4; notebooks ICML_SpectralBias, ICML_Robustness,
ICML_MNISTLabelNoise and ICML_Manifolds.
"""

from collections.abc import Mapping
from typing import Any

from spectral_bias.figures.agreement import differences

_NETWORK = {"depth": 6, "width": 256, "activation": "relu"}
_DIGITS = {"source": "mnist", "classes": [3, 8], "train_fraction": 0.8}


def _sweep(depth: Any, width: Any, weight_clip: Any) -> dict[str, Any]:
    return {"depth": depth, "width": width, "weight_clip": weight_clip, "iterations": 60_000}


# What decides whether numbers can be compared with the authors' pictures.
AUTHORS: dict[str, dict[str, Any]] = {
    "sinusoids": {
        "network": _NETWORK,
        "optimiser": "adam",
        "n_points": 200,
        "frequencies": [5, 10, 15, 20, 25, 30, 35, 40, 45, 50],
        "learning_rate": 3e-4,
    },
    "label_noise": {
        "network": _NETWORK,
        "optimiser": "adam",
        "data": _DIGITS,
        "learning_rate": 1e-4,
    },
    "kernel_spectra": {
        "network": _NETWORK,
        "optimiser": "adam",
        "data": {"source": "mnist", "classes": [3, 8], "n_samples": 2000},
        "sigma": 1.25,
        "beta": 1.0,
        "learning_rate": 1e-4,
        "n_bins": 100,
    },
    "manifold_regression": {
        "network": _NETWORK,
        "optimiser": "adam",
        "n_points": 1000,
        "frequencies": [20, 40, 60, 80, 100, 120, 140, 160, 180, 200],
        "learning_rate": 3e-4,
    },
}

# All settings of the paper; where it is silent (learning rates, range of delta, all of label noise
# but the network) those of the notebooks.
PAPER: dict[str, dict[str, Any]] = {
    "sinusoids": {**AUTHORS["sinusoids"], "iterations": 80_000, "n_runs": 10},
    "perturbation": {
        **AUTHORS["sinusoids"],
        "frequencies": [10, 15, 20, 25, 30, 35, 40, 45, 50],
        "iterations": 80_000,
        "n_runs": 5,
        "delta_max": 5.0,
        "n_deltas": 100,
        "n_directions": 100,
    },
    "label_noise": {**AUTHORS["label_noise"], "iterations": 5000},
    "kernel_spectra": {**AUTHORS["kernel_spectra"], "gamma": 2.0, "iterations": 5000},
    "manifold_regression": {
        **AUTHORS["manifold_regression"],
        "lobes": [0, 4, 10, 16],
        "iterations": 50_000,
        "n_runs": 10,
    },
    "manifold_classification": {
        "network": _NETWORK,
        "optimiser": "adam",
        "n_points": 1000,
        "frequencies": [50, 100, 150, 200, 250, 300, 350, 400],
        "lobes": [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20],
        "learning_rate": 3e-4,
        "iterations": 10_000,
        "decision": {"frequency": 200, "lobes": 20},
    },
    "delta": {
        "n_points": 200,
        "position": 0.5,
        "depth_sweep": _sweep([3, 4, 5, 6], 16, 10.0),
        "width_sweep": _sweep(3, [16, 32, 64, 128], 10.0),
        "clip_sweep": _sweep(6, 64, [0.1, 0.15, 0.2, 2.0]),
        "activation": "relu",
        "optimiser": "adam",
        "learning_rate": 3e-4,
    },
    "random_labels": {
        "autoencoder": {"network": {"features": 64}, "data": {"source": "mnist"}},
        "n_runs": 10,
    },
    "adversarial": {
        "network": {"depth": 20, "width": 16},
        "data": {"source": "cifar10", "n_train": 50_000, "n_test": 10_000},
        "n_training": 50,
        "n_adversarial": 50,
        "neb": {"iterations": 4, "steps": 10, "learning_rate": 1e-3, "momentum": 0.9},
    },
    "neighbours": {
        "network": _NETWORK,
        "optimiser": "adam",
        "n_points": 1000,
        "frequencies": [150],
        "lobes": [20],
        "learning_rate": 3e-4,
        "iterations": 10_000,
        "n_neighbours": [5, 10, 15, 20],
    },
}


def deviations(settings: Mapping[str, Any], experiment: str) -> str:
    """A sentence for the caption: which settings of `experiment` are not the paper's."""
    found = differences(settings[experiment], PAPER[experiment], whose="paper")
    if not found:
        return "Settings are the paper's and, where it is silent, those of the authors' code."
    return (
        "Settings other than the paper's (where it is silent, than those of the authors' code): "
        f"{'; '.join(found)}."
    )
