"""What figures 5 to 9 share: one thing about the networks is changed, and its effect compared.

Four panels for each group of variants: how readily noise of each frequency is fitted, how the
highest of these waves is fitted over training, and the high-frequency fraction between and within
classes against test accuracy.
"""

from collections.abc import Mapping, Sequence
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
"""What the panels of a row show, from left to right; of later rows without waves only `KINDS`."""
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

    The letters of each group's panels are those of `lettered`. Further seeds of a network are
    averaged for the waves, and have rows of their own for the fractions; `extreme` is "low" or
    "high" for variants that are compared in pairs.
    """
    settings = context["settings"]["cifar10"]
    parts = [pd.DataFrame(columns=COLUMNS)]
    groups = [group for group in groups if len(group.variants)]
    waved = tables["wave_fits"].loc[tables["wave_fits"]["purpose"] == COMPARED, "base"]
    known = {split_seed(str(run))[0] for run in waved}
    rows = lettered([bool(known & set(group.variants["run"])) for group in groups])
    for group, row in zip(groups, rows, strict=False):
        facts = group.variants[["intervention", "variant", "value", "run"]]
        facts = facts.assign(group=group.name, baseline=facts["run"] == settings["baseline"])
        facts["extreme"] = [
            _place(settings["extremes"].get(row.intervention, []), row.variant)
            for row in facts.itertuples()
        ]
        facts = facts.drop(columns="intervention")
        if "noise" in row:
            parts.append(_minima(tables["wave_fits"], facts).assign(panel=row["noise"]))
            parts.append(_curves(tables["noise_fitting"], facts).assign(panel=row["excess"]))
        found = _with_seeds(facts, last_epoch(tables["interpolation_summary"]), "run", how="left")
        for kind in KINDS:
            values = found.assign(high_frequency_fraction=found[f"{kind}_fraction"])
            parts.append(values.assign(panel=row[kind], kind=kind))
    together = pd.concat([part.reindex(columns=COLUMNS).astype(object) for part in parts])
    return together.assign(source="ours").infer_objects().reset_index(drop=True)


def _place(pair: list[str], variant: str) -> str:
    return ("low", "high")[pair.index(variant)] if variant in pair else ""


def lettered(with_waves: Sequence[bool]) -> list[dict[str, str]]:
    """What each row of panels shows, with its letter, from left to right; at least one row.

    A row below the first whose variants were trained without waves has the fractions alone.
    """
    letters = iter(ascii_lowercase)
    return [
        {place: next(letters) for place in (PLACES if waves or rank == 0 else KINDS)}
        for rank, waves in enumerate(with_waves or [False])
    ]


def _rows(data: pd.DataFrame) -> list[dict[str, str]]:
    """`lettered` for a table made by `drawn_groups`."""
    by_group = data.groupby("group", sort=False)["frequency"]
    return lettered([bool(values.notna().any()) for _, values in by_group])


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
    rows = _rows(data)
    # A row of two panels gives each the width of two.
    mosaic = [
        [letter for letter in row.values() for _ in range(len(PLACES) // len(row))] for row in rows
    ]
    figure, axes = style.new_figure(mosaic, height=0.3 + 1.75 * len(rows))
    for rank, row in enumerate(rows):
        group = data[data["group"] == names[rank]] if names else data
        looks = looks_of(group)
        own = {place: group[group["panel"] == letter] for place, letter in row.items()}
        if "noise" in row:
            noise_panel(axes[row["noise"]], own["noise"], looks, row["noise"])
            excess_panel(axes[row["excess"]], own["excess"], looks, row["excess"])
        for kind in KINDS:
            fraction_panel(axes[row[kind]], own[kind], looks, row[kind], kind)
        legend(axes[row[KINDS[-1]]], group, looks)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts that all figures of interventions share."""
    settings = context["settings"]["cifar10"]
    rows = _rows(data)
    return {
        **{place: ", ".join(row[place] for row in rows if place in row) for place in PLACES},
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
