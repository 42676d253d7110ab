"""Figure 4: frequency within and between classes while a network is trained."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from spectral_bias.experiments.fridovichkeil2021 import path_spectra
from spectral_bias.experiments.fridovichkeil2021.path_spectra import COLOURS, KINDS
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Training time: frequency within and between classes"
TABLES = ("interpolation_spectra", "interpolation_fractions", "interpolation_summary")
CAPTION = f"""\
Function frequency over training time in the experiments of Fridovich-Keil et al. (2021), whose \
abstract says that what raises test accuracy gives higher frequencies overall and lower ones near \
the examples of each class. {path_spectra.PATHS} (a, b) Mean spectra of paths within classes and \
between them after several epochs; shaded: the band that counts as high. (c) High-frequency \
fraction, the sum of the magnitudes above {{high}} % of the band over the sum of all, mean over \
{{pairs_text}}, band of one standard deviation over them; (d) test accuracy{{shift_text}}. One \
network, {{cifar10[interpolation][n_pairs]}} paths for each pair of classes, at epochs \
{{epochs_text}} (0: untrained).

Here ({{scale}} scale): {{baseline_text}}. {{deviations}} The epochs are ours. {NUMBERED}"""

COLUMNS = [
    *("panel", "source", "epoch", "kind", "relative_frequency", "magnitude", "high"),
    *("n_class_pairs", "fraction", "fraction_low", "fraction_high"),
    *("test_accuracy", "shifted_accuracy"),
]
LETTERS = {"within": "a", "between": "b"}
LINEAR_UP_TO = 30


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Spectra (panels a, b), fractions (c) and accuracy (d) of the baseline at all its epochs."""
    settings = context["settings"]["cifar10"]
    run, high = settings["baseline"], settings["interpolation"]["high"]
    own = {name: tables[name][tables[name]["run"] == run] for name in TABLES}
    spectra = own["interpolation_spectra"].drop(columns="power", errors="ignore")
    spectra = spectra.assign(panel=spectra["kind"].map(LETTERS), high=high)
    values = own["interpolation_fractions"].groupby(["epoch", "kind"])["high_frequency_fraction"]
    fractions = pd.DataFrame({"fraction": values.mean(), "n_class_pairs": values.size()})
    spread = values.std()
    fractions["fraction_low"] = fractions["fraction"] - spread
    fractions["fraction_high"] = fractions["fraction"] + spread
    fractions = fractions.reset_index().assign(panel="c")
    accuracy = own["interpolation_summary"][["epoch", "test_accuracy", "shifted_accuracy"]]
    parts = [part for part in (spectra, fractions, accuracy.assign(panel="d")) if len(part)]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True).assign(source="ours").reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 4 from the table made by `drawn`."""
    mosaic = [["a", "b"], ["c", "d"]]
    figure, axes = style.new_figure(mosaic, height=3.9)
    spectra = data[data["relative_frequency"].notna()]
    shades = style.colours("iteration", spectra["epoch"])
    axes["b"].sharey(axes["a"])
    for kind, letter in LETTERS.items():
        panels.title(axes[letter], letter, KINDS[kind])
        _spectra(axes[letter], spectra[spectra["panel"] == letter], shades)
    above = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.05), "borderaxespad": 0.1}
    if shades:
        axes["b"].legend(title="epoch", handlelength=1.0, labelspacing=0.3, **above)
    _fractions(axes["c"], data[data["panel"] == "c"])
    _accuracy(axes["d"], data[data["panel"] == "d"])
    return figure


def _spectra(axes: Axes, rows: pd.DataFrame, shades: Mapping[float, str]) -> None:
    if rows.empty:
        panels.note(axes, "not measured")
        return
    for epoch, line in rows.groupby("epoch"):
        line = line.sort_values("relative_frequency")
        look = {"color": shades[epoch], "label": f"{epoch:g}", "linewidth": 0.9}
        axes.plot(line["relative_frequency"], line["magnitude"], **look)
    style.log_axis(axes)
    path_spectra.frequency_axis(axes, rows["high"].iloc[0])
    axes.set_ylabel("mean DFT magnitude")


def _fractions(axes: Axes, rows: pd.DataFrame) -> None:
    panels.title(axes, "c", "high-frequency fraction")
    if rows.empty:
        panels.empty(axes, "not measured")
        return
    for kind in KINDS:
        curve = rows[rows["kind"] == kind].rename(columns={"epoch": "iteration"})
        look = {"label": KINDS[kind], "marker": "o", "markersize": 3}
        panels.curve(axes, curve, "fraction", COLOURS[kind], **look)
    epoch_axis(axes, rows["epoch"])
    axes.set_ylabel("high-frequency fraction")
    axes.legend()


def _accuracy(axes: Axes, rows: pd.DataFrame) -> None:
    panels.title(axes, "d", "test accuracy")
    if rows.empty:
        panels.empty(axes, "not measured")
        return
    rows = rows.sort_values("epoch")
    look = {"color": style.BASELINE, "marker": "o", "markersize": 3}
    axes.plot(rows["epoch"], rows["test_accuracy"], label="test images", **look)
    if rows["shifted_accuracy"].notna().any():
        look |= {"linestyle": "--", "markerfacecolor": "white"}
        axes.plot(rows["epoch"], rows["shifted_accuracy"], label="shifted", **look)
        axes.legend(loc="lower right")
    epoch_axis(axes, rows["epoch"])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}"))
    axes.set_ylabel("test accuracy (%)")


def epoch_axis(axes: Axes, epochs: pd.Series) -> None:
    """Labels a horizontal axis of epochs; for many of them logarithmic beyond the first."""
    ticks = sorted(epochs.unique())
    if max(ticks) > LINEAR_UP_TO:
        axes.set_xscale("symlog", linthresh=1, linscale=0.4)
        # Each well beyond the one before, so that labels do not touch.
        kept = [ticks[0]]
        for tick in ticks[1:]:
            if tick >= 1.6 * kept[-1]:
                kept.append(tick)
        axes.set_xticks(kept, [f"{tick:g}" for tick in kept])
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))
    axes.set_xlabel("epoch")


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: pairs of classes, epochs, and how paths are measured."""
    settings = context["settings"]["cifar10"]
    pairs = data.dropna(subset="n_class_pairs").groupby("kind")["n_class_pairs"].max()
    counts = [
        f"{int(pairs[kind])} {words}"
        for kind, words in (("within", "classes"), ("between", "pairs of classes"))
        if kind in pairs
    ]
    epochs = sorted(int(epoch) for epoch in data["epoch"].dropna().unique())
    shifted = data["shifted_accuracy"].notna().any()
    return {
        **path_spectra.facts(settings),
        "pairs_text": " and ".join(counts) or "pairs of classes",
        "epochs_text": ", ".join(map(str, epochs)) or "none",
        "shift_text": ", dashed on images of another distribution" if shifted else "",
    }
