"""Figure 1: how the spectrum and the spectral norms evolve while sums of sinusoids are fitted."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018 import spectrum_agreement
from spectral_bias.experiments.rahaman2018.source_settings import AUTHORS, deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.agreement import Agreement, differences
from spectral_bias.figures.summarise import every, over_members, thinned
from spectral_bias.reference import authors

TITLE = "Lower frequencies are fitted first"
TABLES = ("sinusoids_spectrum", "sinusoids_norms")
CAPTION = """\
Figure 1 of Rahaman et al. (2019). Sums of sinusoids with k = {sinusoids[frequencies]}, (a) of \
equal and (b) of increasing amplitude, fitted by {sinusoids[network][activation]} networks of \
{sinusoids[network][depth]} linear layers, width {sinusoids[network][width]} \
({sinusoids[n_points]} points, full-batch {sinusoids[optimiser]}, learning rate \
{sinusoids[learning_rate]}, {sinusoids[iterations]} iterations; {scale} scale: \
mean of {sinusoids[n_runs]} runs). Left: single-sided amplitude of the learnt function at each \
frequency, divided by the target's; mean over runs, colours clipped to [0, 1]. Middle: spectral \
norm of each layer's weight matrix, mean over runs, band of one standard deviation over runs to \
each side, {every} drawn; dashed (ours): networks that start from the same weights and fit only \
the part of the same targets with k <= {low_up_to}. Right: the authors' published heatmap for \
equal amplitudes ({authors_heatmap}), and (c) the first recorded iteration at which the mean \
amplitude in the heatmaps reaches half of the target's. {deviations} The norms are the true \
largest singular values, while the authors' code iterates W instead of W^T W and so draws another \
quantity for the hidden layers; the colour map (viridis) is perceptually uniform, the authors' \
(cubehelix) is not. The csv holds the amplitudes unclipped."""

LETTERS = {"equal": "a", "increasing": "b"}
CONTROL = "low"
AMPLITUDES = {"equal": "equal amplitudes", "increasing": "increasing amplitudes"}
# More would be finer than the pixels, and would push the csv beyond 1 MB.
HEATMAP_ROWS, NORM_POINTS = 1000, 250
COLUMNS = [
    *("panel", "source", "setting", "iteration", "frequency", "amplitude", "amplitude_std"),
    *("layer", "spectral_norm", "spectral_norm_low", "spectral_norm_high"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """What Figure 1 draws; cells that do not apply to a row are empty.

    Panels a and b hold heatmap rows (with frequency and amplitude, not clipped) and norm rows
    (with layer; a those of the control too), panel c rows with amplitude 0.5 and the iteration
    where it is reached.
    """
    spectrum = over_members(
        thinned(tables["sinusoids_spectrum"], HEATMAP_ROWS),
        ["setting", "iteration", "frequency"],
        "amplitude",
        std=True,
    ).assign(source="ours")
    read = authors("rahaman2018", "sinusoids_equal_amplitude")
    read = read[["iteration", "frequency", "amplitude"]].assign(setting="equal", source="authors")
    norms = over_members(
        thinned(tables["sinusoids_norms"], NORM_POINTS),
        ["setting", "iteration", "layer"],
        "spectral_norm",
        std=True,
    ).assign(source="ours")
    norms["spectral_norm_low"] = norms["spectral_norm"] - norms["spectral_norm_std"]
    norms["spectral_norm_high"] = norms["spectral_norm"] + norms["spectral_norm_std"]
    # Other targets or networks have other times; then only the shape of the heatmap is shown.
    same = not differences(context["settings"]["sinusoids"], AUTHORS["sinusoids"])
    timed = pd.concat([spectrum, read]) if same else spectrum
    data = pd.concat([spectrum, read, norms], ignore_index=True)
    data["panel"] = data["setting"].map({**LETTERS, CONTROL: LETTERS["equal"]})
    halves = spectrum_agreement.half_times(timed).assign(panel="c")
    return pd.concat([data, halves], ignore_index=True).reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 1 from the table made by `drawn`."""
    mosaic = [["a", "a norms", "authors"], ["b", "b norms", "c"]]
    figure, axes = style.new_figure(mosaic, height=4.6)
    cells = data[data["frequency"].notna() & (data["panel"] != "c")]
    meshes = []
    for setting, letter in LETTERS.items():
        ours = cells[(cells["setting"] == setting) & (cells["source"] == "ours")]
        meshes.append(_heatmap(axes[letter], ours))
        panels.title(axes[letter], letter, AMPLITUDES[setting])
        _norms(axes[f"{letter} norms"], data[(data["panel"] == letter) & data["layer"].notna()])
    meshes.append(_heatmap(axes["authors"], cells[cells["source"] == "authors"]))
    axes["authors"].set_title("authors, equal amplitudes")
    panels.same_rows(axes["a"], axes["authors"])
    mesh = next((mesh for mesh in meshes if mesh is not None), None)
    panels.colour_bar(mesh, [axes["a"], axes["b"]], "amplitude / target amplitude", aspect=45)
    frequencies = cells.loc[cells["source"] == "ours", "frequency"].unique()
    _half_times(axes["c"], data[data["panel"] == "c"], sorted(frequencies))
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: spacing of the drawn norms, how the authors' heatmap is to be read."""
    sinusoids = context["settings"]["sinusoids"]
    other = differences(sinusoids, AUTHORS["sinusoids"])
    pairs = zip(sinusoids["frequencies"], sinusoids["amplitudes"][CONTROL], strict=True)
    return {
        "low_up_to": max(k for k, amplitude in pairs if amplitude),
        "every": every(data[data["layer"].notna()]),
        "authors_heatmap": "mean of 20 runs, 60,000 iterations, read off their picture"
        + ("; for the shape only, since our settings are others" if other else ""),
        "deviations": deviations(context["settings"], "sinusoids"),
    }


def agreement(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> Agreement:
    """The heatmap of equal amplitudes beside the authors'."""
    table = tables["sinusoids_spectrum"]
    read = authors("rahaman2018", "sinusoids_equal_amplitude")
    # In a picture of 600 rows a label may be off by one row.
    theirs = spectrum_agreement.Heatmap(read, runs=20, row_error=100)
    reasons = differences(context["settings"]["sinusoids"], AUTHORS["sinusoids"])
    return spectrum_agreement.agreement(table[table["setting"] == "equal"], theirs, reasons)


def _heatmap(axes: Axes, cells: pd.DataFrame) -> Any:
    mesh = panels.heatmap(axes, cells, "iteration", "amplitude")
    if mesh is not None:
        style.iteration_axis(axes, "y")
    return mesh


def _norms(axes: Axes, norms: pd.DataFrame) -> None:
    if norms.empty:
        panels.empty(axes, "no data")
        return
    shades = style.colours("layer", norms["layer"])
    dashed = {"linestyle": "--", "linewidth": 0.7, "label": "_control"}
    for (control, layer), curve in norms.groupby([norms["setting"] == CONTROL, "layer"]):
        look = dashed if control else {"label": f"{layer:g}"}
        panels.curve(axes, curve, "spectral_norm", shades[layer], band=not control, **look)
    style.iteration_axis(axes)
    axes.set_ylabel("spectral norm of layer")
    axes.margins(x=0)
    axes.set_ylim(bottom=0)
    above = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2}
    axes.legend(ncols=6, columnspacing=0.7, handlelength=0.9, handletextpad=0.3, **above)


def _half_times(axes: Axes, halves: pd.DataFrame, frequencies: Sequence[float]) -> None:
    panels.title(axes, "c")
    if halves.empty:
        panels.empty(axes, "amplitude 0.5 not reached")
        return
    looks = {
        ("ours", "equal"): {"color": style.OURS, "marker": "o", "label": "equal"},
        ("ours", "increasing"): {"color": style.SECOND, "marker": "s", "label": "increasing"},
        ("authors", "equal"): {
            **{"color": style.AUTHORS, "marker": "o", "markerfacecolor": "none"},
            **{"linestyle": "--", "label": "equal, authors"},
        },
    }
    for (source, setting), points in halves.groupby(["source", "setting"], sort=False):
        look = looks[source, setting]
        axes.plot(points["frequency"], points["iteration"], markersize=3, linewidth=0.8, **look)
    style.log_axis(axes)
    axes.set_xticks(frequencies)
    axes.set_xlim(*_padded(frequencies))
    axes.set(xlabel="frequency $k$", ylabel="iteration at amplitude 0.5")
    axes.legend()


def _padded(values: Sequence[float]) -> tuple[float, float]:
    """The range of `values` with a twentieth more at each end, so that markers stay whole."""
    pad = 0.05 * (max(values) - min(values)) or 0.5
    return min(values) - pad, max(values) + pad
