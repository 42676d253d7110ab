"""What figures 5 to 9 share: one thing about the networks is changed, and its effect compared.

Four panels for each group of variants: how readily noise of each frequency is fitted, how the
highest of these waves is fitted over training, and the high-frequency fraction between and within
classes against test accuracy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.chance import near_chance
from spectral_bias.experiments.fridovichkeil2021 import noise_curves, path_spectra
from spectral_bias.experiments.fridovichkeil2021.fractions import last_epoch
from spectral_bias.experiments.fridovichkeil2021.interventions.variant_panels import (
    excess_panel,
    fraction_panel,
    legend,
    looks_of,
    noise_panel,
)
from spectral_bias.experiments.fridovichkeil2021.purposes import COMPARED, split_seed
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED, deviations
from spectral_bias.figures import style
from spectral_bias.figures.summarise import over_members

TABLES = ("interventions", "noise_fitting", "wave_fits", "interpolation_summary")
KINDS = ("between", "within")
PLACES = ("noise", "excess", *KINDS)
"""What the panels of a row show, from left to right."""
OWN = ["group", "variant", "value", "baseline"]
COLUMNS = [
    *("panel", "source", *OWN, "seed", "extreme", "frequency", "epoch"),
    *(f"{value}{end}" for value in ("noise_fitting", "excess") for end in ("", "_low", "_high")),
    *("dip_epoch", "n_networks", "kind", "test_accuracy", "high_frequency_fraction"),
]

# Pieces of the captions.
PANELS = """\
({noise}) Minimum noise fitting (Figure 1) of networks trained on labels that a radial wave of \
frequency f smooths, by {cifar10[wave][amplitude]} on average; minimum over the epochs after \
{cifar10[wave][warm_up]} (warm-up, ours). The higher it is, the more readily the wave is \
fitted; it is lower, too, where a network is surer of its classes. ({excess}) The part of it that \
knows the wave (ours, Figure 1), at the highest of these f over training: the covariance above \
that of the same network on evenly smoothed labels. ({between}; {within}) Test accuracy of \
the same networks, trained without a wave, and their high-frequency fraction on straight paths \
between test images of two classes and of one class (Figure 2), raw, as in the first author's \
later code; above {high} % of the band, {cifar10[interpolation][n_within]} paths within each class \
and {cifar10[interpolation][n_between]} of each pair of classes, {sampling}. One marker for each \
network; thin lines join the two extremes of the intervention, seed by seed."""
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

    Of every group four letters, see `PLACES`. Further seeds of a network are averaged in the first
    two, and have rows of their own in the others; `extreme` is "low" or "high" for variants that
    are compared in pairs.
    """
    settings = context["settings"]["cifar10"]
    parts = [pd.DataFrame(columns=COLUMNS)]
    for rank, group in enumerate(group for group in groups if len(group.variants)):
        noise, excess, *fractions = letters(rank)
        facts = group.variants[["intervention", "variant", "value", "run"]]
        facts = facts.assign(group=group.name, baseline=facts["run"] == settings["baseline"])
        facts["extreme"] = [
            _place(settings["extremes"].get(row.intervention, []), row.variant)
            for row in facts.itertuples()
        ]
        facts = facts.drop(columns="intervention")
        parts.append(_minima(tables["wave_fits"], facts).assign(panel=noise))
        parts.append(_curves(tables["noise_fitting"], facts).assign(panel=excess))
        found = _with_seeds(facts, last_epoch(tables["interpolation_summary"]), "run", how="left")
        for letter, kind in zip(fractions, KINDS, strict=True):
            values = found.assign(high_frequency_fraction=found[f"{kind}_fraction"])
            parts.append(values.assign(panel=letter, kind=kind))
    together = pd.concat([part.reindex(columns=COLUMNS).astype(object) for part in parts])
    return together.assign(source="ours").infer_objects().reset_index(drop=True)


def _place(pair: list[str], variant: str) -> str:
    return ("low", "high")[pair.index(variant)] if variant in pair else ""


def letters(rank: int) -> str:
    """The letters of the panels in row `rank`."""
    count = len(PLACES)
    return ascii_lowercase[count * rank : count * (rank + 1)]


def _minima(fits: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Minimum noise fitting on the compared waves, mean over seeds; dip_epoch: the latest."""
    found = _with_seeds(facts, fits[fits["purpose"] == COMPARED].drop(columns="run"), "base")
    keys = [*OWN, "frequency"]
    by = found.groupby(keys, dropna=False)
    more = pd.DataFrame({"dip_epoch": by["dip_epoch"].max(), "n_networks": by.size()})
    means = over_members(found, keys, "noise_fitting").merge(more.reset_index(), on=keys)
    return _in_order(means, facts)


def _curves(noise: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The covariance above the floor over training, at the highest compared wave."""
    rows = noise[(noise["purpose"] == COMPARED) & (noise["labels"] == "wave")]
    rows = noise_curves.thinned_epochs(rows[rows["frequency"] == rows["frequency"].max()])
    found = _with_seeds(facts, rows.drop(columns="run"), "base")
    keys = [*OWN, "frequency", "epoch"]
    counts = found.groupby(keys, dropna=False).size().rename("n_networks").reset_index()
    return _in_order(over_members(found, keys, "excess").merge(counts, on=keys), facts)


def _in_order(rows: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    ranks = {name: rank for rank, name in enumerate(facts["variant"])}
    return rows.sort_values("variant", key=lambda names: names.map(ranks), kind="stable")


def _with_seeds(
    facts: pd.DataFrame, table: pd.DataFrame, run: str, how: str = "inner"
) -> pd.DataFrame:
    """Rows of `table` of the variants' runs, and of the same runs with other seeds."""
    names = [split_seed(str(name)) for name in table[run]]
    rows = table.assign(run=[name for name, _ in names], seed=[seed for _, seed in names])
    return facts.merge(rows, on="run", how=how).sort_values("seed", kind="stable")


def draw_groups(data: pd.DataFrame) -> Figure:
    """The figure from the table made by `drawn_groups`: one row of panels for each group."""
    names = list(dict.fromkeys(data["group"]))
    rows = [list(letters(rank)) for rank in range(max(1, len(names)))]
    height = 0.3 + 1.75 * len(rows)
    figure, axes = style.new_figure(rows, height=height)
    for rank, row in enumerate(rows):
        group = data[data["group"] == names[rank]] if names else data
        looks = looks_of(group)
        own = {place: group[group["panel"] == row[at]] for at, place in enumerate(PLACES)}
        noise_panel(axes[row[0]], own["noise"], looks, row[0])
        excess_panel(axes[row[1]], own["excess"], looks, row[1])
        for letter, kind in zip(row[2:], KINDS, strict=True):
            fraction_panel(axes[letter], own[kind], looks, letter, kind)
        legend(axes[row[-1]], group, looks)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts that all figures of interventions share."""
    settings = context["settings"]["cifar10"]
    rows = [letters(rank) for rank in range(max(1, data["group"].nunique()))]
    return {
        **{name: ", ".join(row[at] for row in rows) for at, name in enumerate(PLACES)},
        **path_spectra.facts(settings),
        "deviations": deviations(settings, "wave", "interpolation"),
        "runs_text": _runs(data, settings),
    }


def _runs(data: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """What the caption says about missing variants, late minima and the spread over seeds."""
    minima, fractions = data[data["dip_epoch"].notna()], data[data["kind"] == "between"]
    missing = fractions.loc[fractions["high_frequency_fraction"].isna(), "variant"]
    parts = [f"Not measured: {_listed(missing)}."] if len(missing) else []
    known = fractions.dropna(subset="high_frequency_fraction")
    silent = [name for name in known["variant"].unique() if name not in set(minima["variant"])]
    if silent and len(minima):
        parts.append(f"Without waves at this scale: {_listed(silent)}.")
    late = int((minima["dip_epoch"] >= settings["epochs"]).sum())
    if late:
        parts.append(
            f"Minima at the last epoch, where the wave had not yet begun to be fitted: {late} of "
            f"{len(minima)}."
        )
    lost = known[[near_chance(accuracy) for accuracy in known["test_accuracy"]]]
    # Of other folders of images the number of classes is not known here.
    if len(lost) and settings["data"]["source"] != "imagefolder":
        parts.append(f"Near chance at the end: {_listed(lost['variant'])}.")
    return " ".join([*parts, _seeds(known)])


def _seeds(known: pd.DataFrame) -> str:
    counts = known.groupby("variant")["seed"].nunique()
    several = counts[counts > 1]
    if several.empty:
        return "One network for each setting, so that the spread over seeds is not known."
    texts = [
        f"{number} each of {_listed(names.index)}" for number, names in several.groupby(several)
    ]
    return (
        f"Networks that differ in their seed: {', '.join(texts)}; one of each other setting. "
        "Curves are means, with bars and bands from the lowest to the highest network. Differences "
        "within this spread mean nothing."
    )


def _listed(names: Any) -> str:
    return "; ".join(dict.fromkeys(str(name) for name in names))
