"""What the claims on the baseline network share: which rows are its own, and whether it learnt.

Claims read tables alone, so the baseline is told by what only it was trained on: most waves.
"""

import pandas as pd

from spectral_bias.statistics import UndecidedError, require

PAPER = "fridovichkeil2021"
MIN_ACCURACY = 0.5
WAVE = ["kind", "frequency", "spatial_frequency", "noise_class", "wave_seed"]


def first_seed(runs: pd.Series) -> pd.Series:
    """Names of runs without the part that tells their seed."""
    return runs.astype(str).str.replace(r"\.seed\d+$", "", regex=True)


def baseline(minima: pd.DataFrame) -> str:
    """The noise-free run that most waves were tried on.

    Raises:
        UndecidedError: no network was trained on a wave.
    """
    own = minima[minima["trained"].astype(bool)]
    if own.empty:
        raise UndecidedError("no network was trained on a wave")
    distinct = own.assign(base=first_seed(own["base"])).drop_duplicates(["base", *WAVE])
    return str(distinct["base"].value_counts(sort=False).idxmax())


def waves(table: pd.DataFrame, kind: str, name: str) -> pd.DataFrame:
    """Rows of networks trained on waves of `kind` on all classes, of all seeds of one baseline."""
    own = table["trained"].astype(bool) & (first_seed(table["base"]) == name)
    return table[own & (table["kind"] == kind) & table["noise_class"].isna()]


def even_floor(minima: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of networks with evenly smoothed labels, tested on waves, of all a baseline's seeds."""
    return minima[(minima["floor"] == "uniform") & (first_seed(minima["base"]) == name)]


def require_learnt(accuracy: float, n_runs: int = 0) -> None:
    """Raises UndecidedError unless the network classifies half of the test images correctly."""
    require(
        accuracy >= MIN_ACCURACY,
        f"the network classifies {100 * accuracy:.0f} % of the test images correctly, where one "
        f"that has learnt the classes needs at least {100 * MIN_ACCURACY:.0f} %",
        n_runs,
    )


def require_fitted(minima: pd.DataFrame, name: str, *kinds: str) -> None:
    """Raises UndecidedError if no wave of `kinds` is fitted better than by networks that saw none.

    These are networks whose labels were smoothed as much by no wave. A minimum at their level says
    how sure a network is and nothing of the wave. Without such networks nothing is required.
    """
    uniform = even_floor(minima, name)
    floor = uniform[uniform["kind"].isin(kinds)]
    own = pd.concat([waves(minima, kind, name) for kind in kinds])
    if floor.empty or own.empty:
        return
    best = own.groupby(WAVE, dropna=False)["noise_fitting"].mean().max()
    highest = floor["noise_fitting"].max()
    require(
        best > highest,
        f"no wave was fitted: the highest minimum, {best:.3f}, is not above that of networks "
        f"trained on uniformly smoothed labels, {highest:.3f}",
        own["seed"].nunique(),
    )


def above_floor(own: pd.DataFrame, minima: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of `own` with noise_fitting less the floor of the same wave, its mean over seeds.

    The floor differs between waves: where images with much label noise are also the hard ones,
    noise fitting is higher without any fit. Rows are left as they are if there is no floor at all.
    """
    uniform = even_floor(minima, name)
    if uniform.empty:
        return own
    floor = uniform.groupby(WAVE, dropna=False, as_index=False)["noise_fitting"].mean()
    both = own.merge(floor, on=WAVE, how="left", suffixes=("", "_floor"))
    return both.assign(noise_fitting=both["noise_fitting"] - both["noise_fitting_floor"])
