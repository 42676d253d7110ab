"""Figure 24, of our own: how much of the parameter space reaches beyond each frequency."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from spectral_bias.figures import panels, style

TITLE = "Functions with higher frequencies take a smaller volume of the parameter space"
TABLES = ("volume_fraction", "volume_exponent")
CAPTION = """\
Rahaman et al. (2018), last sentence of the abstract and Proposition 1 (Appendix D): of the \
parameters in the cube [-K, K]^P, the fraction for which |f~(k')| > eps at some k' > k is \
O(k^(-Delta-1)), with Delta = 1 for networks with one input. This figure and all its settings are \
ours ({scale} scale). Parameters are uniform in the cube, {volume[n_networks]} networks of each \
shape and K. The spectrum of each is exact, from its breakpoints and slopes on [0, 1], without its \
chord (the straight line between the end values). So is k_max, the highest frequency at which it \
exceeds eps: since |f~(k)| <= C/k^2, only k up to sqrt(C/eps) have to be examined. (a, b) Fraction \
with k_max > k, band: 95 % Clopper-Pearson interval; dotted where fewer than {volume[min_count]} \
networks are left; grey: a single network, below which nothing is resolved. (a) Depth \
{volume[network][depth]} (linear layers), width {volume[network][width]}, K = \
{volume[weight_bound]}, several eps; dashed: a bound of this form with an explicit constant, \
E[C] / (eps (k + 1)^2). (b) Several shapes and K at eps = {smallest_eps}: black as in (a), the \
others differ from it in what the legend says. (c) Local exponent of these curves, between k and \
about 2^(1/4) k, over the fraction at k: small volumes on the right. Line: the bound, -2. (d) \
Exponent of the tail at the same eps, fitted by maximum likelihood to the networks beyond the k \
where the fraction falls to {volume[tail_from]} (filled, then open), with 95 % intervals. What is \
seen: the fraction follows no power of k. It is flat as long as most networks that have a kink \
reach beyond k, and then falls ever more steeply: in (a) at the smallest eps it is faster than \
k^-2 from {passes}. Tails from {first_tail} on have exponents from {slowest} to {fastest} in \
the three series, slower with depth and faster with width, as the spread of C over the cube grows \
and shrinks. {narrow} On the cube C is at most K^L w^(L-1) / (2 pi^2), so the fraction is exactly \
0 in the end and, for k to infinity at fixed eps, any exponent would be true: what the proposition \
says, it says through its constant. With E[C] as above it holds for every k and eps (Markov's \
inequality), but it is not tight: in (a) the fraction comes closest to it, over k, with {used} of \
it, depending on eps. What the bound leaves open is this constant, which depends on eps, K, width \
and depth, and the form of the decay: for eps to 0 the fraction becomes that with C > eps k^2, so \
the distribution of C decides."""

SERIES = {"width": "width {:g}", "depth": "depth {:g}", "weight_bound": "K = {:g}"}
AXIS = {"width": "width", "depth": "depth", "weight_bound": "$K$", "narrow": "depth ×\nwidth"}
FAMILY = ["family", "depth", "width", "weight_bound"]
SHARED, NARROW = "shared", "narrow"
COLUMNS = [
    *("panel", "source", "label", *FAMILY, "eps", "n_networks", "frequency", "count", "fraction"),
    *("low", "high", "resolved", "bound", "tail_from", "tail_start", "n_tail"),
    *("exponent", "exponent_low", "exponent_high", "exponent_error"),
]
EXPONENT = ["exponent", "exponent_low", "exponent_high"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """What Figure 24 draws; cells that do not apply to a row are empty.

    Panel a: fractions of the shared network for each eps with the bound there, and, labelled
    "bound", the two points where the bound is 1 and one network in all. Panels b and c: fractions
    and local exponents of several shapes at the smallest eps. Panel d: exponents of tails at that
    eps; the label names the series, so the shared network stands in each. `resolved` is 1 where at
    least min_count networks are left.
    """
    volume = context["settings"]["volume"]
    curves = tables["volume_fraction"].query("count > 0")
    curves = curves.assign(resolved=(curves["count"] >= volume["min_count"]).astype(int))
    smallest = curves["eps"] == curves["eps"].min()
    shared = curves[_differs_in(curves, (), volume)].drop(columns=EXPONENT)
    parts = [shared.assign(panel="a", label=SHARED), _bounds(shared).assign(panel="a")]
    for label, chosen in _labelled(curves, volume).items():
        part = curves[smallest & chosen].assign(label=label)
        parts.append(part.drop(columns=["bound", *EXPONENT]).assign(panel="b"))
        parts.append(part.dropna(subset="exponent").drop(columns="bound").assign(panel="c"))
    tails = tables["volume_exponent"]
    tails = tails[tails["eps"] == tails["eps"].min()]
    for name in SERIES:
        parts.append(tails[_differs_in(tails, (name,), volume)].assign(panel="d", label=name))
    parts.append(tails[tails["family"] == NARROW].assign(panel="d", label=NARROW))
    data = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return data.assign(source="ours").reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 24 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b"], ["c", "d"]], height=5.2)
    for letter, panel in axes.items():
        panels.title(panel, letter)
    _draw_thresholds(axes["a"], data[data["panel"] == "a"])
    shapes = data[data["panel"] == "b"]
    labels = shapes["label"].drop_duplicates()
    colours = dict(zip(labels, style.CATEGORIES, strict=False))
    for label in labels:
        _draw_fraction(axes["b"], shapes[shapes["label"] == label], colours[label], label)
    _fraction_axes(axes["b"], shapes)
    axes["b"].legend(loc="lower left", bbox_to_anchor=(0, 0.06), labelspacing=0.3)
    _draw_local(axes["c"], data[data["panel"] == "c"], colours)
    _draw_tails(axes["d"], data[data["panel"] == "d"])
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: where decay passes k^-2, how much of the bound is used, exponents of tails."""
    first_tail = max(context["settings"]["volume"]["tail_from"])
    tails = data[data["panel"] == "d"]
    series = tails[(tails["label"] != NARROW) & (tails["tail_from"] == first_tail)]
    thresholds = data[data["panel"] == "a"]
    used = (thresholds["fraction"] / thresholds["bound"]).groupby(thresholds["eps"]).max()
    shared = thresholds[FAMILY].iloc[0]
    same_shape = (data[FAMILY] == shared).all(axis=1)
    passes = _passes(data[(data["panel"] == "c") & same_shape])
    exponents = _exponents(data[(data["panel"] == "d") & (data["label"] == "width") & same_shape])
    return {
        "smallest_eps": data["eps"].min(),
        "passes": passes + (f", with tails of {exponents}" if exponents else ""),
        "used": f"{used.min():.2f} to {used.max():.2f}",
        "first_tail": first_tail,
        "slowest": f"{series['exponent'].max():.1f}",
        "fastest": f"{series['exponent'].min():.1f}",
        "narrow": _narrow(tails[tails["label"] == NARROW]),
    }


def _differs_in(
    table: pd.DataFrame, names: tuple[str, ...], volume: Mapping[str, Any]
) -> pd.Series:
    """Rows of the series whose networks are the shared one in all but `names`."""
    shared = {name: volume["network"][name] for name in ("depth", "width")}
    shared["weight_bound"] = volume["weight_bound"]
    alike = [table[name] == value for name, value in shared.items() if name not in names]
    return (table["family"] == "series") & np.logical_and.reduce(alike)


def _bounds(curves: pd.DataFrame) -> pd.DataFrame:
    """For each eps the bound E[C] / (eps (k + 1)^2) where it is 1, and where it is 1 / n."""
    first = curves.groupby("eps", as_index=False).first()
    at_zero = first["bound"] * (first["frequency"] + 1.0) ** 2
    kept = first[[*FAMILY, "eps", "n_networks"]].assign(label="bound")
    ends = [
        kept.assign(bound=bound, frequency=np.sqrt(at_zero / bound) - 1)
        for bound in (1.0, 1 / first["n_networks"])
    ]
    return pd.concat(ends, ignore_index=True)


def _labelled(table: pd.DataFrame, volume: Mapping[str, Any]) -> dict[str, pd.Series]:
    """The shared network, the two ends of each series, the narrow network: label to rows."""
    network, bound = volume["network"], volume["weight_bound"]
    label = f"depth {network['depth']}, width {network['width']}, K = {bound:g}"
    found = {label: _differs_in(table, (), volume)}
    for name, text in SERIES.items():
        series = _differs_in(table, (name,), volume)
        values = table.loc[series, name]
        for value in sorted({values.min(), values.max()}):
            chosen = series & (table[name] == value)
            if not (chosen & found[label]).any():
                found[text.format(value)] = chosen
    narrow = table["family"] == NARROW
    if narrow.any():
        depth, width = (table.loc[narrow, name].iloc[0] for name in ("depth", "width"))
        found[f"depth {depth:g}, width {width:g}"] = narrow
    return found


def _passes(rows: pd.DataFrame) -> str:
    """The fraction from which on the local exponent stays below -2."""
    rows = rows.sort_values("frequency")
    slow = np.flatnonzero(rows["exponent"].to_numpy() >= -2)
    first = slow[-1] + 1 if len(slow) else 0
    if first >= len(rows):
        return "no resolved fraction on"
    return f"a fraction of {rows['fraction'].iloc[first]:.2g} on"


def _exponents(tails: pd.DataFrame) -> str:
    """ "-7.5 from 0.1 on and -12.1 from 0.01 on"; empty if none was resolved."""
    rows = tails.dropna(subset="exponent").sort_values("tail_from", ascending=False)
    return " and ".join(
        f"{row['exponent']:.1f} from {row['tail_from']:g} on" for _, row in rows.iterrows()
    )


def _narrow(tails: pd.DataFrame) -> str:
    """What the tails of the narrow network do."""
    exponents = _exponents(tails)
    if not exponents:
        return ""
    depth, width = (tails[name].iloc[0] for name in ("depth", "width"))
    return (
        f"A network that is narrow for its depth (depth {depth:g}, width {width:g}) has "
        f"{exponents}: the narrower and deeper, the smaller the volume at which k^-2 is reached."
    )


def _draw_thresholds(axes: Axes, rows: pd.DataFrame) -> None:
    colours = style.colours("beta", rows["eps"])
    for eps, curves in rows.groupby("eps"):
        fraction, bound = (curves[curves["label"] == name] for name in (SHARED, "bound"))
        power = np.log10(eps)
        text = f"10^{{{power:g}}}" if power == round(power) else f"{eps:g}"
        _draw_fraction(axes, fraction, colours[eps], rf"$\epsilon = {text}$")
        line = {"color": colours[eps], "linewidth": 0.8, "linestyle": "--"}
        axes.plot(bound["frequency"], bound["bound"], **line)
    _fraction_axes(axes, rows)
    axes.set_xlim(right=20 * rows.loc[rows["label"] == SHARED, "frequency"].max())
    lines, _ = axes.get_legend_handles_labels()
    panels.legend(axes, lines, loc="lower left", bbox_to_anchor=(0, 0.15))
    bound = r"$E[C]\,/\,\epsilon\,(k+1)^2$"
    bound = Line2D([], [], color="0.3", linewidth=0.8, linestyle="--", label=bound)
    panels.legend(axes, [bound], loc="upper right")


def _draw_fraction(axes: Axes, curve: pd.DataFrame, colour: str, label: str) -> None:
    """Solid down to the last resolved point, dotted from there on."""
    curve = curve.sort_values("frequency")
    resolved = curve["resolved"] == 1
    rest = curve[~resolved | ~resolved.shift(-1, fill_value=True)]
    solid = curve[resolved]
    axes.fill_between(
        curve["frequency"], curve["low"], curve["high"], color=colour, alpha=0.15, linewidth=0
    )
    axes.plot(solid["frequency"], solid["fraction"], color=colour, label=label)
    axes.plot(rest["frequency"], rest["fraction"], ":", color=colour, linewidth=0.9)


def _fraction_axes(axes: Axes, rows: pd.DataFrame) -> None:
    axes.set(xscale="log", yscale="log", xlabel="frequency $k$")
    axes.set_ylabel(r"fraction of parameters with $k_{\max} > k$")
    if len(rows):
        single = 1 / rows["n_networks"].max()
        axes.axhline(single, color="0.7", linewidth=0.6)
        axes.set(ylim=(single / 2, 1.5), xlim=(0.9, rows["frequency"].max() * 1.5))


def _draw_local(axes: Axes, rows: pd.DataFrame, colours: Mapping[str, str]) -> None:
    axes.axhline(-2, color=style.BASELINE, linewidth=0.6)
    for label, curve in rows.groupby("label", sort=False):
        curve, colour = curve.sort_values("frequency"), colours[label]
        low, high = curve["exponent_low"], curve["exponent_high"]
        axes.fill_between(curve["fraction"], low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(curve["fraction"], curve["exponent"], color=colour)
    axes.set(xscale="log", xlabel="fraction at $k$", ylabel="local exponent")
    if len(rows):
        axes.set_xlim(1.3, rows["fraction"].min() / 1.3)
        axes.set_ylim(rows["exponent"].min() - 1, 0.5)


def _draw_tails(axes: Axes, rows: pd.DataFrame) -> None:
    axes.axhline(-2, color=style.BASELINE, linewidth=0.6)
    places, names, start = [], [], 0
    for label, series in rows.groupby("label", sort=False):
        values = sorted(series[label].unique()) if label in SERIES else [0]
        for place, value in enumerate(values, start):
            at_value = series[series[label] == value] if label in SERIES else series
            for number, (_, tail) in enumerate(at_value.groupby("tail_from", sort=False)):
                _draw_tail(axes, place + 0.3 * number - 0.15, tail, filled=number == 0)
            first = series.iloc[0]
            narrow = f"{first['depth']:g}×{first['width']:g}"
            names.append(f"{value:g}" if label in SERIES else narrow)
        places += range(start, start + len(values))
        middle = start + (len(values) - 1) / 2
        place = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points"}
        axes.annotate(AXIS[label], (middle, 0), (0, -14), ha="center", va="top", **place)
        start += len(values) + 1
    axes.set_xticks(places, names)
    axes.set_ylabel("exponent of the tail")
    axes.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 4, 10]))
    axes.set_ylim(top=0)


def _draw_tail(axes: Axes, place: float, tail: pd.DataFrame, filled: bool) -> None:
    reach = 1.96 * tail["exponent_error"]
    axes.errorbar(
        [place] * len(tail),
        tail["exponent"],
        reach,
        fmt="o",
        color=style.OURS,
        markersize=3,
        markerfacecolor=style.OURS if filled else "white",
        linewidth=0.8,
    )
