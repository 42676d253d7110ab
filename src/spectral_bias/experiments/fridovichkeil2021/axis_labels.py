"""How axes are labelled that several figures of fridovichkeil2021 have."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

MANY_FREQUENCIES = 6


def frequency_axis(axes: Axes, frequencies: pd.Series) -> None:
    """A logarithmic horizontal axis labelled with the frequencies f, if they are few."""
    ticks = sorted(frequencies.unique())
    axes.set_xscale("log")
    if len(ticks) <= MANY_FREQUENCIES:
        axes.set_xticks(ticks, [f"{f:g}" for f in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    if len(ticks) == 1:
        axes.set_xlim(ticks[0] / 2, ticks[0] * 2)
    axes.set_xlabel("frequency $f$ of the wave")


def cycles_axis(axes: Axes, cycles: pd.Series) -> None:
    """A logarithmic horizontal axis of cycles per standard deviation of the images."""
    frequency_axis(axes, cycles)
    axes.set_xlabel("cycles, $f$ · sd")


def accuracy_axis(axes: Axes, label: str = "test accuracy (%)") -> None:
    """Labels a horizontal axis of accuracies in percent."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    percent(axes.xaxis)
    axes.set_xlabel(label)


def percent(axis: Axis) -> None:
    """Writes the fractions on an axis in percent."""
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:.3g}".replace("-", "−")))
