"""Figure 25, of our own: spectra of two-dimensional networks by direction."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from spectral_bias.figures import panels, style
from spectral_bias.statistics import estimate_row, mean_interval

TITLE = "In two dimensions spectra fall as k^-3, but as k^-2 along the normals of facets"
TABLES = (
    "anisotropy_exponents",
    "anisotropy_spectrum",
    "anisotropy_scan",
    "anisotropy_facets",
)
CAPTION = """\
Rahaman et al. (2018), Theorem 1: the spectrum of a ReLU network of d inputs falls as k^-(d+1) in \
almost every direction, and more slowly along the normals of the facets at which it bends; in two \
dimensions as k^-3 and k^-2. This figure and all its settings are ours ({scale} scale); nothing is \
sampled: f~(k u) is a sum over facets in closed form. Random networks at PyTorch's default \
initialisation on the square [-{anisotropy[half_side]}, {anisotropy[half_side]}]^2; facets that \
reach its border are continued straight for ever, so that the square adds none and no corners. (a) \
Facets of one network ({shown}); darker: larger jump of the gradient; in colour: the {facets} \
strongest bounded ones (length times jump), whose normals are the directions of (b). (b) |f~| of \
this network along {anisotropy[n_directions]} random directions (median, band from 10 % to 90 %) \
and along these normals (colours of (a)); shaded: the frequencies of (d), from {low} (those of \
Experiment 1) and from {far} (far above all scales). (c) |f~| at k = {anisotropy[scan_frequency]} \
over the angle of the direction; marks: the normals of (a); the thin high peaks belong to facets \
that leave the square, along whose normals f~ is no function. (d) Exponents fitted in either band, \
mean over {anisotropy[n_networks]} networks of each shape, with 95 % t-interval over networks; \
lines: -2 and -3. {found}"""

KINDS = {"random": "random directions", "normal": "facet normals"}
COLOURS = {"random": style.OURS, "normal": style.AUTHORS}
COLUMNS = [
    *("panel", "source", "kind", "direction", "frequency", "frequency_high", "amplitude"),
    *(
        "amplitude_low",
        "amplitude_high",
        "angle",
        "x1",
        "x2",
        "end_x1",
        "end_x2",
        "jump",
        "depth",
        "width",
        "band",
    ),
    *("exponent", "exponent_low", "exponent_high", "n_facets"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """What Figure 25 draws; cells that do not apply to a row are empty.

    Panel a: ends and jump of each facet, with the number of its direction if that is drawn in b.
    Panel b: amplitudes along normals by direction; along random directions median, 10 % and 90 %;
    ends of the bands of d. Panel c: amplitude by angle. Panel d: mean exponent with interval by
    shape, kind and band.
    """
    spectrum = tables["anisotropy_spectrum"]
    random = spectrum[spectrum["kind"] == "random"].groupby("frequency")["amplitude"]
    quantiles = random.quantile([0.1, 0.5, 0.9]).unstack()
    quantiles.columns = ["amplitude_low", "amplitude", "amplitude_high"]
    normals = tables["anisotropy_exponents"].query("kind == 'normal'")
    first = tables["anisotropy_exponents"].iloc[0]
    same = (normals[["depth", "width", "member"]] == first[["depth", "width", "member"]]).all(
        axis=1
    )
    marks = normals[same & (normals["band"] == "far")][["direction", "angle", "depth", "width"]]
    parts = [
        tables["anisotropy_facets"].assign(panel="a"),
        spectrum[spectrum["kind"] == "normal"].assign(panel="b"),
        quantiles.reset_index().assign(panel="b", kind="random"),
        pd.DataFrame(
            {"panel": "b", "band": band, "frequency": low, "frequency_high": high}
            for band in BANDS
            for low, high in [context["settings"]["anisotropy"][band]]
        ),
        tables["anisotropy_scan"].assign(panel="c"),
        marks.assign(panel="c", kind="normal"),
        _exponents(tables["anisotropy_exponents"]).assign(panel="d"),
    ]
    return pd.concat(parts, ignore_index=True).assign(source="ours").reindex(columns=COLUMNS)


def _exponents(table: pd.DataFrame) -> pd.DataFrame:
    """Mean over networks, with its interval where there is one."""
    rows = []
    keys = ["depth", "width", "kind", "band"]
    for values, group in table.groupby(keys):
        members = group.groupby("member")[["exponent", "n_facets"]].mean()
        found = estimate_row(lambda m=members: mean_interval(m["exponent"].to_numpy()))
        place = dict(zip(keys, values, strict=True))
        interval = {"exponent_low": found["ci_low"], "exponent_high": found["ci_high"]}
        rows.append(place | members.mean().to_dict() | interval)
    return pd.DataFrame(rows).astype({"exponent_low": float, "exponent_high": float})


def draw(data: pd.DataFrame) -> Figure:
    """Figure 25 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b"], ["c", "d"]], 5.2, width_ratios=[1, 1.35])
    chosen = sorted(data.loc[data["panel"] == "a", "direction"].dropna().unique())
    shades = style.colours("frequency", chosen)
    _facets(axes["a"], data[data["panel"] == "a"], shades)
    _spectra(axes["b"], data[data["panel"] == "b"], shades)
    _scan(axes["c"], data[data["panel"] == "c"], shades)
    _fitted(axes["d"], data[data["panel"] == "d"])
    for letter, panel in axes.items():
        panels.title(panel, letter)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the network of (a) to (c), and what is found in either band."""
    shown = data.loc[(data["panel"] == "a"), "direction"]
    settings = context["settings"]["anisotropy"]
    network = settings["networks"][0]
    fitted = data[data["panel"] == "d"].groupby(["band", "kind"])["exponent"].mean()
    texts = {
        band: ", ".join(
            f"{fitted[band, kind]:.2f} along {name}"
            for kind, name in KINDS.items()
            if (band, kind) in fitted
        )
        for band in ("far", "low")
    }
    bands = {band: "{:,.0f} to {:,.0f}".format(*settings[band]) for band in BANDS}
    return bands | {
        "facets": int(shown.notna().sum()),
        "shown": f"{network['depth']} linear layers of width {network['width']}, "
        f"{len(shown)} facets",
        "found": f"Mean over shapes: {texts['far']} far above all scales; {texts['low']} at "
        "the frequencies of Experiment 1, where many short facets nearly normal to a direction "
        "have not yet shown their corners.",
    }


def _facets(axes: Axes, rows: pd.DataFrame, shades: Mapping[float, str]) -> None:
    plain, chosen = rows[rows["direction"].isna()], rows[rows["direction"].notna()]
    strength = np.sqrt(plain["jump"].abs() / max(plain["jump"].abs().max(), 1e-300))
    lines = LineCollection(_segments(plain), colors="black", linewidths=0.6)
    lines.set_alpha((0.08 + 0.75 * strength).to_list())
    axes.add_collection(lines)
    colours = [shades[number] for number in chosen["direction"]]
    axes.add_collection(LineCollection(_segments(chosen), colors=colours, linewidths=2.2))
    reach = rows[["x1", "x2", "end_x1", "end_x2"]].abs().to_numpy().max(initial=1e-9)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set(xlabel="$x_1$", ylabel="$x_2$")


def _segments(rows: pd.DataFrame) -> np.ndarray:
    return rows[["x1", "x2", "end_x1", "end_x2"]].to_numpy(dtype=float).reshape(-1, 2, 2)


def _spectra(axes: Axes, rows: pd.DataFrame, shades: Mapping[float, str]) -> None:
    for number, curve in rows[rows["kind"] == "normal"].groupby("direction"):
        axes.plot(curve["frequency"], curve["amplitude"], color=shades[number], linewidth=0.8)
    random = rows[rows["kind"] == "random"].sort_values("frequency")
    axes.fill_between(
        random["frequency"],
        random["amplitude_low"],
        random["amplitude_high"],
        color=COLOURS["random"],
        alpha=0.25,
        linewidth=0,
    )
    axes.plot(
        random["frequency"], random["amplitude"], color=COLOURS["random"], label=KINDS["random"]
    )
    axes.plot([], [], color="0.4", linewidth=0.8, label=KINDS["normal"])
    for _, band in rows[rows["band"].notna()].iterrows():
        axes.axvspan(band["frequency"], band["frequency_high"], color="0.93", zorder=0)
    _powers(axes, rows[rows["kind"].notna()], random)
    axes.set(xscale="log", yscale="log", xlabel="frequency $k$ along the direction")
    axes.set_ylabel(r"$|\tilde f(k\,u)|$")
    axes.legend(loc="lower left")


def _powers(axes: Axes, rows: pd.DataFrame, random: pd.DataFrame) -> None:
    """Dashed lines k^-2 and k^-3 through the ends of the curves, each with its name."""
    last = rows["frequency"].max()
    k = np.array([last / 1e3, last])
    normals = rows[(rows["kind"] == "normal") & (rows["frequency"] == last)]["amplitude"]
    ends = {-2: normals.max() * 4, -3: random["amplitude_low"].iloc[-1] / 5}
    for power, end in ends.items():
        if np.isfinite(end):
            axes.plot(k, end * (k / last) ** power, "--", color=style.BASELINE, linewidth=0.7)
            middle = end * 10 ** (-1.5 * power)
            side = {"ha": "left", "va": "bottom"} if power == -2 else {"ha": "right", "va": "top"}
            axes.annotate(f"$k^{{{power}}}$", (last / 10**1.5, middle), **side)


def _scan(axes: Axes, rows: pd.DataFrame, shades: Mapping[float, str]) -> None:
    scan = rows[rows["kind"].isna()].sort_values("angle")
    axes.plot(np.degrees(scan["angle"]), scan["amplitude"], color="0.25", linewidth=0.5)
    marks = rows[rows["kind"] == "normal"]
    for _, mark in marks.iterrows():
        angle = np.degrees(mark["angle"]) % 180
        axes.plot(angle, 1.0, "v", transform=axes.get_xaxis_transform(), clip_on=False)
        axes.lines[-1].set(color=shades[mark["direction"]], markersize=4)
    axes.set(yscale="log", xlim=(0, 180), xlabel="angle of the direction (degrees)")
    axes.set_ylabel(r"$|\tilde f|$ at one $k$")
    axes.xaxis.set_major_locator(FixedLocator([0, 45, 90, 135, 180]))


def _fitted(axes: Axes, rows: pd.DataFrame) -> None:
    for power in (-2, -3):
        axes.axhline(power, color=style.BASELINE, linewidth=0.6)
    shapes = sorted({*zip(rows["depth"], rows["width"], strict=True)})
    for offset, (band, filled) in zip((-0.12, 0.12), BANDS.items(), strict=True):
        for kind, marker in (("random", "o"), ("normal", "s")):
            chosen = rows[(rows["band"] == band) & (rows["kind"] == kind)]
            x = [shapes.index(pair) + offset for pair in _pairs(chosen)]
            error = chosen[["exponent_low", "exponent_high"]].sub(chosen["exponent"], axis=0)
            axes.errorbar(
                x,
                chosen["exponent"],
                error.abs().to_numpy().T,
                fmt=marker,
                color=COLOURS[kind],
                markerfacecolor=COLOURS[kind] if filled else "white",
                markersize=4,
                linewidth=0.9,
                label=f"{KINDS[kind]}, {NAMES[band]}",
            )
    axes.set_xticks(range(len(shapes)), [f"{d:g}×{w:g}" for d, w in shapes])
    axes.set(xlabel="depth × width", ylabel="fitted exponent", ylim=(-3.35, -1.35))
    axes.legend(loc="upper center", ncols=2, columnspacing=1.0)


def _pairs(rows: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(rows["depth"], rows["width"], strict=True))


BANDS = {"low": False, "far": True}
NAMES = {"low": "low $k$", "far": "high $k$"}
