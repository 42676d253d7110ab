"""Claims on targets on curves with L lobes (rahaman2018, Experiments 5 and 6, figures 8 and 9).

All statistics are formed within a run: in Experiment 5 its networks share phases and initial
weights over all L, in Experiment 6 it is one network of every cell (k, L).

Shape suffixes: M members (runs), T records, K frequencies, G numbers of lobes L.
"""

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.lobes import FEW_LOBES, MANY_LOBES, few_and_many
from spectral_bias.statistics import (
    Estimate,
    dense,
    mean_order,
    paired_difference,
    require,
)

PAPER = "rahaman2018"
UNIT = "networks (seeds)"


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
    means = ", ".join(f"L = {L:g}: {x:.2f}" for L, x in zip(lobes, high_MG.mean(0), strict=True))
    first = values["frequency"][amplitude_MGTK.shape[-1] // 2]
    note = f"k >= {first:g}; {means}"
    return paired_difference(high_MG[:, -half:].mean(axis=1), high_MG[:, :half].mean(axis=1), note)


def _accuracies(tables: Tables) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(M, G, K) balanced training accuracies of Experiment 6 and their axes."""
    axes = ("member", "lobes", "frequency")
    return dense(tables["manifold_accuracy"], axes, "balanced_accuracy")


def falls_with_frequency(tables: Tables) -> Estimate:
    """Mean over runs of Kendall's tau-b between k and a run's accuracy, averaged over L."""
    accuracy_MGK, axes = _accuracies(tables)
    mean_MK = accuracy_MGK.mean(axis=1)
    lowest, highest = mean_MK.mean(axis=0)[[0, -1]]
    note = f"mean accuracy {lowest:.2f} at the lowest, {highest:.2f} at the highest frequency"
    return mean_order(axes["frequency"], mean_MK, note)


def rises_with_lobes(tables: Tables) -> Estimate:
    """Mean over runs of a run's accuracy with many lobes minus that with few, averaged over k."""
    accuracy_MGK, axes = _accuracies(tables)
    lobes = axes["lobes"]
    few_M, many_M = few_and_many(accuracy_MGK, lobes)
    chosen = lobes[lobes >= MANY_LOBES], lobes[lobes <= FEW_LOBES]
    groups = [", ".join(f"{number:g}" for number in group) for group in chosen]
    note = f"L = {groups[0]} ({many_M.mean():.2f}) minus L = {groups[1]} ({few_M.mean():.2f})"
    return paired_difference(many_M, few_M, note)


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
        unit=UNIT,
    ),
    Claim(
        id="manifold_accuracy_falls_with_frequency",
        paper=PAPER,
        statement="Training accuracy on a curve falls with the frequency of the labels.",
        figures=("fig09",),
        statistic="Kendall's tau-b between frequency k and balanced training accuracy (mean over "
        "L within a run, mean over runs; no unit)",
        threshold=-0.5,
        threshold_reason="0 is no order, -1 perfect decrease; at -0.5 three of four pairs of "
        "frequencies stand in the claimed order. Balanced accuracy, the mean over both classes of "
        "the fraction that is correctly classified, is 0.5 for guessing at every k.",
        direction="below",
        tables=("manifold_accuracy",),
        measure=falls_with_frequency,
        unit=UNIT,
    ),
    Claim(
        id="manifold_accuracy_rises_with_lobes",
        paper=PAPER,
        statement="Training accuracy on a curve rises with its number of lobes.",
        figures=("fig09",),
        statistic=f"Balanced training accuracy on curves of at least {MANY_LOBES} lobes minus that "
        f"on curves of at most {FEW_LOBES} (mean over these L and k within a run, mean over runs)",
        threshold=0.05,
        threshold_reason="0 is no effect and 0.5, from guessing to perfect, the largest that there "
        "can be; 0.05 is a tenth of that, as for the amplitudes of Figure 8.",
        direction="above",
        tables=("manifold_accuracy",),
        measure=rises_with_lobes,
        unit=UNIT,
    ),
)
