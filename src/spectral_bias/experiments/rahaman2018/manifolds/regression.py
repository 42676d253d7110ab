"""Targets of Experiment 5 of Rahaman et al. 2018: sums of sinusoids on a curve in the plane."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from spectral_bias.data.manifolds import flower
from spectral_bias.data.problem import Facts, Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.seeds import derived_generator, derived_seed
from spectral_bias.spectra.fourier import fourier_probe


def build(run: Mapping[str, Any]) -> tuple[Problem, Facts]:
    """Every L with `n_runs` networks.

    Networks of one number share phases phi_i ~ U(0, 2 pi) and initial weights over all L, so that
    curves are compared in pairs: only the inputs differ.

    Args:
        run: resolved settings: n_points N, frequencies (K values), amplitudes (K), lobes (L values)
            and n_runs.

    Returns:
        The problem on gamma_L(j/N), inputs (R, N, 2), with a probe (N, 2K) for the Fourier
        coefficients at `frequencies`; facts frequencies (K,), amplitudes (K,), phases (R, K), and
        L, number (within one L) and setting (name of the L), each (R,).
    """
    z = uniform_grid(run["n_points"])
    k = np.array(run["frequencies"], dtype=np.float64)
    amplitudes = np.array(run["amplitudes"], dtype=np.float64)
    names = [(run["seed"], run["run"], number) for number in range(run["n_runs"])]
    draws = [derived_generator(*name, "phases").uniform(0, 2 * np.pi, len(k)) for name in names]
    weights = [derived_seed(*name, "weights") for name in names]
    lobes = np.repeat(run["lobes"], run["n_runs"])
    phases = np.tile(np.stack(draws), (len(run["lobes"]), 1))
    problem = Problem(
        inputs=np.stack([flower(z, L) for L in lobes]),
        targets=sinusoid_sum(z, k, amplitudes, phases),
        seeds=weights * len(run["lobes"]),
        probe=fourier_probe(run["n_points"], k),
    )
    facts = {
        "frequencies": k,
        "amplitudes": amplitudes,
        "phases": phases,
        "lobes": lobes,
        "number": np.tile(np.arange(run["n_runs"]), len(run["lobes"])),
        "setting": np.array([f"L_{L:02d}" for L in lobes]),
    }
    return problem, facts
