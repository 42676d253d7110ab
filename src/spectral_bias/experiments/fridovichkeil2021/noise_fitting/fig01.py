"""Figure 1: noise fitting explained on one wave."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.figures import panels, style

TITLE = "Noise fitting shows when, and how readily, a wave in the labels is fitted"
TABLES = ("noise_fitting", "noise_minima")
CAPTION = f"""\
Figure 1 of Fridovich-Keil et al. (2021). A network is trained on labels with a radial wave of \
frequency f = {{frequency}}, and for comparison on labels smoothed as much for every image \
(uniform) and on the true ones. {noise_curves.NOISE} (a) Training loss, on the labels with the \
wave; (b) test loss on labels with the wave; (c) test loss on labels without it; (d) noise \
fitting, (c) minus (b). Grey: its minimum, by which networks and frequencies are \
compared{{minimum_text}}. {noise_curves.MINIMUM} Here ({{scale}} scale): {{baseline_text}}; \
{{seeds_text}}. {{deviations}} The paper shows these four panels too; the comparisons are ours."""

PANELS = {
    "a": ("training_loss", "training loss"),
    "b": ("noisy_test_loss", "noisy test loss"),
    "c": ("clean_test_loss", "clean test loss"),
    "d": ("noise_fitting", "noise fitting"),
}
LOOKS: dict[str, dict[str, Any]] = {
    "true labels": {"colour": style.BASELINE, "linestyle": ":", "label": "true labels"},
    "uniform": {"colour": "0.45", "linestyle": "--", "label": "uniform"},
    "wave": {"colour": style.OURS, "label": "the wave"},
}
VALUES = [value for value, _ in PANELS.values()]
COLUMNS = [
    *("panel", "source", "labels", "frequency", "n_networks", "epoch"),
    *(f"{value}{end}" for value in VALUES for end in ("", "_low", "_high")),
]


def shown_frequency(table: pd.DataFrame, settings: Mapping[str, Any]) -> float | None:
    """The default frequency of the settings; the lowest measured one where it was not run."""
    own = noise_curves.trained(noise_curves.radial(table, settings))
    found = own["frequency"].unique()
    among = sorted(f for f in found if f in settings["wave"]["frequencies"])
    default = settings["single_class"]["frequency"]
    return default if default in among else min(among, default=None)


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Curves (panel "curves", one row for each epoch) and the minimum (panel "minimum")."""
    settings = context["settings"]["cifar10"]
    frequency = shown_frequency(tables["noise_fitting"], settings)
    if frequency is None:
        return pd.DataFrame(columns=COLUMNS)
    by = ["labels", "frequency", "epoch"]
    chosen = _at(tables["noise_fitting"], settings, frequency)
    curves = noise_curves.summary(noise_curves.thinned_epochs(chosen), by, VALUES)
    seeds = chosen.groupby("labels")["run"].nunique()
    curves = curves.assign(panel="curves", n_networks=curves["labels"].map(seeds))
    minima = noise_curves.trained(_at(tables["noise_minima"], settings, frequency))
    minimum = noise_curves.summary(minima, ["labels", "frequency"], ["noise_fitting", "epoch"])
    minimum = minimum.assign(panel="minimum", n_networks=minima["run"].nunique())
    together = pd.concat([curves, minimum], ignore_index=True).assign(source="ours")
    return together.reindex(columns=COLUMNS)


def _at(table: pd.DataFrame, settings: Mapping[str, Any], frequency: float) -> pd.DataFrame:
    rows = noise_curves.radial(table, settings)
    return rows[rows["frequency"] == frequency]


def draw(data: pd.DataFrame) -> Figure:
    """Figure 1 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(PANELS)], height=1.9)
    curves, minimum = (data[data["panel"] == name] for name in ("curves", "minimum"))
    for letter, (value, label) in PANELS.items():
        panels.title(axes[letter], letter, label)
        if curves.empty:
            panels.empty(axes[letter], "no network was\ntrained on a wave")
            continue
        _curves(axes[letter], curves, value)
        _minimum(axes[letter], minimum, value)
        noise_curves.epoch_axis(axes[letter])
    if not curves.empty:
        axes["c"].legend(title="trained on")
    return figure


def _curves(axes: Axes, curves: pd.DataFrame, value: str) -> None:
    for labels, look in LOOKS.items():
        rows = curves[curves["labels"] == labels]
        if not rows.empty:
            noise_curves.epoch_curve(axes, rows, value, **look)


def _minimum(axes: Axes, minimum: pd.DataFrame, value: str) -> None:
    """A grey line at the epoch of the minimum, and in the panel of noise fitting at its height."""
    for point in minimum.itertuples():
        axes.axvline(point.epoch, color="0.6", linewidth=0.7, linestyle=":", zorder=0)
        if value == "noise_fitting":
            axes.axhline(point.noise_fitting, color="0.6", linewidth=0.9, zorder=0)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: frequency, the minimum and its epoch, number of networks."""
    settings = context["settings"]["cifar10"]
    minimum = data[data["panel"] == "minimum"]
    text, seeds, frequency = "", 0, "none measured"
    if not minimum.empty:
        row = minimum.iloc[0]
        text = " (none here: the losses of some network are not finite)"
        if pd.notna(row["noise_fitting"]):
            text = f" (here {row['noise_fitting']:.2f} at epoch {row['epoch']:.0f}, dotted)"
        seeds, frequency = int(row["n_networks"]), row["frequency"]
    shared = noise_curves.facts(settings, seeds, noise_curves.RADIAL)
    return {**shared, "frequency": frequency, "minimum_text": text}
