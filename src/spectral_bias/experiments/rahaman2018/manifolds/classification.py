"""Labels of Experiment 6 of Rahaman et al. 2018: a binarised sinusoid on a curve in the plane."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from spectral_bias.data.manifolds import flower
from spectral_bias.data.problem import Facts, Problem
from spectral_bias.data.signals import uniform_grid
from spectral_bias.seeds import derived_generator, derived_seed


def square_wave(z: np.ndarray, frequency: int, phase: float) -> np.ndarray:
    """(N,): 1.0 where sin(2 pi k z + phi) > 0, else 0.0.

    The threshold is that of the authors' code, and makes classes of equal size; the text of Rahaman
    et al. 2018, Experiment 6, puts it at 0.5.
    """
    return (np.sin(2 * np.pi * frequency * z + phase) > 0).astype(np.float64)


def build(run: Mapping[str, Any]) -> tuple[Problem, Facts]:
    """Every pair (k, L), `n_runs` times, each with a phase phi ~ U(0, 2 pi) and weights of its own.

    Twins come last: `decision["twins"]` further networks for the labels of network 0 of the cell
    (k, L) = (decision["frequency"], decision["lobes"]), with other initial weights. Their numbers
    go on from `n_runs`.

    Args:
        run: resolved settings: n_points N, frequencies (k), lobes (L), n_runs, decision.

    Returns:
        The problem on gamma_L(j/N), inputs (R, N, 2), and facts frequency, lobes, number (within a
        cell), phase (radians) and setting (name of the frequency), each (R,).
    """
    z = uniform_grid(run["n_points"])
    twin = run["decision"]
    cells = [(k, lobes) for k in run["frequencies"] for lobes in run["lobes"]]
    members = [(k, lobes, n) for k, lobes in cells for n in range(run["n_runs"])]
    phases = [_phase(run, *member) for member in members]
    for n in range(run["n_runs"], run["n_runs"] + twin["twins"]):
        members.append((twin["frequency"], twin["lobes"], n))
        phases.append(_phase(run, twin["frequency"], twin["lobes"], 0))
    curves = {lobes: flower(z, lobes) for lobes in run["lobes"]}
    pairs = zip(members, phases, strict=True)
    problem = Problem(
        inputs=np.stack([curves[lobes] for _, lobes, _ in members]),
        targets=np.stack([square_wave(z, k, phase) for (k, _, _), phase in pairs]),
        seeds=[derived_seed(run["seed"], run["run"], *member, "weights") for member in members],
    )
    frequency, lobes, number = np.array(members).T
    facts = {"frequency": frequency, "lobes": lobes, "number": number, "phase": np.array(phases)}
    return problem, facts | {"setting": np.array([f"k_{k:03d}" for k in frequency])}


def _phase(run: Mapping[str, Any], frequency: int, lobes: int, number: int) -> float:
    names = (run["seed"], run["run"], frequency, lobes, number, "phase")
    return derived_generator(*names).uniform(0, 2 * np.pi)
