"""The two extreme variants of an intervention, of which several networks are compared in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from spectral_bias.claims.registry import Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import require_learnt
from spectral_bias.experiments.fridovichkeil2021.fractions import last_epoch
from spectral_bias.statistics import paired_difference, require

PLACES = ("low", "high")
UNIT = "networks (seeds)"


@dataclass(frozen=True)
class Pairs:
    """Networks of two variants, one pair for each seed.

    Attributes:
        names: the variant that is expected to have more of what is claimed, and the other.
        first: one row for each seed, of the former.
        second: likewise, of the latter.
    """

    names: tuple[str, str]
    first: pd.DataFrame
    second: pd.DataFrame

    @property
    def count(self) -> int:
        """Networks of both variants together."""
        return len(self.first) + len(self.second)


def variants_of(tables: Tables, intervention: str) -> dict[str, str]:
    """The extreme variants, by their place.

    Raises:
        UndecidedError: there are none.
    """
    rows = tables["extremes"]
    rows = rows[rows["intervention"] == intervention].drop_duplicates("place")
    named = rows.set_index("place")["variant"].astype(str).to_dict()
    require(set(named) == set(PLACES), "no two extreme variants were trained")
    return named


def names_of(tables: Tables, intervention: str) -> str:
    """ "none and cutout", for the statement of a claim."""
    named = variants_of(tables, intervention)
    return " and ".join(named[place] for place in PLACES)


def pairs_of(rows: pd.DataFrame, names: dict[str, str], first: str) -> Pairs:
    """Rows of both extremes with columns place and seed, of the seeds that both have."""
    second = PLACES[1 - PLACES.index(first)]
    parts = [
        rows[rows["place"] == place].set_index("seed").sort_index() for place in (first, second)
    ]
    both = parts[0].index.intersection(parts[1].index)
    ordered = (names[first], names[second])
    return Pairs(ordered, *(part.loc[both] for part in parts))


def networks(tables: Tables, intervention: str) -> pd.DataFrame:
    """Rows of the table extremes of an intervention, with the networks' paths and accuracies."""
    rows = tables["extremes"]
    rows = rows[rows["intervention"] == intervention]
    return rows.merge(last_epoch(tables["interpolation_summary"]), on="run")


def by_accuracy(tables: Tables, intervention: str) -> Pairs:
    """Pairs with the more accurate variant, by the mean over seeds, first.

    Raises:
        UndecidedError: there are too few pairs, some network is near chance, the better ones have
            not learnt the classes, or the variants' accuracies do not differ beyond the spread over
            seeds.
    """
    names, rows = variants_of(tables, intervention), networks(tables, intervention)
    count = len(rows)
    require(count > 0, "no extreme variant was measured")
    classifiers = tables["classifiers"]
    guessing = classifiers.loc[classifiers["near_chance"].astype(bool), "run"]
    lost = rows.loc[rows["run"].isin(guessing), "variant"]
    require(len(lost) == 0, f"near chance: {_counted(lost)}", count)
    means = rows.groupby("place")["test_accuracy"].mean()
    require(len(means) == len(PLACES), "one of the extreme variants was not measured", count)
    found = pairs_of(rows, names, str(means.idxmax()))
    require_learnt(float(means.max()), count)
    accuracy = [part["test_accuracy"].to_numpy() for part in (found.first, found.second)]
    gain = paired_difference(*accuracy, n_runs=count)
    ends = f"{100 * gain.ci_low:.1f} to {100 * gain.ci_high:.1f}"
    require(
        gain.ci_low > 0,
        f"the extremes do not differ in test accuracy ({accuracies_text(found)}; difference {ends} "
        "percentage points)",
        count,
    )
    return found


def accuracies_text(pairs: Pairs) -> str:
    """ "wrn_160 78.1 %, wrn_32 75.0 % accurate; 4 seeds each"."""
    texts = [
        f"{name} {100 * part['test_accuracy'].mean():.1f} %"
        for name, part in zip(pairs.names, (pairs.first, pairs.second), strict=True)
    ]
    return f"{', '.join(texts)} accurate; {len(pairs.first)} seeds each"


def means_text(pairs: Pairs, columns: Sequence[str]) -> str:
    """Means of some columns over the networks of either variant: "0.301, 0.292"."""
    means = [part[name].mean() for name in columns for part in (pairs.first, pairs.second)]
    return ", ".join(f"{mean:.4f}" for mean in means)


def _counted(variants: pd.Series) -> str:
    counts = variants.value_counts(sort=False)
    return ", ".join(f"{number} network(s) of {name}" for name, number in counts.items())
