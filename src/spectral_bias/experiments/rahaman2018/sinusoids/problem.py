"""Targets of Experiments 1 and 2 of Rahaman et al. 2018: sums of sinusoids."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from spectral_bias.data.problem import Facts, Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.seeds import derived_generator, derived_seed


def build(run: Mapping[str, Any]) -> tuple[Problem, Facts]:
    """Each of `n_runs` members has phases phi_i ~ U(0, 2 pi) and weights of its own.

    Args:
        run: resolved settings: n_points, frequencies, amplitudes, n_runs, and, where phases and
            weights are to be those of another run, `drawn_as`, the name of that run.

    Returns:
        The problem on z_j = j/n_points, and facts frequencies (K,), amplitudes (K,), phases (R, K).
    """
    k = np.array(run["frequencies"], dtype=np.float64)
    amplitudes = np.array(run["amplitudes"], dtype=np.float64)
    drawn_as = run.get("drawn_as", run["run"])
    names = [(run["seed"], drawn_as, member) for member in range(run["n_runs"])]
    draws = [derived_generator(*name, "phases").uniform(0, 2 * np.pi, len(k)) for name in names]
    phases = np.stack(draws)
    z = uniform_grid(run["n_points"])
    targets = sinusoid_sum(z, k, amplitudes, phases)
    problem = Problem(z[:, None], targets, [derived_seed(*name, "weights") for name in names])
    return problem, {"frequencies": k, "amplitudes": amplitudes, "phases": phases}
