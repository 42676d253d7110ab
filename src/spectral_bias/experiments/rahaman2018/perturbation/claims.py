"""Claim on robustness to perturbed parameters (rahaman2018, Section 4.1, figure 3)."""

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, dense, kendall_tau, member_bootstrap, resampled_mean


def kept_amplitude(relative: np.ndarray) -> np.ndarray:
    """Fraction of the amplitude that perturbed networks keep, averaged over delta.

    Args:
        relative: (..., S, K) relative amplitude at S perturbations, mean over runs.

    Returns:
        (..., K) mean over S of the values clipped to [0, 1], as the figure shows them.
    """
    return np.clip(relative, 0.0, 1.0).mean(axis=-2)


def robustness_order(tables: Tables) -> Estimate:
    """Kendall tau-b over k of the fraction of amplitude that is kept, averaged over delta.

    The average over delta needs no level that the chosen range of delta might never reach.
    """
    relative_MSK, axes = dense(
        tables["perturbation"], ("member", "delta", "frequency"), "relative_amplitude"
    )
    members = len(axes["member"])
    kept_K = kept_amplitude(relative_MSK.mean(axis=0))
    note = f"from {kept_K[0]:.2f} at the lowest to {kept_K[-1]:.2f} at the highest frequency"
    return member_bootstrap(
        lambda index: kendall_tau(
            axes["frequency"], kept_amplitude(resampled_mean(relative_MSK, index))
        ),
        members,
        note,
    )


CLAIMS = (
    Claim(
        id="perturbation_higher_less_robust",
        paper="rahaman2018",
        statement="Higher frequencies are less robust to random perturbations of the parameters.",
        figures=("fig03",),
        statistic="Kendall's tau-b between frequency k and the fraction of its amplitude that "
        "perturbed networks keep (mean over runs, clipped to [0, 1], averaged over delta; no unit)",
        threshold=-0.5,
        threshold_reason="0 is no order, -1 perfect decrease; at -0.5 three of four pairs of "
        "frequencies stand in the claimed order.",
        direction="below",
        tables=("perturbation",),
        measure=robustness_order,
    ),
)
