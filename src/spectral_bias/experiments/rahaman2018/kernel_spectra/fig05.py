"""Figure 5: spectra of networks and targets with respect to the eigenvectors of a kernel."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectral_bias.experiments.rahaman2018.kernel_spectra import kernel_agreement, kernel_noise
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.agreement import Agreement
from spectral_bias.figures.summarise import over_members
from spectral_bias.reference import authors

TITLE = "Networks fit the smooth target first and noise of high index later"
TABLES = ("kernel_spectra", "kernel_eigenvalues")
CAPTION = f"""\
Figure 5 of Rahaman et al. (2019). {kernel_noise.NOISE}Lines: mean of |v_n . f| over each of \
{{kernel_spectra[n_bins]}} bins of consecutive n, over n/N, for f the network at the iterations \
named, the noised target and the pure target; logarithmic, while the authors' axis is linear. \
{kernel_noise.NETWORKS} (c) The authors' white noise, one run, read off their pictures\
{{authors_panel}}. (d) Eigenvalues of our kernel: from {{largest}} to {{smallest}}, {{tied}}. \
{{identity}}{{deviations}} The csv holds the lowest and the highest run too."""

# Eigenvalues so close to 1 are those of a kernel matrix that is nearly the identity.
NEAR_ONE = 1e-3
EPSILON = 2.2e-16  # of double precision
TIED = (
    "{tied} of which equal another one up to rounding, so that their eigenvectors are arbitrary "
    "among each other"
)
IDENTITY = (
    "{near} are so near 1 (0.001) that the kernel is close to the identity and its eigenvectors "
    "depend on how numbers are rounded. "
)
OTHER = "; settings other than ours, so compare the shape and not the values"
SAME = (
    "; they worked in single precision, so compare n/N below 0.1 and above 0.81, where the "
    "eigenvectors do not depend on rounding"
)
TARGETS = {
    "pure_target": {"color": style.TARGET, "linewidth": 2.4, "label": "pure target"},
    "noised_target": {"color": "0.72", "linewidth": 2.4, "label": "noised target"},
}
COLUMNS = [
    *("panel", "source", "noise", "curve", "iteration", "bin", "relative_index"),
    *("abs_coefficient", "abs_coefficient_low", "abs_coefficient_high"),
    *("n", "eigenvalue", "above_one", "gap"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """What Figure 5 draws; cells that do not apply to a row are empty.

    Panels a to c hold spectra; of the network only at the snapshots of the panel's noise. Panel d
    holds the eigenvalues. For the authors low and high are the reading error.
    """
    spectra = over_members(
        tables["kernel_spectra"],
        ["noise", "curve", "iteration", "bin", "relative_index"],
        "abs_coefficient",
    )
    wanted = context["settings"]["kernel_spectra"]["snapshots"]
    parts = []
    for noise, letter in kernel_noise.LETTERS.items():
        shown = spectra["iteration"].isna() | spectra["iteration"].isin(wanted[noise])
        rows = spectra[(spectra["noise"] == noise) & shown]
        parts.append(rows.assign(panel=letter, source="ours"))
    parts.append(_readings())
    parts.append(tables["kernel_eigenvalues"].assign(panel="d", source="ours"))
    return pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 5 from the table made by `drawn`."""
    mosaic = [["a", "b", "key"], ["c", "d", "key"]]
    figure, axes = style.new_figure(mosaic, height=4.2, width_ratios=[1, 1, 0.36])
    shades = style.colours("iteration", data["iteration"].dropna())
    titles = {letter: kernel_noise.TITLES[n] for n, letter in kernel_noise.LETTERS.items()}
    titles[kernel_noise.AUTHORS_LETTER] = kernel_noise.AUTHORS_TITLE
    for letter in "bc":
        axes[letter].sharey(axes["a"])
    for letter, title in titles.items():
        panels.title(axes[letter], letter, title)
        _spectra(axes[letter], data[data["panel"] == letter], shades)
    for letter in "ac":
        axes[letter].set_ylabel("mean $|v_n \\cdot f|$ in bin")
    _eigenvalues(axes["d"], data[data["panel"] == "d"])
    _key(axes["key"], shades)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: range and spacing of the eigenvalues, how the authors' panel is to be read."""
    kernel = data[data["panel"] == "d"]
    values, n = kernel["eigenvalue"], len(kernel)
    rounding = n * EPSILON * values.max()
    tied = int((kernel["gap"] <= rounding).sum())
    near = int(kernel["above_one"].abs().lt(NEAR_ONE).sum())
    return {
        **kernel_noise.noise_facts(context),
        "largest": f"{values.max():.4g}",
        "smallest": f"{values.min():.4g}",
        "tied": TIED.format(tied=tied) if tied else "no two of which are equal up to rounding",
        "identity": IDENTITY.format(near=near) if near > n / 10 else "",
        "authors_panel": OTHER if kernel_noise.not_theirs(context) else SAME,
        "deviations": deviations(context["settings"], "kernel_spectra"),
    }


def agreement(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> Agreement:
    """The spectra under white noise beside the authors', at both ends of the index."""
    table = tables["kernel_spectra"]
    ours = table[table["noise"] == "white"]
    return kernel_agreement.spectra(ours, _readings(), kernel_noise.not_theirs(context))


def _readings() -> pd.DataFrame:
    """The authors' spectra with the columns of ours."""
    read = authors("rahaman2018", "kernel_white_noise_spectra")
    iteration = read["curve"].str.extract(r"^iteration_(\d+)$")[0].astype(float)
    n_bins = read["bin"].max() + 1
    return read.assign(
        panel=kernel_noise.AUTHORS_LETTER,
        source="authors",
        noise="white",
        curve=read["curve"].where(iteration.isna(), "network"),
        iteration=iteration,
        relative_index=(read["bin"] + 0.5) / n_bins,
        abs_coefficient_low=read["abs_coefficient"] - read["half_width"],
        abs_coefficient_high=read["abs_coefficient"] + read["half_width"],
    )


def _spectra(axes: Axes, rows: pd.DataFrame, shades: Mapping[float, str]) -> None:
    if rows.empty:
        panels.note(axes, "no data")
    for name, look in TARGETS.items():
        line = rows[rows["curve"] == name].sort_values("bin")
        axes.plot(line["relative_index"], line["abs_coefficient"], **look)
    network = rows[rows["curve"] == "network"].sort_values("bin")
    for iteration, line in network.groupby("iteration"):
        axes.plot(
            line["relative_index"], line["abs_coefficient"], color=shades[iteration], linewidth=0.8
        )
    style.log_axis(axes)
    axes.set(xlim=(0, 1), xlabel="relative index $n/N$")


def _eigenvalues(axes: Axes, rows: pd.DataFrame) -> None:
    panels.title(axes, "d", "eigenvalues of our kernel")
    axes.plot(rows["n"] / rows["n"].max(), rows["eigenvalue"], color=style.OURS)
    axes.axhline(1.0, color="0.6", linewidth=0.6, linestyle=":")
    # A kernel that is nearly the identity has no decades to show.
    if rows["eigenvalue"].max() > 3 * rows["eigenvalue"].min():
        style.log_axis(axes)
    axes.set(xlim=(0, 1), xlabel="relative index $n/N$", ylabel=r"eigenvalue $\lambda_n$")


def _key(axes: Axes, shades: Mapping[float, str]) -> None:
    axes.set_axis_off()
    place = {"loc": "upper left", "borderaxespad": 0.0, "alignment": "left"}
    targets = [Line2D([], [], **look) for look in TARGETS.values()]
    panels.legend(axes, targets, bbox_to_anchor=(0.0, 1.0), **place)
    lines = [Line2D([], [], color=c, label=f"{i:g}") for i, c in shades.items()]
    panels.legend(axes, lines, title="network at\niteration", bbox_to_anchor=(0.0, 0.86), **place)
