"""Claims on digits with label noise of one frequency (rahaman2018, Section 4.2, figures 4, 11).

Which frequencies and noise amplitudes beta stand for "low" and "high" is taken from the table:
the lowest and the highest frequency that were run with what the claim needs. The best validation
loss of a run is the minimum over all its records, iteration 0 included.

Shape suffixes: M members (seeds), T records, J settings (values of beta, or frequencies).
"""

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.dips import dip_depth
from spectral_bias.statistics import (
    Estimate,
    dense,
    first_where,
    geometric_mean_ratio,
    kendall_tau,
    member_bootstrap,
    require,
    resampled_mean,
    slope,
)

PAPER = "rahaman2018"
TABLE = "label_noise_loss"
MIN_SETTINGS = 3
BASELINE = (0.0, 0.0)


def best_validation(table: pd.DataFrame) -> pd.DataFrame:
    """Best validation loss: one row per member, one column per setting (frequency, beta).

    The noise-free baseline is the column (0, 0). Members that lack a setting are left out.
    """
    rows = table[table["curve"] == "validation"].fillna({"frequency": 0.0})
    require(not rows.empty, "no validation loss was recorded")
    best = rows.groupby(["member", "frequency", "beta"])["mse"].min()
    return best.unstack(["frequency", "beta"]).dropna().sort_index(axis=1)


def _settings(best: pd.DataFrame) -> dict[float, list[float]]:
    """{frequency: its values of beta}, both increasing, without the baseline."""
    settings: dict[float, list[float]] = {}
    for frequency, beta in best.columns:
        if (frequency, beta) != BASELINE:
            settings.setdefault(frequency, []).append(beta)
    require(len(settings) > 0, "no label noise was run")
    return settings


def _swept_frequencies(best: pd.DataFrame) -> list[float]:
    """Frequencies that were run with at least three values of beta, increasing."""
    swept = [k for k, betas in _settings(best).items() if len(betas) >= MIN_SETTINGS]
    require(len(swept) > 0, f"no frequency was run with {MIN_SETTINGS} values of beta")
    return swept


def low_raises_best(tables: Tables) -> Estimate:
    """Best validation loss with noise of the lowest k and its largest beta, over noise-free."""
    best = best_validation(tables[TABLE])
    frequency, betas = next(iter(_settings(best).items()))
    require(BASELINE in best.columns, "no noise-free baseline was run", len(best))
    ratio = geometric_mean_ratio(best[frequency, betas[-1]].to_numpy(), best[BASELINE].to_numpy())
    note = f"k = {frequency:g}, beta = {betas[-1]:g}"
    return member_bootstrap(ratio, len(best), note)


def low_costs_more_than_high(tables: Tables) -> Estimate:
    """Best validation loss with the lowest over that with the highest k, at the same beta."""
    best = best_validation(tables[TABLE])
    settings = _settings(best)
    low, high = min(settings), max(settings)
    common = sorted(set(settings[low]) & set(settings[high]))
    require(low < high and bool(common), "no two frequencies were run with the same beta")
    beta = common[-1]
    ratio = geometric_mean_ratio(best[low, beta].to_numpy(), best[high, beta].to_numpy())
    return member_bootstrap(ratio, len(best), f"k = {low:g} against {high:g}, beta = {beta:g}")


def low_grows_with_beta(tables: Tables) -> Estimate:
    """Kendall tau-b between beta and the mean best validation loss, at the lowest swept k."""
    best = best_validation(tables[TABLE])
    frequency = _swept_frequencies(best)[0]
    best_MJ = best[frequency]
    betas = best_MJ.columns.to_numpy()
    losses = best_MJ.to_numpy()
    note = f"k = {frequency:g}, {len(betas)} values of beta"
    return member_bootstrap(
        lambda index: kendall_tau(betas, resampled_mean(losses, index)), len(best), note
    )


def high_dips(tables: Tables) -> Estimate:
    """`dip_depth` of the validation loss at the highest k and its largest beta."""
    rows = tables[TABLE][tables[TABLE]["curve"] == "validation"]
    noisy = rows[rows["beta"] > 0]
    require(not noisy.empty, "no label noise was run")
    frequency = noisy["frequency"].max()
    beta = noisy.loc[noisy["frequency"] == frequency, "beta"].max()
    chosen = noisy[(noisy["frequency"] == frequency) & (noisy["beta"] == beta)]
    mse_MT, axes = dense(chosen, ("member", "iteration"), "mse")
    note = f"k = {frequency:g}, beta = {beta:g}"
    return member_bootstrap(dip_depth(mse_MT), len(axes["member"]), note)


def dip_depends_on_beta(tables: Tables) -> Estimate:
    """Slope of the best validation loss over beta at the highest k, over that at the lowest k.

    Both frequencies are the outermost ones that were run with three common values of beta; slopes
    are least squares on means over members. Undecided unless the slope at the low frequency, the
    yardstick, is positive with its whole interval.
    """
    best = best_validation(tables[TABLE])
    swept = _swept_frequencies(best)
    low, high = swept[0], swept[-1]
    settings = _settings(best)
    betas = np.array(sorted(set(settings[low]) & set(settings[high])))
    require(
        low < high and len(betas) >= MIN_SETTINGS,
        f"no two frequencies were run with the same {MIN_SETTINGS} values of beta",
    )
    low_MJ, high_MJ = (best[k][list(betas)].to_numpy() for k in (low, high))
    yardstick = member_bootstrap(
        lambda index: slope(betas, resampled_mean(low_MJ, index)), len(best)
    )
    require(
        yardstick.ci_low > 0,
        f"the best validation loss does not clearly rise with beta at k = {low:g}, "
        "so there is nothing to compare with",
        len(best),
    )

    def ratio(index: np.ndarray) -> np.ndarray:
        high_slope = slope(betas, resampled_mean(high_MJ, index))
        return high_slope / slope(betas, resampled_mean(low_MJ, index))

    note = f"k = {high:g} against {low:g}, {len(betas)} values of beta"
    return member_bootstrap(ratio, len(best), note)


def high_fitted_later(tables: Tables) -> Estimate:
    """Kendall tau-b over k of the time at which the training loss falls to half the noise power.

    A sine of amplitude beta has mean square beta²/2, so a network that has fitted the classes but
    none of the noise stays at about beta²/2. The level is beta²/4 for every k, at the largest beta
    that was run with three frequencies; the curve is the mean over members.
    """
    rows = tables[TABLE]
    noisy = rows[(rows["curve"] == "training") & (rows["beta"] > 0)]
    counts = noisy.groupby("beta")["frequency"].nunique()
    betas = counts[counts >= MIN_SETTINGS].index
    require(len(betas) > 0, f"no beta was run with {MIN_SETTINGS} frequencies")
    beta = max(betas)
    chosen = noisy[noisy["beta"] == beta]
    mse_MTJ, axes = dense(chosen, ("member", "iteration", "frequency"), "mse")

    def times(index: np.ndarray) -> np.ndarray:
        below = resampled_mean(mse_MTJ, index) <= beta**2 / 4
        return first_where(axes["iteration"], below, axis=-2)

    members = len(axes["member"])
    fitted = int(np.isfinite(times(np.arange(members))).sum())
    note = f"beta = {beta:g}, noise of {fitted} of {len(axes['frequency'])} frequencies is fitted"
    require(fitted >= MIN_SETTINGS, note, members)
    return member_bootstrap(
        lambda index: kendall_tau(axes["frequency"], times(index)), members, note
    )


def _claim(**fields: object) -> Claim:
    return Claim(paper=PAPER, tables=(TABLE,), **fields)


CLAIMS = (
    _claim(
        id="label_noise_low_raises_best",
        statement="Label noise of low frequency raises the best validation loss.",
        figures=("fig04",),
        statistic="Best validation loss with noise of the lowest frequency and largest beta over "
        "the noise-free one (ratio within a run, geometric mean over runs)",
        threshold=2.0,
        threshold_reason="1 is no effect, but any noise costs a little; at 2 the noise adds as "
        "much error as the noise-free network has altogether.",
        direction="above",
        measure=low_raises_best,
    ),
    _claim(
        id="label_noise_low_worse_than_high",
        statement="Noise of low frequency costs more of the best validation loss than noise of "
        "high frequency and the same amplitude.",
        figures=("fig04",),
        statistic="Best validation loss with noise of the lowest frequency over that with the "
        "highest, at the same, largest beta (ratio within a run, geometric mean over runs)",
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where the order turns.",
        direction="above",
        measure=low_costs_more_than_high,
    ),
    _claim(
        id="label_noise_low_grows_with_beta",
        statement="The larger the amplitude of low-frequency noise, the higher the best "
        "validation loss.",
        figures=("fig04",),
        statistic="Kendall's tau-b between beta and the best validation loss (mean over runs), at "
        "the lowest frequency run with several beta (no unit)",
        threshold=0.5,
        threshold_reason="0 is no order, 1 perfect order; at 0.5 three of four pairs of values of "
        "beta stand in the claimed order.",
        direction="above",
        measure=low_grows_with_beta,
    ),
    _claim(
        id="label_noise_high_dips",
        statement="With noise of high frequency the validation loss dips, then rises again.",
        figures=("fig04",),
        statistic="The smaller of first and final validation loss over the minimum between them, "
        "at the highest frequency and largest beta (ratio within a run, geometric mean over runs; "
        "final: median of the last 5 % of records)",
        threshold=2.0,
        threshold_reason="1 is a curve without a dip; at 2 stopping at the dip halves the final "
        "error.",
        direction="above",
        measure=high_dips,
    ),
    _claim(
        id="label_noise_dip_insensitive_to_beta",
        statement="The depth of the dip under high-frequency noise depends on the noise amplitude "
        "less than half as strongly as the best validation loss does under low-frequency noise.",
        figures=("fig04",),
        statistic="Slope of the best validation loss over beta at the highest frequency divided by "
        "the slope at the lowest frequency run with the same beta (ratio of least-squares slopes "
        "of means over runs)",
        threshold=0.5,
        threshold_reason="0 is a dip that ignores beta, 1 one that depends on it as at low "
        "frequency; 0.5 is halfway. The validation loss starts at the same value for every beta, "
        "so its minimum measures the depth.",
        direction="below",
        measure=dip_depends_on_beta,
    ),
    _claim(
        id="label_noise_high_fitted_later",
        statement="The higher the frequency of the label noise, the later it is fitted.",
        figures=("fig11",),
        statistic="Kendall's tau-b between frequency and the first iteration at which the training "
        "loss (mean over runs) is at most beta^2/4, half the mean square of the noise; largest "
        "beta (no unit)",
        threshold=0.5,
        threshold_reason="0 is no order, 1 perfect order; at 0.5 three of four pairs of "
        "frequencies stand in the claimed order.",
        direction="above",
        measure=high_fitted_later,
    ),
)
