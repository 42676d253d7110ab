"""Target of Experiment 7 of Rahaman et al. 2018: a single point that differs from zero."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from spectral_bias.data.problem import Facts, Problem
from spectral_bias.data.signals import uniform_grid
from spectral_bias.seeds import derived_seed


def delta(n_points: int, position: float) -> np.ndarray:
    """(N,): 1 at z = position, else 0, on z_j = j/N; then |f~(k)| = 1/N for every k.

    Raises:
        ValueError: position is none of the points.
    """
    index = round(position * n_points)
    if not 0 <= index < n_points or abs(index - position * n_points) > 1e-6:
        raise ValueError(f"position {position:g} is none of the points j/{n_points}")
    target = np.zeros(n_points)
    target[index] = 1.0
    return target


def build(run: Mapping[str, Any]) -> tuple[Problem, Facts]:
    """`n_runs` networks of one shape for each clip K in `weight_clips`.

    Networks of one number share their initial weights over all K. Those weights are PyTorch's,
    whatever K: the clip acts from the first update on, so a K below them cuts them there.

    Returns:
        The problem, and facts number (R,), and where there are several clips the name of each
        member's setting (R,).
    """
    z = uniform_grid(run["n_points"])
    target = delta(run["n_points"], run["position"])
    members = [(clip, number) for clip in run["weight_clips"] for number in range(run["n_runs"])]
    problem = Problem(
        inputs=z[:, None],
        targets=np.tile(target, (len(members), 1)),
        seeds=[derived_seed(run["seed"], run["run"], number, "weights") for _, number in members],
        weight_clip=np.array([clip for clip, _ in members]),
    )
    facts = {"number": np.array([number for _, number in members])}
    if len(run["weight_clips"]) > 1:
        facts["setting"] = np.array([f"clip_{clip:g}" for clip, _ in members])
    return problem, facts
