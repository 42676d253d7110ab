"""Figure 14: a delta and its spectrum."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.figures import panels, style

TITLE = "The target of the depth, width and clip experiments: a delta"
TABLES = ("delta_target", "delta_target_spectrum")
CAPTION = """\
Figure 14 of Rahaman et al. (2019). (a) The target: 1 at z = {delta[position]}, 0 at the other \
points z_j = j/N, N = {delta[n_points]}. (b) Its spectrum |f~(k)| (two-sided, f~(k) = (1/N) sum \
f(z_j) exp(-2 pi i k j/N)) at every integer k below N/2: 1/N = {magnitude} at all of them, so that \
every frequency asks for the same amplitude. Nothing is trained here."""

COLUMNS = ["panel", "source", "z", "target", "frequency", "magnitude"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of panel a (z, target) and of panel b (frequency, magnitude)."""
    parts = [tables[name].assign(panel=panel) for name, panel in zip(TABLES, "ab", strict=True)]
    return pd.concat(parts, ignore_index=True).assign(source="target")[COLUMNS]


def draw(data: pd.DataFrame) -> Figure:
    """Figure 14 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b"]], height=1.9)
    target, spectrum = (data[data["panel"] == panel] for panel in "ab")
    axes["a"].plot(target["z"], target["target"], color=style.TARGET)
    axes["a"].set(xlim=(0, 1), xlabel="input $z$", ylabel="target")
    axes["b"].plot(spectrum["frequency"], spectrum["magnitude"], color=style.TARGET)
    axes["b"].set(xlabel="frequency $k$", ylabel=r"$|\tilde{f}(k)|$")
    axes["b"].set_ylim(0, 2 * spectrum["magnitude"].max())
    axes["b"].margins(x=0)
    for letter in "ab":
        panels.title(axes[letter], letter)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption fact: the constant magnitude."""
    return {"magnitude": 1 / context["settings"]["delta"]["n_points"]}
