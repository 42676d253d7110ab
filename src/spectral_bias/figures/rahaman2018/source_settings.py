"""Settings of the paper and of the authors' notebooks, to say where ours differ.

Sources: Rahaman et al. (2019), sections 3 and 4; notebooks ICML_SpectralBias, ICML_Robustness and
ICML_MNISTLabelNoise.
"""

from collections.abc import Mapping
from typing import Any

from spectral_bias.figures.agreement import differences

_NETWORK = {"depth": 6, "width": 256}
_DIGITS = {"source": "mnist", "classes": [3, 8], "train_fraction": 0.8}

# What decides whether numbers can be compared with the authors' pictures.
AUTHORS: dict[str, dict[str, Any]] = {
    "sinusoids": {
        "network": _NETWORK,
        "n_points": 200,
        "frequencies": [5, 10, 15, 20, 25, 30, 35, 40, 45, 50],
        "learning_rate": 3e-4,
    },
    "label_noise": {"network": _NETWORK, "data": _DIGITS, "learning_rate": 1e-4},
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
