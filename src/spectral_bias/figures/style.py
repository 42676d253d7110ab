"""The one look of all figures: sizes, fonts, one colour for each meaning.

Colours are safe for colour-blind readers: single meanings use the palette of Okabe and Ito, ordered
values (frequency, noise amplitude, layer) maps whose lightness changes steadily, so that the order
shows in grey too, heatmaps a perceptually uniform one. Lines are means over runs, bands their
spread: one standard deviation on linear axes, lowest to highest run on logarithmic ones.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import matplotlib
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatterMathtext, MaxNLocator

# Inches: one column and the full text width of a two-column paper.
COLUMN = 3.25
FULL = 6.75

OURS = "#0072B2"
AUTHORS = "#D55E00"
SECOND = "#CC79A7"
TARGET = "#56B4E9"
LEARNT = "#00664B"
TRAINING = "#0072B2"
VALIDATION = "#E69F00"
BASELINE = "#000000"
MISSING = "#DDDDDD"
CLASSES = ("#0072B2", "#D55E00")  # of a binary classifier: class 0, class 1
# Things without order, each with a marker of its own.
CATEGORIES = (
    *("#000000", "#0072B2", "#D55E00", "#009E73"),
    *("#CC79A7", "#E69F00", "#56B4E9", "#7F4F24"),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
# Paths between images of one class and of two; which images were mixed with others: by spectrum.
WITHIN, BETWEEN = "#009E73", "#CC79A7"
NATURAL, ANTINATURAL = "#0072B2", "#D55E00"

# Dark for 0 and light for 1, as in the authors' heatmaps, whose map is not perceptually uniform.
HEATMAP = "viridis"

Meaning = Literal[
    "frequency",
    "beta",
    "layer",
    "lobes",
    "iteration",
    "capacity",
    "neighbours",
    "strength",
    "spatial",
]
# Map and the part of it that has enough contrast on white.
_ORDERED: dict[Meaning, tuple[str, float, float]] = {
    "frequency": ("plasma", 0.0, 0.85),
    "beta": ("YlGnBu", 0.40, 1.0),
    "layer": ("cubehelix", 0.12, 0.7),
    "lobes": ("viridis", 0.0, 0.85),
    "iteration": ("inferno", 0.8, 0.06),
    "neighbours": ("plasma", 0.05, 0.82),  # K of a nearest-neighbour classifier
    "capacity": ("cividis", 0.0, 0.85),  # depth, width or weight clip of a network
    "strength": ("YlOrRd", 0.45, 1.0),  # of an intervention: training images, weight decay, …
    "spatial": ("viridis", 0.0, 0.85),  # spatial frequency of an image
}

_LOOK = {
    "figure.dpi": 160,
    "figure.constrained_layout.w_pad": 0.05,
    "figure.constrained_layout.h_pad": 0.05,
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "text.hinting": "no_hinting",
    "axes.titlesize": 7.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 6.5,
    "legend.title_fontsize": 6.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.1,
    "pdf.fonttype": 42,
    "svg.hashsalt": "spectral-bias",
}


@contextmanager
def look() -> Iterator[None]:
    """Within it figures are drawn and saved in the project's look, whatever the user's settings."""
    with rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_LOOK)
        yield


def new_figure(
    mosaic: Sequence[Sequence[str]], height: float, width: float = FULL, **options: object
) -> tuple[Figure, dict[str, Axes]]:
    """An empty figure of `width` x `height` inches and its panels by their name in `mosaic`.

    It belongs to no pyplot session, so that nothing has to be closed. `options` go to
    `Figure.subplot_mosaic`.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplot_mosaic(list(mosaic), **options)


def colours(meaning: Meaning, values: Iterable[float]) -> dict[float, str]:
    """A colour for each of `values`, in their order, from the map of `meaning`."""
    ordered = sorted(set(values))
    name, low, high = _ORDERED[meaning]
    steps = max(1, len(ordered) - 1)
    shades = [low + (high - low) * rank / steps for rank in range(len(ordered))]
    return {
        value: to_hex(colormaps[name](shade)) for value, shade in zip(ordered, shades, strict=True)
    }


def iteration_axis(axes: Axes, which: Literal["x", "y"] = "x") -> None:
    """Labels the axis as training iteration, few round ticks, thousands as "20k"."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: thousands(value)))
    axis.set_label_text("training iteration")


def log_axis(axes: Axes) -> None:
    """Makes the vertical axis logarithmic, with labels also where it spans little."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(_LogLabels())
    axes.yaxis.set_minor_formatter(_LogLabels())


class _LogLabels(LogFormatterMathtext):
    """Powers of ten; where few of them show, 1, 2 and 5 times these, written out."""

    def __call__(self, value: float, position: int | None = None) -> str:
        low, high = sorted(self.axis.get_view_interval())
        powers = math.floor(math.log10(high)) - math.ceil(math.log10(low)) + 1
        if high > 30 * low and powers > 1:
            return super().__call__(value, position)
        leading = f"{value:e}".partition("e")[0]
        return f"{value:g}" if float(leading) in (1, 2, 5) else ""


def thousands(value: float) -> str:
    """20000 as "20k", 500 as "500"."""
    return f"{value / 1000:g}k" if abs(value) >= 1000 else f"{value:g}"
