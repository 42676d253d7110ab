"""Claim on the input frequency that a curve asks for (rahaman2018, Section 4, figure 8).

Shape suffixes: M members (runs), C cells (L and frequency on the curve), T records.
"""

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, dense, kendall_tau, mean_interval, require

SPECTRUM, INPUT = "manifold_spectrum", "manifold_input"


def better_order(tables: Tables) -> Estimate:
    """By how much the input frequency needed orders amplitudes better than the frequency itself.

    Per run, over all L and frequencies k on the curve: Kendall tau-b between k and the amplitude
    (clipped to 1, mean over training), less that between the needed input frequency and it. Both
    are negative where high frequencies are harder.
    """
    axes = ("member", "lobes", "frequency", "iteration")
    amplitude_MGKT, values = dense(tables[SPECTRUM], axes, "amplitude")
    members = len(values["member"])
    require(len(values["lobes"]) >= 2, "one L was run, where a comparison needs two", members)
    needed_GK, shared = dense(tables[INPUT], ("lobes", "frequency"), "stationary")
    same = all(np.array_equal(shared[name], values[name]) for name in shared)
    require(same, "input frequencies and spectra are of different L or k", members)
    learnt_MC = np.minimum(amplitude_MGKT, 1.0).mean(axis=-1).reshape(members, -1)
    frequency_C = np.broadcast_to(values["frequency"], needed_GK.shape).ravel()
    by_frequency_M = kendall_tau(frequency_C, learnt_MC)
    by_need_M = kendall_tau(needed_GK.ravel(), learnt_MC)
    note = (
        f"tau with k {by_frequency_M.mean():.2f}, with the input frequency needed "
        f"{by_need_M.mean():.2f}; {needed_GK.size} pairs of L and k"
    )
    # One pair more in order changes a tau-b without ties by two over the number of pairs.
    pairs = needed_GK.size * (needed_GK.size - 1) / 2
    return mean_interval(by_frequency_M - by_need_M, note, resolution=2 / pairs)


CLAIMS = (
    Claim(
        id="manifold_input_frequency_orders",
        paper="rahaman2018",
        statement="How well a frequency on a curve is learnt follows the frequency of the input "
        "that it needs rather than the frequency on the curve.",
        figures=("fig08",),
        statistic="Kendall's tau-b over all L and k between k and the amplitude relative to the "
        "target's (clipped to 1, mean over training), less that between k / max |gamma_L'| and the "
        "amplitude; mean over runs (no unit)",
        threshold=0.0,
        threshold_reason="At 0 the curve's own frequency orders the amplitudes as well, as it "
        "would if networks saw z itself.",
        direction="above",
        tables=(SPECTRUM, INPUT),
        measure=better_order,
        unit="networks (seeds)",
    ),
)
