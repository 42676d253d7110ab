"""Figure 1: noise fitting explained on one wave."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.figures import panels, style

TITLE = "Noise fitting shows when, and how readily, a wave in the labels is fitted"
TABLES = ("noise_fitting", "wave_fits")
CAPTION = f"""\
Figure 1 of Fridovich-Keil et al. (2021), and the parts of noise fitting. A network is trained on \
labels with a radial wave of frequency f = {{frequency}}, and for comparison on labels smoothed as \
much for every image (even). {noise_curves.NOISE} (a) Training loss, on the labels with the wave; \
(b) test loss on labels with the wave; (c) test loss on labels without it; (d) noise fitting, (c) \
minus (b). Grey: its minimum, by which the paper compares networks and \
frequencies{{minimum_text}}. {noise_curves.PARTS} (e) Confidence, (f) covariance; the sum is (d). \
Vertical line in (f): the onset, from which on the covariance stays above the floor, the dashed \
line, by three of its standard deviations{{onset_text}}. {noise_curves.MINIMUM} Here ({{scale}} \
scale): {{baseline_text}}; {{seeds_text}}. {{deviations}} The paper shows panels (a) to (d) too; \
the comparison is ours."""

PANELS = {
    "a": ("training_loss", "training loss"),
    "b": ("noisy_test_loss", "noisy test loss"),
    "c": ("clean_test_loss", "clean test loss"),
    "d": ("noise_fitting", "noise fitting"),
    "e": ("confidence_term", "its part confidence"),
    "f": ("covariance_term", "its part covariance, the fit of the wave"),
}
LOOKS: dict[str, dict[str, Any]] = {
    "even": {"colour": "0.45", "linestyle": "--", "label": "even smoothing"},
    "wave": {"colour": style.OURS, "label": "the wave"},
}
VALUES = [value for value, _ in PANELS.values()]
COLUMNS = [
    *("panel", "source", "labels", "frequency", "n_networks", "epoch"),
    *(f"{value}{end}" for value in VALUES for end in ("", "_low", "_high")),
    "onset",
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Curves (panel "curves", one row for each epoch) and the minimum (panel "minimum")."""
    curves, fits = tables["noise_fitting"], tables["wave_fits"]
    if curves.empty:
        return pd.DataFrame(columns=COLUMNS)
    seeds = curves.groupby("labels")["run"].nunique()
    # The same networks on even labels are the floor of every training on the wave.
    once = noise_curves.thinned_epochs(curves.drop_duplicates(["run", "epoch"]))
    means = noise_curves.summary(once, ["labels", "frequency", "epoch"], VALUES)
    means = means.assign(panel="curves", n_networks=means["labels"].map(seeds))
    minimum = fits.rename(columns={"dip_epoch": "epoch"})
    minimum = noise_curves.summary(minimum, ["frequency"], ["noise_fitting", "epoch", "onset"])
    minimum = minimum.assign(panel="minimum", labels="wave", n_networks=len(fits))
    together = pd.concat([means, minimum], ignore_index=True).assign(source="ours")
    return together.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 1 from the table made by `drawn`."""
    mosaic = [["a", "b", "c", "d"], ["e", "e", "f", "f"]]
    figure, axes = style.new_figure(mosaic, height=3.7)
    curves, minimum = (data[data["panel"] == name] for name in ("curves", "minimum"))
    for letter, (value, label) in PANELS.items():
        panels.title(axes[letter], letter, label)
        if curves.empty:
            panels.empty(axes[letter], "no network was\ntrained on a wave")
            continue
        _curves(axes[letter], curves, value)
        _marks(axes[letter], minimum, value)
        noise_curves.epoch_axis(axes[letter])
    if not curves.empty:
        axes["e"].legend(title="trained on", loc="upper right")
    return figure


def _curves(axes: Axes, curves: pd.DataFrame, value: str) -> None:
    for labels, look in LOOKS.items():
        rows = curves[curves["labels"] == labels]
        if not rows.empty:
            noise_curves.epoch_curve(axes, rows, value, **look)


def _marks(axes: Axes, minimum: pd.DataFrame, value: str) -> None:
    """A grey line at the minimum, with its height for noise fitting; at the onset in its panel."""
    for point in minimum.itertuples():
        where = point.onset if value == "covariance_term" else point.epoch
        if pd.notna(where):
            axes.axvline(where, color="0.6", linewidth=0.7, linestyle=":", zorder=0)
        if value == "noise_fitting":
            axes.axhline(point.noise_fitting, color="0.6", linewidth=0.9, zorder=0)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: frequency, the minimum and its epoch, the onset, number of networks."""
    settings = context["settings"]["cifar10"]
    minimum = data[data["panel"] == "minimum"]
    texts, seeds, frequency = {"minimum_text": "", "onset_text": ""}, 0, "none measured"
    if not minimum.empty:
        row = minimum.iloc[0]
        text = " (none here: the losses of some network are not finite)"
        if pd.notna(row["noise_fitting"]):
            text = f" (here {row['noise_fitting']:.2f} at epoch {row['epoch']:.0f}, dotted)"
        onset = " (here some network has none)"
        if pd.notna(row["onset"]):
            onset = f" (here epoch {row['onset']:.1f} on average)"
        texts = {"minimum_text": text, "onset_text": onset}
        seeds, frequency = int(row["n_networks"]), row["frequency"]
    shared = noise_curves.facts(settings, seeds, noise_curves.RADIAL, length=True)
    return {**shared, **texts, "frequency": frequency}
