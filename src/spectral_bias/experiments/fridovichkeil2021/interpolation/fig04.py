"""Figure 4: frequency within and between classes while networks are trained."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from spectral_bias.experiments.fridovichkeil2021 import path_spectra
from spectral_bias.experiments.fridovichkeil2021.axis_labels import accuracy_axis
from spectral_bias.experiments.fridovichkeil2021.fractions import FRACTIONS
from spectral_bias.experiments.fridovichkeil2021.path_spectra import COLOURS, KINDS, MEASURES
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, published, style
from spectral_bias.figures.summarise import over_members

TITLE = "Training time: frequency within and between classes"
TABLES = ("interpolation_spectra", "interpolation_summary")
CAPTION = f"""\
Function frequency over training time in the experiments of Fridovich-Keil et al. (2021), whose \
abstract says that what raises test accuracy gives higher frequencies overall and lower ones near \
the examples of each class. {path_spectra.PATHS} (a, b) Mean spectra of one network's paths within \
classes and between them after several epochs; shaded: about the band that counts as high. \
(c) Test accuracy{{shift_text}}. (d, e) The measure of the code released with the paper: power \
spectra of the distance of the probabilities at t from those at the start of the path, \
||p(t) - p(0)||_2, of the same network. (f) Confidence: probability of an image's own class at \
the paths' ends, mean over paths. (g, h) High-frequency fraction; three measures. Raw: \
{path_spectra.FRACTION} The jump between the two ends of a path, which is larger the surer a \
network is of two classes, leaks into all bins; ours beside it: the same fraction of probabilities \
under a Hann window, and without the straight line between a path's first and last point. (i) Raw \
fraction against test accuracy; a line joins the epochs from the first on, large: the last. \
{{cloud}}{{n_text}} \
{path_spectra.COUNTS}, the same for all networks and epochs: {{epochs_text}} (0: untrained).

Here ({{scale}} scale): {{baseline_text}}. {{deviations}} The epochs are ours. {NUMBERED}"""

COLUMNS = [
    *("panel", "source", "run", "epoch", "n_runs"),
    *("kind", "relative_frequency", "magnitude", "power", "high"),
    *("measure", "fraction", "fraction_low", "fraction_high"),
    *("confidence", "confidence_low", "confidence_high"),
    *("test_accuracy", "test_accuracy_low", "test_accuracy_high"),
    *("shifted_accuracy", "shifted_accuracy_low", "shifted_accuracy_high"),
    *("accuracy", "within_fraction", "between_fraction"),
]
MAGNITUDE = {"within": "a", "between": "b"}
POWER = {"within": "d", "between": "e"}
OVER_TIME = {"within": "g", "between": "h"}
LOOKS = {
    "raw": {"linestyle": "-", "marker": "o"},
    "hann": {"linestyle": "--", "marker": "s"},
    "chord_free": {"linestyle": ":", "marker": "^"},
}
LINEAR_UP_TO = 30


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Spectra of one training (panels a, b, d, e), and means over all of them (c, f to i)."""
    high = context["settings"]["cifar10"]["interpolation"]["high"]
    parts = [*_spectra_rows(tables["interpolation_spectra"], high)]
    summary = tables["interpolation_summary"]
    if len(summary):
        parts += _mean_rows(summary)
    parts = [part.assign(source="ours") for part in parts]
    if len(summary):
        cloud = published.published_cloud(context["settings"]["cifar10"])
        cloud = cloud.rename(columns={"test_accuracy": "accuracy"}).drop(columns="shifted_accuracy")
        parts.append(cloud.assign(panel="i", source=published.SOURCE))
    wide = [part.reindex(columns=COLUMNS).astype(object) for part in parts if len(part)]
    if not wide:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(wide, ignore_index=True).infer_objects()


def _spectra_rows(spectra: pd.DataFrame, high: float) -> Iterator[pd.DataFrame]:
    if spectra.empty:
        return
    for value, letters in (("magnitude", MAGNITUDE), ("power", POWER)):
        other = {"magnitude": "power", "power": "magnitude"}[value]
        rows = spectra.drop(columns=other).assign(panel=spectra["kind"].map(letters))
        yield rows.assign(high=high if value == "magnitude" else None)


def _mean_rows(summary: pd.DataFrame) -> list[pd.DataFrame]:
    parts = []
    accuracy = _over_runs(summary, "test_accuracy")
    if summary["shifted_accuracy"].notna().any():
        shifted = _over_runs(summary, "shifted_accuracy").drop(columns="n_runs")
        accuracy = accuracy.merge(shifted, on="epoch")
    parts.append(accuracy.assign(panel="c"))
    for kind in KINDS:
        confidence = summary.assign(confidence=summary[f"{kind}_confidence"])
        parts.append(_over_runs(confidence, "confidence").assign(panel="f", kind=kind))
        for measure, name in FRACTIONS.items():
            values = summary.assign(fraction=summary[f"{kind}_{name}"])
            rows = _over_runs(values, "fraction")
            parts.append(rows.assign(panel=OVER_TIME[kind], kind=kind, measure=measure))
    means = summary.groupby("epoch")[["test_accuracy", "within_fraction", "between_fraction"]]
    path = means.mean().reset_index().rename(columns={"test_accuracy": "accuracy"})
    parts.append(path.assign(panel="i", n_runs=summary["run"].nunique()))
    return parts


def _over_runs(summary: pd.DataFrame, value: str) -> pd.DataFrame:
    """epoch, n_runs, and the mean of `value` over trainings with one standard deviation around."""
    found = over_members(summary, ["epoch"], value, std=True)
    spread = found.pop(f"{value}_std")
    runs = summary.groupby("epoch")["run"].nunique()
    ends = {f"{value}_low": found[value] - spread, f"{value}_high": found[value] + spread}
    return found.assign(**ends, n_runs=found["epoch"].map(runs))


def draw(data: pd.DataFrame) -> Figure:
    """Figure 4 from the table made by `drawn`."""
    figure, axes = style.new_figure([list("abc"), list("def"), list("ghi")], height=5.9)
    spectra = data[data["relative_frequency"].notna()]
    shades = style.colours("iteration", spectra["epoch"])
    for value, letters in (("magnitude", MAGNITUDE), ("power", POWER)):
        axes[letters["between"]].sharey(axes[letters["within"]])
        for kind, letter in letters.items():
            text = KINDS[kind] if value == "magnitude" else f"{kind}: $||p(t) - p(0)||_2$"
            panels.title(axes[letter], letter, text)
            _spectra(axes[letter], spectra[spectra["panel"] == letter], value, shades)
    _accuracy(axes["c"], data[data["panel"] == "c"])
    _confidence(axes["f"], data[data["panel"] == "f"])
    for kind, letter in OVER_TIME.items():
        panels.title(axes[letter], letter, KINDS[kind])
        _fractions(axes[letter], data[data["panel"] == letter], COLOURS[kind])
    _against_accuracy(axes["i"], data[data["panel"] == "i"])
    looks = {"color": "0.3", "markersize": 2.8}
    handles = [Line2D([], [], label=MEASURES[name], **looks, **LOOKS[name]) for name in LOOKS]
    title = Line2D([], [], linestyle="none", label="g, h:")
    figure.legend(handles=[title, *handles], loc="outside lower center", ncols=4)
    if shades:
        handles, labels = axes["a"].get_legend_handles_labels()
        where = {"loc": "outside upper center", "ncols": len(labels) + 1}
        figure.legend([title, *handles], ["epoch", *labels], handlelength=1.0, **where)
    return figure


def _spectra(axes: Axes, rows: pd.DataFrame, value: str, shades: Mapping[float, str]) -> None:
    if rows.empty:
        panels.note(axes, "not measured")
        return
    for epoch, line in rows.groupby("epoch"):
        line = line.sort_values("relative_frequency")
        look = {"color": shades[epoch], "label": f"{epoch:g}", "linewidth": 0.9}
        axes.plot(line["relative_frequency"], line[value].astype(float), **look)
    style.log_axis(axes)
    counts = value == "magnitude"
    path_spectra.frequency_axis(axes, rows["high"].iloc[0] if counts else 1.0)
    axes.set_ylabel("mean DFT magnitude" if counts else "mean power")


def _accuracy(axes: Axes, rows: pd.DataFrame) -> None:
    panels.title(axes, "c", "test accuracy")
    if rows.empty:
        panels.empty(axes, "not measured")
        return
    _curve(axes, rows, "test_accuracy", style.BASELINE, "o", label="test images")
    if rows["shifted_accuracy"].notna().any():
        look = {"linestyle": "--", "markerfacecolor": "white", "label": "shifted"}
        _curve(axes, rows, "shifted_accuracy", style.BASELINE, "o", **look)
        axes.legend(loc="lower right")
    epoch_axis(axes, rows["epoch"])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}"))
    axes.set_ylabel("test accuracy (%)")


def _confidence(axes: Axes, rows: pd.DataFrame) -> None:
    panels.title(axes, "f", "confidence at the ends")
    if rows.empty:
        panels.empty(axes, "not measured")
        return
    for kind, marker in zip(KINDS, "os", strict=True):
        own = rows[rows["kind"] == kind]
        _curve(axes, own, "confidence", COLOURS[kind], marker, label=KINDS[kind])
    epoch_axis(axes, rows["epoch"])
    axes.set_ylabel("mean probability")
    axes.legend(loc="lower right")


def _fractions(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    if rows.empty:
        panels.empty(axes, "not measured")
        return
    for measure, name in MEASURES.items():
        own = rows[(rows["measure"] == measure) & rows["fraction"].notna()]
        if len(own):
            _curve(axes, own, "fraction", colour, label=name, **LOOKS[measure])
    epoch_axis(axes, rows["epoch"])
    axes.set_ylim(bottom=0)
    axes.margins(y=0.1)
    axes.set_ylabel("high-frequency fraction")


def _curve(
    axes: Axes, rows: pd.DataFrame, value: str, colour: str, marker: str, **look: Any
) -> None:
    columns = ["epoch", value, f"{value}_low", f"{value}_high"]
    curve = rows[columns].astype(float).rename(columns={"epoch": "iteration"})
    panels.curve(axes, curve, value, colour, marker=marker, markersize=2.8, **look)


def _against_accuracy(axes: Axes, rows: pd.DataFrame) -> None:
    """Epochs joined by a line; the untrained network, which has learnt nothing, is left out."""
    panels.title(axes, "i", "raw fraction and accuracy")
    cloud = rows[rows["source"] == published.SOURCE]
    rows = rows[rows["epoch"] > 0].sort_values("epoch")
    if rows.empty:
        panels.empty(axes, "not measured")
        return
    for kind, marker in zip(KINDS, "os", strict=True):
        x, y = rows["accuracy"].astype(float), rows[f"{kind}_fraction"].astype(float)
        published.draw_cloud(axes, cloud, "accuracy", f"{kind}_fraction")
        look = {"color": COLOURS[kind], "marker": marker, "markersize": 2.8, "zorder": 3}
        axes.plot(x, y, label=KINDS[kind], **look)
        axes.plot(x.iloc[-1:], y.iloc[-1:], **look | {"markersize": 5})
    axes.margins(0.08)
    axes.set_ylim(bottom=0)
    accuracy_axis(axes)
    axes.set_ylabel("high-frequency fraction")


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
    """Caption facts: networks, epochs, and how paths are measured."""
    settings = context["settings"]["cifar10"]
    # These trainings have a length of their own.
    settings = settings | {"epochs": settings["trajectory"]["epochs"] or settings["epochs"]}
    epochs = sorted(int(epoch) for epoch in data["epoch"].dropna().unique())
    shifted = data["shifted_accuracy"].notna().any()
    runs = data["n_runs"].max()
    n_text = "One network."
    if runs > 1:
        n_text = (
            f"Panels a, b, d, e: one network; the others: mean over {runs:.0f} networks that "
            "differ in their seed, with a band of one standard deviation."
        )
    return {
        **path_spectra.facts(settings),
        "n_text": n_text,
        "cloud": _cloud_text(data[data["panel"] == "i"]),
        "epochs_text": ", ".join(map(str, epochs)) or "none",
        "shift_text": ", dashed on images of another distribution" if shifted else "",
    }


def _cloud_text(rows: pd.DataFrame) -> str:
    """What the caption says of published networks, and how far our epochs are off them."""
    if not rows["source"].eq(published.SOURCE).any():
        return ""
    ours = rows[(rows["source"] == "ours") & (rows["epoch"] > 0)]
    points = ours.assign(test_accuracy=ours["accuracy"])
    text = published.agreement_text(published.distances(points))
    return f"{published.CAPTION} {text} "
