"""Figure 26, of our own: the Lipschitz constant and its bounds while sinusoids are fitted."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.figures import panels, style

TITLE = "How loose the bounds on the Lipschitz constant are while frequencies are fitted"
TABLES = ("lipschitz_chain",)
CAPTION = """\
Rahaman et al. (2018), Eq. 7: the frequencies of a network are bounded by its Lipschitz constant, \
this by the product of the spectral norms of its layers, and that by ||theta||_inf^L times the \
square roots of the layers' sizes, with the largest parameter ||theta||_inf and L linear layers. \
This figure is ours ({scale} scale). Networks of Experiment 1 with equal amplitudes: \
{sinusoids[network][depth]} linear layers of width {sinusoids[network][width]}, k = \
{sinusoids[frequencies]}, {sinusoids[n_points]} points, learning rate \
{sinusoids[learning_rate]}, {sinusoids[n_runs]} networks; parameters kept at iterations \
{sinusoids[parameters_at]}. (a) The chain, geometric mean over networks, band from the lowest to \
the highest: the largest slope on [0, 1] (exact, from the breakpoints), its bounds, and the slope \
that the spectrum on the points asks for without any further assumption (about pi k times the \
amplitude at k, largest over k); dotted: Lipschitz constant of the target. (b) How loose each \
step is: ratio of each member of the chain to the one before. (c) Largest slope over the highest \
frequency that has reached half of its amplitude so far, a line for each network; dashed: 2 pi k, \
the slope of a single sine of that frequency. {found}"""

CHAIN = {
    "bound": "bound by largest parameter",
    "norms": "product of spectral norms",
    "lipschitz": "Lipschitz constant",
    "spectrum": "asked for by the spectrum",
}
COLOURS = dict(zip(CHAIN, (*style.CATEGORIES[4:6], style.OURS, style.LEARNT), strict=True))
STEPS = {
    "bound": ("norms", "bound / product of norms"),
    "norms": ("lipschitz", "product of norms / Lipschitz"),
    "lipschitz": ("spectrum", "Lipschitz / asked for"),
}
COLUMNS = [
    *("panel", "source", "quantity", "iteration", "member", "frequency"),
    *("value", "value_low", "value_high"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """What Figure 26 draws; cells that do not apply to a row are empty.

    Panels a (members of the chain, and target) and b (ratios, by their larger member): value by
    quantity and iteration, geometric mean, lowest and highest network. Panel c: value (largest
    slope) by member and highest fitted frequency, which is above 0.
    """
    table = tables["lipschitz_chain"]
    parts = [_summary(table, table[name], name, "a") for name in (*CHAIN, "target")]
    for name, (below, _) in STEPS.items():
        ratio = table[name] / table[below].where(table[below] > 0)
        parts.append(_summary(table, ratio, name, "b"))
    fitted = table[table["frequency"] > 0]
    slopes = fitted[["iteration", "member", "frequency"]].assign(
        value=fitted["lipschitz"], panel="c", quantity="lipschitz"
    )
    data = pd.concat([*parts, slopes], ignore_index=True)
    return data.assign(source="ours").reindex(columns=COLUMNS)


def _summary(table: pd.DataFrame, values: pd.Series, name: str, panel: str) -> pd.DataFrame:
    logs = np.log(values.where(values > 0)).groupby(table["iteration"])
    columns = {"value": logs.mean(), "value_low": logs.min(), "value_high": logs.max()}
    return np.exp(pd.DataFrame(columns)).reset_index().assign(quantity=name, panel=panel)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 26 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b", "c"]], height=2.9)
    chain = data[data["panel"] == "a"]
    _curves(axes["a"], chain, CHAIN, "slope per unit of $z$")
    target = chain[chain["quantity"] == "target"]["value"]
    if len(target):
        axes["a"].axhline(target.iloc[0], linestyle=":", color=style.BASELINE, linewidth=0.8)
    names = {name: text for name, (_, text) in STEPS.items()}
    _curves(axes["b"], data[data["panel"] == "b"], names, "ratio")
    axes["b"].axhline(1, color=style.BASELINE, linewidth=0.6)
    _slopes(axes["c"], data[data["panel"] == "c"])
    for letter, panel in axes.items():
        panels.title(panel, letter)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: how loose each step is at the first and the last iteration."""
    ratios = data[data["panel"] == "b"].dropna(subset="value")
    texts = []
    for name, (_, text) in STEPS.items():
        rows = ratios[ratios["quantity"] == name].sort_values("iteration")
        if len(rows):
            texts.append(f"{text} from {rows['value'].iloc[0]:.2g} to {rows['value'].iloc[-1]:.2g}")
    return {"found": f"From the first to the last iteration: {'; '.join(texts)}."}


def _curves(axes: Axes, rows: pd.DataFrame, names: Mapping[str, str], label: str) -> None:
    for name, text in names.items():
        curve = rows[rows["quantity"] == name].dropna(subset="value")
        panels.curve(axes, curve, "value", COLOURS[name], label=text, marker="o", markersize=2)
    after = rows.loc[rows["iteration"] > 0, "iteration"]
    axes.set_xscale("symlog", linthresh=after.min() if len(after) else 1)
    axes.set(yscale="log", xlabel="training iteration", ylabel=label)
    top = rows["value_high"].max()
    if np.isfinite(top):
        # Room for the legend within the panel.
        axes.set_ylim(top=top * (top / rows["value_low"].min()) ** 0.5)
    axes.legend(loc="upper left", handlelength=1.0, borderaxespad=0.2)


def _slopes(axes: Axes, rows: pd.DataFrame) -> None:
    if rows.empty:
        panels.empty(axes, "no frequency is fitted")
        return
    for _, curve in rows.groupby("member"):
        curve = curve.sort_values("iteration")
        look = {"color": COLOURS["lipschitz"], "alpha": 0.5, "linewidth": 0.8}
        axes.plot(curve["frequency"], curve["value"], marker="o", markersize=2, **look)
    k = np.array([rows["frequency"].min(), rows["frequency"].max()])
    axes.plot(k, 2 * np.pi * k, "--", color=style.BASELINE, linewidth=0.8, label=r"$2 \pi k$")
    axes.set(xscale="log", yscale="log", xlabel="highest fitted frequency $k$")
    axes.set_ylabel("Lipschitz constant")
    axes.set_xticks(_apart(sorted(rows["frequency"].unique())))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda *_: "")
    axes.legend(loc="upper left")


def _apart(values: Sequence[float]) -> list[float]:
    """Those of increasing values that are far enough from the last kept one to be labelled."""
    kept = [values[0]]
    for value in values[1:]:
        if value > 1.3 * kept[-1]:
            kept.append(value)
    return kept
