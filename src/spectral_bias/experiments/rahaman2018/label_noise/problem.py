"""Targets of Experiment 3 of Rahaman et al. 2018: two classes of digits with a wave on top."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spectral_bias.data.digits import class_pair, read_digits
from spectral_bias.data.problem import Facts, Problem
from spectral_bias.data.signals import radial_wave
from spectral_bias.seeds import derived_seed


def build(run: Mapping[str, Any], digits: str | Path) -> tuple[Problem, Facts]:
    """Targets tau_0 + beta sin(2 pi k |x|) on the first part of the data, tau_0 on the rest.

    The `n_runs` networks of one setting differ in their weights; networks of one number share their
    weights over all settings, so that settings are compared in pairs.

    Args:
        run: resolved settings, with `noises` the list of (frequency or None, beta).
        digits: file of a rule that prepares digits.

    Returns:
        The problem, and facts number (R,), frequency (R,; NaN without noise), beta (R,), and the
        name of each member's setting (R,).
    """
    pair = class_pair(*read_digits(digits), run["data"]["classes"])
    n_train = int(len(pair.targets) * run["data"]["train_fraction"])
    x, clean = pair.inputs[:n_train], pair.targets[:n_train]
    members = [(noise, number) for noise in run["noises"] for number in range(run["n_runs"])]
    problem = Problem(
        inputs=x,
        targets=np.stack([clean + _noise(x, **noise) for noise, _ in members]),
        seeds=[derived_seed(run["seed"], run["run"], number, "weights") for _, number in members],
        validation_inputs=pair.inputs[n_train:],
        validation_targets=pair.targets[n_train:],
    )
    facts = {
        "number": np.array([number for _, number in members]),
        "frequency": np.array([noise["frequency"] or np.nan for noise, _ in members]),
        "beta": np.array([noise["beta"] for noise, _ in members]),
        "setting": np.array([_name(**noise) for noise, _ in members]),
    }
    return problem, facts


def _name(frequency: float | None, beta: float) -> str:
    return "no_noise" if frequency is None else f"k_{frequency:g}_beta_{beta:g}"


def _noise(x: np.ndarray, frequency: float | None, beta: float) -> np.ndarray:
    return np.zeros(len(x)) if frequency is None else beta * radial_wave(x, frequency)
