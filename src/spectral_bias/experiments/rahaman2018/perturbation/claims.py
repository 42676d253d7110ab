"""Claim on robustness to perturbed parameters (rahaman2018, Section 4.1, figure 3).

Shape suffixes: M members (runs), S perturbations, K frequencies.
"""

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, dense, mean_order


def kept_amplitude(relative: np.ndarray) -> np.ndarray:
    """Fraction of the amplitude that perturbed networks keep, averaged over delta.

    Args:
        relative: (..., S, K) relative amplitude at S perturbations, of one run each.

    Returns:
        (..., K) mean over S of the values clipped to [0, 1], as the figure shows them.
    """
    return np.clip(relative, 0.0, 1.0).mean(axis=-2)


def robustness_order(tables: Tables) -> Estimate:
    """Mean over runs of Kendall's tau-b over k of the fraction of amplitude that a run keeps.

    The average over delta needs no level that the chosen range of delta might never reach.
    """
    relative_MSK, axes = dense(
        tables["perturbation"], ("member", "delta", "frequency"), "relative_amplitude"
    )
    kept_MK = kept_amplitude(relative_MSK)
    lowest, highest = kept_MK.mean(axis=0)[[0, -1]]
    note = f"from {lowest:.2f} at the lowest to {highest:.2f} at the highest frequency"
    return mean_order(axes["frequency"], kept_MK, note)


CLAIMS = (
    Claim(
        id="perturbation_higher_less_robust",
        paper="rahaman2018",
        statement="Higher frequencies are less robust to random perturbations of the parameters.",
        figures=("fig03",),
        statistic="Kendall's tau-b between frequency k and the fraction of its amplitude that "
        "a perturbed network keeps (clipped to [0, 1], averaged over delta; mean over runs; no "
        "unit)",
        threshold=-0.5,
        threshold_reason="0 is no order, -1 perfect decrease; at -0.5 three of four pairs of "
        "frequencies stand in the claimed order.",
        direction="below",
        tables=("perturbation",),
        measure=robustness_order,
        unit="networks (seeds)",
    ),
)
