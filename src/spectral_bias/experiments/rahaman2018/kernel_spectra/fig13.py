"""Figure 13: training and validation loss around the dip, and the noise that is fitted."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.kernel_spectra import kernel_agreement, kernel_noise
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.agreement import Agreement
from spectral_bias.figures.summarise import every, over_members, thinned
from spectral_bias.reference import authors

TITLE = "The validation loss dips before the noise is fitted"
TABLES = ("kernel_loss", "kernel_shares")
CAPTION = f"""\
Figure 13 of Rahaman et al. (2019). {kernel_noise.NOISE}Mean squared error on the noised labels \
(training) and on the pure labels of the same images (validation) up to the last snapshot of \
Figure 5; band from the lowest to the highest run, {{every}} drawn without smoothing. Dotted: \
minimum of the mean validation loss, {{dips}}. (c) The authors' white noise on MNIST, one run, \
read off their picture, which ends at iteration 300; their validation losses are moved by one, so \
that iteration i is after i updates in all panels. (d, e; ours) Fraction of the noise that is \
fitted, psi~ . (f - tau_0)~ over |psi~|^2 within a quarter of the eigenvectors (0: pure target, \
1: noised target), at the recorded iterations; quarters with less than {{weakest}} of the noise \
are left out. \
{kernel_noise.NETWORKS} {{deviations}}"""

MOST_POINTS = 1000
WEAKEST = 0.1
SHARES = {"increasing": "d", "white": "e"}
LOOKS = {"training": style.TRAINING, "validation": style.VALIDATION}
COLUMNS = [
    *("panel", "source", "noise", "iteration", "curve", "mse", "mse_low", "mse_high"),
    *("quarter", "share", "share_low", "share_high", "power"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Losses in panels a to c, fractions of the noise in d and e; other cells are empty."""
    snapshots = context["settings"]["kernel_spectra"]["snapshots"]
    parts = []
    for noise, letter in kernel_noise.LETTERS.items():
        loss = _of_noise(tables["kernel_loss"], noise, max(snapshots[noise]))
        loss = over_members(thinned(loss, MOST_POINTS), ["noise", "iteration", "curve"], "mse")
        share = _of_noise(tables["kernel_shares"], noise, max(snapshots[noise]))
        power = share.groupby("quarter")["power"].mean()
        share = over_members(share, ["noise", "iteration", "quarter"], "share")
        share["power"] = share["quarter"].map(power)
        share = share[share["power"] >= WEAKEST]
        parts += [loss.assign(panel=letter), share.assign(panel=SHARES[noise])]
    ours = pd.concat(parts, ignore_index=True).assign(source="ours")
    return pd.concat([ours, _readings()], ignore_index=True).reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 13 from the table made by `drawn`: losses above, fractions of the noise below."""
    figure, axes = style.new_figure([["a", "b", "c"], ["d", "e", "key"]], height=3.8)
    for letter in "bc":
        axes[letter].sharey(axes["a"])
    axes["c"].sharex(axes["b"])
    axes["e"].sharey(axes["d"])
    for noise, letter in kernel_noise.LETTERS.items():
        losses = data[data["panel"] == letter]
        panels.title(axes[letter], letter, kernel_noise.TITLES[noise])
        _losses(axes[letter], losses)
        below = axes[SHARES[noise]]
        panels.title(below, SHARES[noise])
        _shares(below, data[data["panel"] == SHARES[noise]])
        below.set_xlim(axes[letter].get_xlim())
        for panel in (axes[letter], below) if len(losses) else ():
            dip = kernel_noise.validation_dip(losses)[0]
            panel.axvline(dip, color="0.4", linewidth=0.8, linestyle=":")
    theirs = data[data["panel"] == kernel_noise.AUTHORS_LETTER]
    panels.title(axes["c"], "c", kernel_noise.AUTHORS_TITLE)
    _losses(axes["c"], theirs)
    axes["c"].axvline(
        kernel_noise.validation_dip(theirs)[0], color="0.4", linewidth=0.8, linestyle=":"
    )
    axes["a"].set_ylabel("mean squared error")
    axes["d"].set_ylabel("fraction of noise fitted")
    _key(axes)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the dips, spacing of the drawn iterations, settings that are not theirs."""
    dips = []
    for noise, letter in kernel_noise.LETTERS.items():
        at, mse = kernel_noise.validation_dip(data[data["panel"] == letter])
        dips.append(f"{mse:.3g} at iteration {at:,.0f} ({noise} noise)")
    losses = data[(data["source"] == "ours") & data["curve"].notna()]
    return {
        **kernel_noise.noise_facts(context),
        "dips": ", ".join(dips),
        "every": every(losses),
        "weakest": f"{100 * WEAKEST:g} %",
        "deviations": deviations(context["settings"], "kernel_spectra"),
    }


def agreement(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> Agreement:
    """The losses under white noise beside the authors'."""
    table = tables["kernel_loss"]
    ours = table[table["noise"] == "white"]
    return kernel_agreement.losses(ours, _readings(), kernel_noise.not_theirs(context))


def _of_noise(table: pd.DataFrame, noise: str, last: int) -> pd.DataFrame:
    return table[(table["noise"] == noise) & (table["iteration"] <= last)]


def _readings() -> pd.DataFrame:
    """The authors' losses; their validation loss i was taken after update i + 1."""
    read = authors("rahaman2018", "kernel_white_noise_loss")
    return read.assign(
        panel=kernel_noise.AUTHORS_LETTER,
        source="authors",
        noise="white",
        iteration=read["iteration"] + (read["curve"] == "validation"),
    ).rename(columns={"mse_min": "mse_low", "mse_max": "mse_high"})


def _losses(axes: Axes, rows: pd.DataFrame) -> None:
    style.log_axis(axes)
    style.iteration_axis(axes)
    for curve, colour in LOOKS.items():
        panels.curve(axes, rows[rows["curve"] == curve], "mse", colour, label=curve)
    axes.margins(x=0)


def _shares(axes: Axes, rows: pd.DataFrame) -> None:
    shades = style.colours("frequency", range(1, 5))
    for quarter, line in rows.groupby("quarter"):
        panels.curve(axes, line, "share", shades[int(quarter)], label=f"{quarter:g}")
    style.iteration_axis(axes)
    for level in (0, 1):
        axes.axhline(level, color="0.8", linewidth=0.6, zorder=0)


def _key(axes: Mapping[str, Axes]) -> None:
    axes["key"].set_axis_off()
    place = {"loc": "upper left", "borderaxespad": 0.0, "alignment": "left"}
    curves, _ = axes["a"].get_legend_handles_labels()
    panels.legend(axes["key"], curves, title="above: mean squared error", **place)
    quarters, _ = axes["e"].get_legend_handles_labels()
    title = "below: quarter of the eigenvectors\n(1: largest eigenvalues)"
    panels.legend(axes["key"], quarters, title=title, bbox_to_anchor=(0.0, 0.65), **place)
