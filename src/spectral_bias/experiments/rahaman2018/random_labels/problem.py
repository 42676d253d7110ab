"""Inputs and targets of Experiment 8 of Rahaman et al. 2018: random labels on two manifolds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spectral_bias.artefacts import read_arrays
from spectral_bias.data.problem import Facts, Problem
from spectral_bias.seeds import derived_generator, derived_seed


def flat_inputs(n: int, features: int, n_pixels: int, generator: np.random.Generator) -> np.ndarray:
    """(N, D): the first `features` entries from U(0, 1), the rest zero.

    The samples lie in a flat piece of `features` dimensions. Rahaman et al. 2018, Experiment 8.
    """
    x = np.zeros((n, n_pixels))
    x[:, :features] = generator.uniform(size=(n, features))
    return x


def spread(x: np.ndarray) -> float:
    """Root mean square distance of the rows of x (N, D) from their mean."""
    return float(np.sqrt(x.var(axis=0).sum()))


def build(run: Mapping[str, Any], reconstructions: str | Path) -> tuple[Problem, Facts]:
    """Targets from U(0, 1) on one of the kinds of inputs, which every member shares.

    Weights and targets belong to the number of a member, whatever the inputs: runs that differ in
    `inputs` alone are compared in pairs.

    Args:
        run: resolved settings: inputs, n_samples N, n_runs R, features. Inputs "manifold" are the
            reconstructions of an autoencoder, "flat" are `flat_inputs` in the same space,
            "flat_stretched" those times one number that gives them the spread of the manifold.
        reconstructions: file of an autoencoder's reconstructions.

    Returns:
        The problem, and fact number (R,).
    """
    arrays, _ = read_arrays(reconstructions)
    curved = arrays["reconstructions"][: run["n_samples"]].astype(np.float64)
    names = [(run["seed"], "random_labels", number) for number in range(run["n_runs"])]
    draws = [derived_generator(*n, "targets").uniform(size=len(curved)) for n in names]
    problem = Problem(
        inputs=_inputs(run, curved),
        targets=np.stack(draws),
        seeds=[derived_seed(*name, "weights") for name in names],
    )
    return problem, {"number": np.arange(run["n_runs"])}


def _inputs(run: Mapping[str, Any], curved: np.ndarray) -> np.ndarray:
    if run["inputs"] == "manifold":
        return curved
    generator = derived_generator(run["seed"], "random_labels", "flat")
    flat = flat_inputs(len(curved), run["features"], curved.shape[1], generator)
    stretch = spread(curved) / spread(flat) if run["inputs"] == "flat_stretched" else 1.0
    return stretch * flat
