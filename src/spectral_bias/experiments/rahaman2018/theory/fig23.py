"""Figure 23, of our own: exact Fourier decay of one-dimensional networks over width and depth."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.figures import panels, style
from spectral_bias.statistics import UndecidedError, mean_interval, slope

TITLE = "Spectra of ReLU networks fall as k^-2; how large the constant can be"
TABLES = ("theory_networks", "theory_spectrum", "theory_constants")
CAPTION = """\
Theory check of Rahaman et al. (2018), abstract of the first version: in one dimension a ReLU \
network is piecewise linear and |f~(k)| = O(k^-2), with a constant that can grow with width and, \
faster, with depth. This figure and all its settings are ours ({scale} scale); nothing is \
sampled: f~ is computed in closed form from the breakpoints and slopes of each network on \
[0, 1], after its chord (the straight line between the end values) is taken off, since cutting \
f at 0 and 1 alone would add a term of order 1/k. Networks: PyTorch's default initialisation; \
all parameters uniform in [-{theory[weight_bound]}, {theory[weight_bound]}] ("bounded"); trained \
on sums of sinusoids, k = {theory[frequencies]} ({theory[n_points]} points, full-batch \
{theory[optimiser]}, learning rate {theory[learning_rate]}, {theory[iterations]} iterations). (a) \
One network of each \
kind, {theory[network][depth]} linear layers of width {theory[network][width]}; dashed: C/k^2 \
with its own constant C = (sum of all slope jumps) / (2 pi)^2, the smallest that bounds \
|f~(k)| k^2. (b, c) Exponents fitted over k from {theory[fit_from]} to {theory[max_frequency]} \
(networks have at most {breakpoints} breakpoints), mean over networks with 95 % interval \
(Student's t); line: -2. (d, e) C, geometric mean over networks, band from the lowest to the \
highest; numbers: fitted power of the width, fitted factor for each layer. Black: the largest C \
that parameters in [-{theory[weight_bound]}, {theory[weight_bound]}] allow, \
K^L w^(L-1) / (2 pi^2), computed from the network that attains it. {theory[n_random]} random \
networks of each kind and shape, {theory[n_runs]} trained ones. The claims on width and depth are \
about what parameters of a given magnitude can reach, hence judged on the bounded networks. The \
bound K = {theory[weight_bound]} is our choice, and depth hinges on it: C grows with depth only \
where K w > 1 (largest) or about K sqrt(w/6) > 1 (random); for smaller K it falls, and width helps \
more (factor for each layer of random networks at other K: {bounds}). Default initialisation, \
whose weights shrink as 1/sqrt(width), and training, which fits C to its target, show other \
growth: {others}."""

LABELS = {
    "bounded": "random, bounded",
    "default": "random, default",
    "trained": "trained",
    "hinge": "largest, bounded",
}
COLOURS = {
    "bounded": style.SECOND,
    "default": style.OURS,
    "trained": style.LEARNT,
    "hinge": style.BASELINE,
}
SERIES = {"width": ("b", "d"), "depth": ("c", "e")}
COLUMNS = [
    *("panel", "source", "family", "width", "depth", "frequency", "amplitude", "bound"),
    *("exponent", "exponent_low", "exponent_high", "n_breakpoints"),
    *("constant", "constant_low", "constant_high", "growth", "weight_bound"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """What Figure 23 draws; cells that do not apply to a row are empty.

    Panel a: amplitude and bound C/k^2 of one network of each family. Panels b and c: exponent with
    interval, largest number of breakpoints. Panels d and e: constant with range, and growth, the
    same for all rows of a family: the power of the width (d) or the factor for each layer (e).
    "bounds", which the caption states: growth with depth of bounded networks at each K.
    """
    networks, network = tables["theory_networks"], context["settings"]["theory"]["network"]
    shared = {name: network[name] for name in ("depth", "width")}
    parts = [_spectra(tables["theory_spectrum"], networks, shared)]
    for size, (exponents, constants) in SERIES.items():
        other = "depth" if size == "width" else "width"
        series = networks[networks[other] == shared[other]]
        rows = [_summary(group) for _, group in series.groupby(["family", "width", "depth"])]
        summary = pd.DataFrame(rows)
        fitted = summary[summary["family"] != "hinge"].drop(columns=_columns("constant"))
        parts.append(fitted.assign(panel=exponents))
        growth = {family: _growth(rows, size) for family, rows in summary.groupby("family")}
        summary["growth"] = summary["family"].map(growth)
        kept = summary.drop(columns=[*_columns("exponent"), "n_breakpoints"])
        parts.append(kept.assign(panel=constants))
    parts.append(_by_bound(tables["theory_constants"], shared).assign(panel="bounds"))
    data = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return data.assign(source="ours").reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 23 from the table made by `drawn`."""
    mosaic = [["a", "b", "c"], ["a", "d", "e"]]
    figure, axes = style.new_figure(mosaic, height=3.9, width_ratios=[1.25, 1, 1])
    _draw_spectra(axes["a"], data[data["panel"] == "a"])
    for size, (exponents, constants) in SERIES.items():
        _draw_exponents(axes[exponents], data[data["panel"] == exponents], size)
        _draw_constants(axes[constants], data[data["panel"] == constants], size)
    for letter, panel in axes.items():
        panels.title(panel, letter)
    for left, right in (("b", "c"), ("d", "e")):
        axes[right].sharey(axes[left])
        axes[right].autoscale()
        axes[right].tick_params(labelleft=False)
    for letter, text in (("d", "$w^{{{:.1f}}}$"), ("e", r"$\times${:.2g}")):
        _name_growth(axes[letter], data[data["panel"] == letter], text)
    if axes["d"].get_legend_handles_labels()[1]:
        axes["d"].legend(loc="upper left")
    axes["b"].set_ylabel("fitted exponent")
    axes["d"].set_ylabel("constant $C$")
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: most breakpoints of a network, growth of the constants besides the claim's."""
    growth = data.dropna(subset="growth").groupby(["family", "panel"])["growth"].first()
    bounds = data[data["panel"] == "bounds"].dropna(subset="growth")
    shown = context["settings"]["theory"]["weight_bound"]
    factors = [
        f"x {row.growth:.2f} at K = {row.weight_bound:g}"
        for row in bounds[bounds["weight_bound"] != shown].itertuples()
    ]
    texts = [
        f"{LABELS[family]}, C ~ width^{growth[family, 'd']:.2f} and "
        f"x {growth[family, 'e']:.2f} for each layer"
        for family in ("default", "trained")
        if {(family, "d"), (family, "e")} <= set(growth.index)
    ]
    return {
        "breakpoints": int(data["n_breakpoints"].max()),
        "bounds": ", ".join(factors) or "none was measured",
        "others": "; ".join(texts) or "no growth could be fitted",
    }


def _columns(name: str) -> list[str]:
    return [name, f"{name}_low", f"{name}_high"]


def _spectra(
    spectrum: pd.DataFrame, networks: pd.DataFrame, shared: Mapping[str, int]
) -> pd.DataFrame:
    """Panel a: the first network of each family, with the bound from its own constant."""
    first = networks[(networks[list(shared)] == pd.Series(shared)).all(axis=1)]
    first = first[first["member"] == 0][["family", "width", "depth", "constant"]]
    rows = spectrum[spectrum["member"] == 0].merge(first, on="family")
    rows["bound"] = rows["constant"] / rows["frequency"].astype(float) ** 2
    return rows.drop(columns=["member", "constant"]).assign(panel="a")


def _summary(group: pd.DataFrame) -> dict[str, Any]:
    """One row for the networks of one family and shape."""
    exponents = group["exponent"].to_numpy()
    with np.errstate(divide="ignore"):  # a network without kinks has the constant 0
        mean = np.exp(np.log(group["constant"]).mean())
    row = {name: group[name].iloc[0] for name in ("family", "width", "depth")}
    row |= {"exponent": exponents.mean(), "exponent_low": np.nan, "exponent_high": np.nan}
    with suppress(UndecidedError):
        found = mean_interval(exponents)
        row |= {"exponent_low": found.ci_low, "exponent_high": found.ci_high}
    row |= {"constant": mean, "n_breakpoints": group["n_breakpoints"].max()}
    return row | {"constant_low": group["constant"].min(), "constant_high": group["constant"].max()}


def _by_bound(constants: pd.DataFrame, shared: Mapping[str, int]) -> pd.DataFrame:
    """family, width, weight_bound, growth: the factor on C for each layer, at each K."""
    series = constants[constants["width"] == shared["width"]]
    rows = []
    for bound, networks in series.groupby("weight_bound"):
        with np.errstate(divide="ignore"):
            logs = np.log(networks["constant"]).groupby(networks["depth"]).mean()
        growth = np.nan
        if len(logs) > 1 and np.isfinite(logs).all():
            growth = float(np.exp(slope(logs.index.to_numpy(), logs.to_numpy())))
        rows.append(("bounded", shared["width"], bound, growth))
    return pd.DataFrame(rows, columns=["family", "width", "weight_bound", "growth"])


def _growth(rows: pd.DataFrame, size: str) -> float:
    """Fitted power of the width, or factor for each layer; NaN for one shape or a zero constant."""
    if len(rows) < 2 or not (rows["constant"] > 0).all():
        return np.nan
    y = np.log(rows["constant"])
    if size == "width":
        return float(np.polyfit(np.log(rows["width"]), y, 1)[0])
    return float(np.exp(np.polyfit(rows["depth"], y, 1)[0]))


def _draw_spectra(axes: Axes, rows: pd.DataFrame) -> None:
    axes.set(xlabel="frequency $k$", ylabel=r"$|\tilde f(k)|$")
    if not (rows["amplitude"] > 0).any():
        panels.empty(axes, "no data")
        return
    for family, spectrum in rows.groupby("family"):
        colour = COLOURS[family]
        k = spectrum["frequency"]
        axes.plot(k, spectrum["amplitude"], color=colour, linewidth=0.5, label=LABELS[family])
        axes.plot(k, spectrum["bound"], color=colour, linewidth=0.9, linestyle="--")
    axes.plot([], [], color=style.BASELINE, linewidth=0.9, linestyle="--", label="$C/k^2$")
    axes.set(xscale="log", yscale="log")
    # A coefficient that vanishes by chance must not stretch the axis.
    axes.set_ylim(bottom=rows["amplitude"].quantile(0.002) / 3, top=rows["bound"].max() * 2)
    lines, labels = axes.get_legend_handles_labels()
    axes.legend(lines, labels, loc="lower left")


def _size_axis(axes: Axes, rows: pd.DataFrame, size: str) -> None:
    sizes = sorted(rows[size].unique())
    if size == "width":
        axes.set_xscale("log", base=2)
        axes.minorticks_off()
    axes.set_xticks(sizes, [f"{value:g}" for value in sizes])
    axes.set_xlabel("width" if size == "width" else "depth (linear layers)")


def _draw_exponents(axes: Axes, rows: pd.DataFrame, size: str) -> None:
    axes.axhline(-2, color=style.BASELINE, linewidth=0.6)
    for shift, (family, series) in enumerate(rows.groupby("family")):
        # Side by side, so that intervals do not cover each other.
        side = shift - 1
        x = series[size] * 1.09**side if size == "width" else series[size] + side / 9
        reach = series[["exponent_low", "exponent_high"]].sub(series["exponent"], axis=0).abs().T
        options = {"markersize": 2.5, "linewidth": 0.8, "linestyle": "none"}
        axes.errorbar(x, series["exponent"], reach, marker="o", color=COLOURS[family], **options)
    _size_axis(axes, rows, size)


def _draw_constants(axes: Axes, rows: pd.DataFrame, size: str) -> None:
    for family, series in rows.groupby("family"):
        series, colour = series.sort_values(size), COLOURS[family]
        low, high = series["constant_low"], series["constant_high"]
        if (high > low).any():
            axes.fill_between(series[size], low, high, color=colour, alpha=0.15, linewidth=0)
        label = LABELS[family] if family == "hinge" else None
        points = {"marker": "o", "markersize": 2.5, "label": label}
        axes.plot(series[size], series["constant"], color=colour, **points)
    _size_axis(axes, rows, size)
    axes.set_yscale("log")


def _name_growth(axes: Axes, rows: pd.DataFrame, text: str) -> None:
    """Writes the growth of each family right of the axes, at its last point, clear of the others.

    The limits of the axes must not change any more.
    """
    low, high = np.log(axes.get_ylim())
    ends = rows.sort_values(["width", "depth"]).groupby("family").last()
    above = -np.inf
    for family, end in ends[ends["growth"].notna()].sort_values("constant").iterrows():
        above = max((np.log(end["constant"]) - low) / (high - low), above + 0.08)
        place = {"xycoords": "axes fraction", "annotation_clip": False, "va": "center"}
        axes.annotate(text.format(end["growth"]), (1.0, above), color=COLOURS[family], **place)
