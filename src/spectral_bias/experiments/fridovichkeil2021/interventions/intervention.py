"""What figures 5 to 9 share: one thing about the networks is changed, and its effect compared.

Three panels for each group of variants: how readily noise of each frequency is fitted, and the
high-frequency fraction between and within classes against test accuracy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectral_bias.experiments.fridovichkeil2021 import noise_curves, path_spectra
from spectral_bias.experiments.fridovichkeil2021.axis_labels import accuracy_axis, frequency_axis
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED, deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.captions import readable
from spectral_bias.figures.summarise import over_members

TABLES = ("interventions", "noise_minima", "interpolation_summary")
KINDS = ("between", "within")
COLUMNS = [
    *("panel", "source", "group", "variant", "value", "baseline", "replicate", "frequency"),
    *("noise_fitting", "noise_fitting_low", "noise_fitting_high", "epoch"),
    *("kind", "test_accuracy", "high_frequency_fraction"),
]
SEED = re.compile(r"\.seed\d+$")

# Pieces of the captions.
PANELS = """\
({noise}) Minimum noise fitting (Figure 1) of networks trained on labels that a radial wave of \
frequency f smooths, by {cifar10[wave][amplitude]} on average; minimum over the epochs after \
{cifar10[wave][warm_up]} (warm-up, ours). The higher it is, the more readily the wave is \
fitted; it is lower, too, where a network is surer of its classes. ({between}; {within}) Test \
accuracy of the same networks, trained without a wave, and their high-frequency fraction on \
straight paths between test images of two classes and of one class (Figure 2): DFT magnitudes of \
the class probabilities above {high} % of the band over all magnitudes, mean over \
{cifar10[interpolation][n_within]} paths within each class and {cifar10[interpolation][n_between]} \
of each pair of classes, {sampling}."""
SETTING = f"""\
Here ({{scale}} scale): {{baseline_text}} (the baseline). {{runs_text}} {{deviations}} {NUMBERED}"""


@dataclass(frozen=True)
class Group:
    """Variants that are compared in one row of panels.

    Attributes:
        name: heading of the row's legend.
        variants: rows of the table interventions, in the order of the legend.
    """

    name: str
    variants: pd.DataFrame


def chosen(tables: Mapping[str, pd.DataFrame], intervention: str) -> pd.DataFrame:
    """The rows of the table interventions that belong to one of them, sweeps by their value."""
    table = tables["interventions"]
    rows = table[table["intervention"] == intervention]
    return rows.sort_values("value", kind="stable") if rows["value"].notna().all() else rows


def drawn_groups(
    tables: Mapping[str, pd.DataFrame], groups: list[Group], context: Mapping[str, Any]
) -> pd.DataFrame:
    """Rows of all panels; a column `baseline` marks the variant that is the common network.

    Of every group three letters: noise fitting, fractions between and within classes. Further
    seeds of a network are averaged in the first, and have `replicate` True in the others.
    """
    settings = context["settings"]["cifar10"]
    parts = [pd.DataFrame(columns=COLUMNS)]
    for rank, group in enumerate(group for group in groups if len(group.variants)):
        last = last_epoch(tables["interpolation_summary"])
        noise, *fractions = letters(rank)
        facts = group.variants[["variant", "value", "run"]]
        facts = facts.assign(group=group.name, baseline=facts["run"] == settings["baseline"])
        parts.append(_noise(tables["noise_minima"], facts, settings).assign(panel=noise))
        found = _with_replicates(facts, last, "run", how="left")
        for letter, kind in zip(fractions, KINDS, strict=True):
            values = found.assign(high_frequency_fraction=found[f"{kind}_fraction"])
            parts.append(values.assign(panel=letter, kind=kind))
    together = pd.concat([part.reindex(columns=COLUMNS).astype(object) for part in parts])
    return together.assign(source="ours").infer_objects().reset_index(drop=True)


def last_epoch(summary: pd.DataFrame) -> pd.DataFrame:
    """Of every run the row of its last measured epoch."""
    return summary.sort_values("epoch").drop_duplicates("run", keep="last")


def letters(rank: int) -> str:
    """The letters of the panels in row `rank`."""
    return ascii_lowercase[3 * rank : 3 * rank + 3]


def _noise(minima: pd.DataFrame, facts: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Minimum noise fitting of the runs trained on the compared radial waves, mean over seeds.

    `epoch` is that of the latest minimum of any seed.
    """
    wanted = (minima["kind"] == "radial") & minima["noise_class"].isna()
    radial = noise_curves.trained(minima[wanted])
    common = np.isclose(radial["frequency"].to_numpy()[:, None], settings["wave"]["compared"])
    found = _with_replicates(facts, radial[common.any(axis=1)].drop(columns="run"), "base")
    ranks = {name: rank for rank, name in enumerate(facts["variant"])}
    keys = ["rank", "group", "variant", "value", "baseline", "frequency"]
    found = found.assign(rank=found["variant"].map(ranks))
    latest = found.groupby(keys, dropna=False)["epoch"].max().reset_index()
    return over_members(found, keys, "noise_fitting").merge(latest, on=keys).drop(columns="rank")


def _with_replicates(
    facts: pd.DataFrame, table: pd.DataFrame, run: str, how: str = "inner"
) -> pd.DataFrame:
    """Rows of `table` of the variants' runs and, marked, of the same runs with other seeds."""
    first = table[run].str.replace(SEED, "", regex=True)
    rows = table.assign(replicate=first != table[run], run=first)
    return facts.merge(rows, on="run", how=how).fillna({"replicate": False})


def draw_groups(data: pd.DataFrame) -> Figure:
    """The figure from the table made by `drawn_groups`: one row of panels for each group."""
    names = list(dict.fromkeys(data["group"]))
    rows = [list(letters(rank)) for rank in range(max(1, len(names)))]
    height = 0.3 + 1.9 * len(rows)
    figure, axes = style.new_figure(rows, height=height, width_ratios=[1.25, 1, 1])
    for rank, row in enumerate(rows):
        group = data[data["group"] == names[rank]] if names else data
        looks = _looks(group)
        _noise_panel(axes[row[0]], group[group["panel"] == row[0]], looks, row[0])
        for letter, kind in zip(row[1:], KINDS, strict=True):
            _fraction_panel(axes[letter], group[group["panel"] == letter], looks, letter, kind)
        _legend(axes[row[-1]], group, looks)
    return figure


def _looks(group: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Colour and marker of each variant: ordered colours for a sweep, else one for each.

    The baseline is black among things without order.
    """
    variants = group.drop_duplicates("variant")
    if is_sweep(group):
        shades = style.colours("strength", variants["value"])
        return {
            row.variant: {"color": shades[row.value], "marker": "o"}
            for row in variants.itertuples()
        }
    ranked = variants.sort_values("baseline", ascending=False, kind="stable")["variant"]
    first = 0 if variants["baseline"].any() else 1
    return {
        name: {
            "color": style.CATEGORIES[(rank + first) % len(style.CATEGORIES)],
            "marker": style.MARKERS[(rank + first) % len(style.MARKERS)],
        }
        for rank, name in enumerate(ranked)
    }


def is_sweep(group: pd.DataFrame) -> bool:
    """Whether the variants are steps of one quantity."""
    values = group.drop_duplicates("variant")["value"]
    return bool(len(values) > 0 and values.notna().all() and values.is_unique)


def _noise_panel(axes: Axes, data: pd.DataFrame, looks: Mapping[str, Any], letter: str) -> None:
    panels.title(axes, letter, "fitting of label noise")
    if data.empty:
        panels.empty(axes, "no network was trained\non noise")
        return
    for variant, look in looks.items():
        rows = data[data["variant"] == variant].sort_values("frequency")
        if (rows["noise_fitting_high"] > rows["noise_fitting_low"]).any():
            axes.fill_between(
                *(rows[name] for name in ("frequency", "noise_fitting_low", "noise_fitting_high")),
                color=look["color"],
                alpha=0.15,
                linewidth=0,
            )
        axes.plot(rows["frequency"], rows["noise_fitting"], markersize=3, linewidth=0.9, **look)
    frequency_axis(axes, data["frequency"])
    axes.set_ylabel("minimum noise fitting")


def _fraction_panel(
    axes: Axes, data: pd.DataFrame, looks: Mapping[str, Any], letter: str, kind: str
) -> None:
    panels.title(axes, letter, path_spectra.KINDS[kind])
    data = data.dropna(subset=["test_accuracy", "high_frequency_fraction"])
    if data.empty:
        panels.empty(axes, "not measured")
        return
    own = data[~data["replicate"].astype(bool)]
    if is_sweep(own):
        line = own.sort_values("value")
        axes.plot(
            line["test_accuracy"], line["high_frequency_fraction"], color="0.75", linewidth=0.7,
            zorder=1,
        )  # fmt: skip
    for row in data.itertuples():
        look = looks[row.variant] | (
            {"markerfacecolor": "none", "markersize": 3} if row.replicate else {"markersize": 4.5}
        )
        axes.plot([row.test_accuracy], [row.high_frequency_fraction], linestyle="none", **look)
    axes.margins(0.12)
    accuracy_axis(axes)
    if kind == "between":
        axes.set_ylabel("high-frequency fraction")


def _legend(axes: Axes, group: pd.DataFrame, looks: Mapping[str, Any]) -> None:
    """Beside the last panel of a row; steps of a sweep are named by their value."""
    if not looks:
        return
    sweep, handles = is_sweep(group), []
    for row in group.drop_duplicates("variant").itertuples():
        label = _step(row.value) if sweep else row.variant
        label = f"{label} (baseline)" if row.baseline else label
        look = {"linewidth": 0.9, "markersize": 4, **looks[row.variant]}
        handles.append(Line2D([], [], label=label, **look))
    legend = axes.legend(
        handles=handles, title=group["group"].iloc[0], loc="upper left", bbox_to_anchor=(1.02, 1.0),
        borderaxespad=0.0,
    )  # fmt: skip
    legend.set_alignment("left")


def _step(value: float) -> str:
    """5000 as "5,000", 0.0005 as "0.0005"."""
    return readable(int(value) if float(value).is_integer() else value)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts that all figures of interventions share."""
    settings = context["settings"]["cifar10"]
    rows = [letters(rank) for rank in range(max(1, data["group"].nunique()))]
    places = enumerate(("noise", "between", "within"))
    return {
        **{name: ", ".join(row[place] for row in rows) for place, name in places},
        **path_spectra.facts(settings),
        "deviations": deviations(settings, "wave", "interpolation"),
        "runs_text": _runs(data, settings["epochs"]),
    }


def _runs(data: pd.DataFrame, last: int) -> str:
    """What the caption says about missing variants, late minima and the spread over seeds."""
    noise, fractions = data[data["kind"].isna()], data[data["kind"] == "between"]
    missing = fractions.loc[fractions["high_frequency_fraction"].isna(), "variant"]
    text = f"Not measured: {', '.join(str(name) for name in missing)}. " if len(missing) else ""
    late = int((noise["epoch"] >= last).sum())
    if late:
        text += (
            f"Minima at the last epoch, where the wave had not yet begun to be fitted: {late} of "
            f"{len(noise)}. "
        )
    seeds = fractions[fractions["baseline"].astype(bool)].groupby("group").size().max()
    if not seeds > 1:
        return f"{text}One network for each setting, so that the spread over seeds is not known."
    return (
        f"{text}One network for each setting and {seeds} of the baseline: mean with a band from "
        "lowest to highest, and open markers for its other seeds. Differences within this spread "
        "mean nothing."
    )
