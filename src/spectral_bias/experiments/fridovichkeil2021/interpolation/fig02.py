"""Figure 2: how function frequency is read off the straight line between two images."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021 import path_spectra
from spectral_bias.experiments.fridovichkeil2021.path_spectra import COLOURS, KINDS
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Interpolation shows the frequency of the learned function near and between classes"
TABLES = ("interpolation_example", "interpolation_example_spectrum")
ARRAYS = "interpolation_images"
CAPTION = f"""\
How Fridovich-Keil et al. (2021) measure the frequency of a learned function along paths between \
test images. {path_spectra.PATHS} (a) A path {{within_text}}, (b) one {{between_text}}: images, \
and the probabilities of the classes that reach {{shown_percent}} %, other classes grey. (c) Their \
spectra; the zero frequency is the mean. {path_spectra.FRACTION} Shaded: what counts as high \
here{{counts_text}}. Of each kind the path is shown whose fraction is the median of its kind.

Here ({{scale}} scale): {{baseline_text}}; after the last epoch. {{deviations}} {NUMBERED}"""

SHOWN = 0.1
"""Probability that a class has to reach somewhere on the path to have a colour."""
N_IMAGES = 7
OTHERS = ("#0072B2", "#D55E00", "#E69F00", "#56B4E9")
LETTERS = {"within": "a", "between": "b"}
COLUMNS = [
    *("panel", "source", "kind", "class_a", "class_b", "position", "class_name", "probability"),
    *("relative_frequency", "magnitude", "counts_as_high"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Probabilities along both paths (panels a, b) and their spectra (panel c)."""
    lines = tables["interpolation_example"]
    lines = lines.assign(panel=lines["kind"].map(LETTERS))
    spectra = tables["interpolation_example_spectrum"].assign(panel="c")
    return pd.concat([lines, spectra], ignore_index=True).assign(source="ours")[COLUMNS]


def draw(data: pd.DataFrame, arrays: Mapping[str, np.ndarray]) -> Figure:
    """Figure 2 from the table made by `drawn` and the images along both paths."""
    left = [[name] for kind in KINDS for name in (f"{kind} images", kind, kind)]
    figure, axes = style.new_figure([[left, "c"]], height=4.0, width_ratios=[1.9, 1])
    for kind, letter in LETTERS.items():
        panels.title(axes[f"{kind} images"], letter, KINDS[kind])
        _strip(axes[f"{kind} images"], arrays.get(kind, np.empty(0)))
        _probabilities(axes[kind], data[data["panel"] == letter])
    _spectra(axes["c"], data[data["panel"] == "c"])
    return figure


def _strip(axes: Axes, pixels: np.ndarray) -> None:
    """Images (n, h, w, 3) along a path, the middle of each above its fraction of the path."""
    axes.set_axis_off()
    last = len(pixels) - 1
    for number, image in enumerate(pixels):
        extent = (number - 0.47, number + 0.47, -0.47, 0.47)
        axes.imshow(image, interpolation="nearest", extent=extent)
    if last > 0:
        axes.set(xlim=(-0.5, last + 0.5), ylim=(-0.5, 0.5))


def _probabilities(axes: Axes, rows: pd.DataFrame) -> None:
    if rows.empty:
        panels.empty(axes, "no path was measured")
        return
    shades = colours(rows)
    for name, line in rows.groupby("class_name", sort=False):
        line = line.sort_values("position")
        look = {"color": shades.get(name, "0.8"), "zorder": 2 if name in shades else 1}
        label = name if name in shades else None
        axes.plot(line["position"], line["probability"], label=label, **look)
    # Half an image beyond both ends, as in the strip above.
    pad = 0.5 / (N_IMAGES - 1)
    axes.set(xlim=(-pad, 1 + pad), ylim=(-0.03, 1.03))
    axes.set(ylabel="probability", xlabel="fraction of the path")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2, handlelength=1.0)


def colours(rows: pd.DataFrame) -> dict[str, str]:
    """A colour for the classes at the ends, and for others by their highest probability."""
    ends = list(dict.fromkeys([rows["class_a"].iloc[0], rows["class_b"].iloc[0]]))
    highest = rows.groupby("class_name")["probability"].max().sort_values(ascending=False)
    others = [name for name in highest[highest >= SHOWN].index if name not in ends]
    return dict(zip([*ends, *others], OTHERS, strict=False))


def _spectra(axes: Axes, rows: pd.DataFrame) -> None:
    panels.title(axes, "c", "spectra")
    if rows.empty:
        panels.empty(axes, "no path was measured")
        return
    for kind, line in rows.groupby("kind"):
        line = line.sort_values("relative_frequency")
        look = {"color": COLOURS[kind], "label": KINDS[kind]}
        axes.plot(line["relative_frequency"], line["magnitude"], **look)
    style.log_axis(axes)
    path_spectra.frequency_axis(axes, *shaded(rows))
    axes.set_ylabel("DFT magnitude")
    axes.legend()


def shaded(spectra: pd.DataFrame) -> tuple[float, float]:
    """Where the bins that count as high begin and end, half a bin beyond them.

    Of two paths with different numbers of bins the part that they share.
    """
    ends = []
    for _, path in spectra.groupby("kind"):
        frequency = path["relative_frequency"].sort_values()
        half = (frequency.iloc[1] - frequency.iloc[0]) / 2
        counted = path.loc[path["counts_as_high"].astype(bool), "relative_frequency"]
        ends.append((counted.min() - half, counted.max() + half))
    lows, highs = zip(*ends, strict=True)
    return max(lows), min(highs)


def _counts_text(spectra: pd.DataFrame) -> str:
    """How many bins that is, of how many: ", bins 4 to 31 of 0 to 32"."""
    texts = []
    for kind, path in spectra.groupby("kind", sort=False):
        flags = path.sort_values("relative_frequency")["counts_as_high"].astype(bool).to_numpy()
        at = flags.nonzero()[0]
        if len(at):
            texts.append((KINDS[kind], f"bins {at[0]} to {at[-1]} of 0 to {len(flags) - 1}"))
    counts = {text for _, text in texts}
    if len(counts) == 1:
        return f", {counts.pop()}"
    return "".join(f", {kind} {text}" for kind, text in texts)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the classes of both paths, and how paths are measured."""
    found = path_spectra.facts(context["settings"]["cifar10"])
    for kind, letter in LETTERS.items():
        rows = data[data["panel"] == letter]
        text = "within a class" if kind == "within" else "between two classes"
        if len(rows):
            first, second = rows[["class_a", "class_b"]].iloc[0]
            text = f"within {first}" if kind == "within" else f"between {first} and {second}"
        found[f"{kind}_text"] = text
    counts_text = _counts_text(data[data["panel"] == "c"])
    return found | {"shown_percent": f"{100 * SHOWN:g}", "counts_text": counts_text}
