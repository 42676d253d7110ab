"""Sums of sinusoids of equal amplitude, with the same networks and targets for every optimiser."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from spectral_bias.data.problem import Facts, Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.seeds import derived_generator, derived_seed


def build(run: Mapping[str, Any]) -> tuple[Problem, Facts]:
    """As in Experiment 1 each of `n_runs` members has phases ~ U(0, 2 pi) and weights of its own.

    Both derive from the name of the problem and not of the run, so that member r starts from the
    same weights and fits the same target whatever the optimiser.

    Returns:
        The problem on z_j = j/n_points, and facts frequencies (K,), amplitudes (K,), phases (R, K).
    """
    k = np.array(run["frequencies"], dtype=np.float64)
    names = [(run["seed"], "kernel_prediction", member) for member in range(run["n_runs"])]
    draws = [derived_generator(*name, "phases").uniform(0, 2 * np.pi, len(k)) for name in names]
    phases, amplitudes = np.stack(draws), np.ones(len(k))
    z = uniform_grid(run["n_points"])
    targets = sinusoid_sum(z, k, amplitudes, phases)
    problem = Problem(z[:, None], targets, [derived_seed(*name, "weights") for name in names])
    return problem, {"frequencies": k, "amplitudes": amplitudes, "phases": phases}
