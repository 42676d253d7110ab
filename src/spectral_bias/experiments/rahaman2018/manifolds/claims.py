"""Claims on targets on curves with L lobes (rahaman2018, Experiments 5 and 6, figures 8 and 9).

Shape suffixes: M members (runs), T records, K frequencies, G numbers of lobes L.
"""

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import (
    Estimate,
    dense,
    kendall_tau,
    member_bootstrap,
    require,
    resampled_mean,
)

PAPER = "rahaman2018"
MIN_CELLS = 3
TAU_REASON = (
    "0 is no order, 1 or -1 a perfect one; at 0.5 (or -0.5) three of four pairs stand in the "
    "claimed order."
)


def high_amplitude(amplitude: np.ndarray) -> np.ndarray:
    """Mean over records and the upper half of the frequencies of the amplitude, clipped to 1.

    Args:
        amplitude: (..., T, K) relative amplitude, frequencies increasing.

    Returns:
        (...), in [0, 1] for amplitudes of at least 0.
    """
    upper = amplitude[..., amplitude.shape[-1] // 2 :]
    return np.minimum(upper, 1.0).mean(axis=(-2, -1))


def lobes_help(tables: Tables) -> Estimate:
    """`high_amplitude` of the upper half of the L minus that of the lower half.

    Halves, not the order of single L: where L divides k (as 10 does) a curve is easier than its
    neighbours. Differences are within a run, whose networks share phases and initial weights.
    """
    axes = ("member", "lobes", "iteration", "frequency")
    amplitude_MGTK, values = dense(tables["manifold_spectrum"], axes, "amplitude")
    lobes, members = values["lobes"], len(values["member"])
    require(len(lobes) >= 2, "one L was run, where a comparison needs two", members)
    high_MG = high_amplitude(amplitude_MGTK)
    half = len(lobes) // 2
    difference_M = high_MG[:, -half:].mean(axis=1) - high_MG[:, :half].mean(axis=1)
    means = ", ".join(f"L = {L:g}: {x:.2f}" for L, x in zip(lobes, high_MG.mean(0), strict=True))
    first = values["frequency"][amplitude_MGTK.shape[-1] // 2]
    note = f"k >= {first:g}; {means}"
    return member_bootstrap(lambda index: difference_M[index].mean(axis=-1), members, note)


def accuracy_order(tables: Tables, along: str, over: str) -> Estimate:
    """Kendall tau-b between `along` and the accuracy averaged over `over` and over runs.

    The interval resamples the values of `over`: each has networks of its own, so it says how far
    the order depends on which of them were run. That needs no second network in any cell.

    Args:
        tables: with `manifold_accuracy`.
        along: "frequency" or "lobes".
        over: the other one.
    """
    accuracy, axes = dense(tables["manifold_accuracy"], (over, along, "member"), "accuracy")
    runs, rows = accuracy.shape[-1], len(axes[over])
    enough = min(rows, len(axes[along])) >= MIN_CELLS
    require(enough, f"fewer than {MIN_CELLS} values of k or L were run", runs)
    cells = accuracy.mean(axis=-1)
    means = cells.mean(axis=0)
    note = f"mean accuracy {means[0]:.2f} at the lowest, {means[-1]:.2f} at the highest {along}"
    found = member_bootstrap(
        lambda index: kendall_tau(axes[along], resampled_mean(cells, index)), rows, note
    )
    return Estimate(found.value, found.ci_low, found.ci_high, runs, note)


def falls_with_frequency(tables: Tables) -> Estimate:
    """`accuracy_order` along the frequency."""
    return accuracy_order(tables, along="frequency", over="lobes")


def rises_with_lobes(tables: Tables) -> Estimate:
    """`accuracy_order` along L."""
    return accuracy_order(tables, along="lobes", over="frequency")


CLAIMS = (
    Claim(
        id="manifold_lobes_ease_high_frequencies",
        paper=PAPER,
        statement="On curves with more lobes, high frequencies are easier to fit.",
        figures=("fig08",),
        statistic="Amplitude of the upper half of the frequencies relative to the target's "
        "(clipped to 1, mean over training), for the upper half of the numbers of lobes L minus "
        "the lower half (no unit; mean over runs)",
        threshold=0.1,
        threshold_reason="0 is no effect and 1 the largest that there can be; 0.1 means that a "
        "tenth of the target's high frequencies more is fitted throughout training, about what the "
        "colours of the figure show.",
        direction="above",
        tables=("manifold_spectrum",),
        measure=lobes_help,
    ),
    Claim(
        id="manifold_accuracy_falls_with_frequency",
        paper=PAPER,
        statement="Training accuracy on a curve falls with the frequency of the labels.",
        figures=("fig09",),
        statistic="Kendall's tau-b between frequency k and training accuracy (mean over L and "
        "runs; no unit; interval over resampled L)",
        threshold=-0.5,
        threshold_reason=TAU_REASON,
        direction="below",
        tables=("manifold_accuracy",),
        measure=falls_with_frequency,
    ),
    Claim(
        id="manifold_accuracy_rises_with_lobes",
        paper=PAPER,
        statement="Training accuracy on a curve rises with its number of lobes.",
        figures=("fig09",),
        statistic="Kendall's tau-b between the number of lobes L and training accuracy (mean over "
        "k and runs; no unit; interval over resampled k)",
        threshold=0.5,
        threshold_reason=TAU_REASON,
        direction="above",
        tables=("manifold_accuracy",),
        measure=rises_with_lobes,
    ),
)
