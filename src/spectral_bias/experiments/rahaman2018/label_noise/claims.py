"""Claims on digits with label noise of one frequency (rahaman2018, Section 4.2, figures 4, 11).

Which frequencies and noise amplitudes beta stand for "low" and "high" is taken from the table:
the lowest and the highest frequency that were run with what the claim needs. The best validation
loss of a run is the minimum over all its records, iteration 0 included. All statistics are formed
within a run: networks of one number start from the same weights in every setting.

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
    log_ratio_interval,
    mean_interval,
    mean_order,
    require,
    slope,
)

PAPER = "rahaman2018"
LOSS, POWER = "label_noise_loss", "label_noise_power"
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


def _powers(tables: Tables, frequency: float, betas: np.ndarray) -> np.ndarray:
    """(J,): mean square of the noise of one frequency at each beta."""
    table = tables[POWER]
    rows = table[table["frequency"] == frequency].set_index("beta")["power"].reindex(betas)
    missing = f"the power of the noise at k = {frequency:g} was not measured for every beta"
    require(bool(rows.notna().all()), missing)
    return rows.to_numpy()


def _offset(tables: Tables, frequency: float, beta: float) -> str:
    """A note on how much of the noise of a low frequency is no wave within the data."""
    table = tables[POWER]
    rows = table[(table["frequency"] == frequency) & (table["beta"] == beta)]
    if rows.empty:
        return "how much of the noise is a constant was not measured"
    constant = (rows["offset"] ** 2 / rows["power"]).item()
    return f"{100 * constant:.3g} % of the noise's mean square is that of a constant"


def low_raises_best(tables: Tables) -> Estimate:
    """Best validation loss with noise of the lowest k and its largest beta, over noise-free."""
    best = best_validation(tables[LOSS])
    frequency, betas = next(iter(_settings(best).items()))
    require(BASELINE in best.columns, "no noise-free baseline was run", len(best))
    noisy_M, clean_M = (best[column].to_numpy() for column in ((frequency, betas[-1]), BASELINE))
    note = f"k = {frequency:g}, beta = {betas[-1]:g}; {_offset(tables, frequency, betas[-1])}"
    return log_ratio_interval(noisy_M, clean_M, note)


def low_costs_more_than_high(tables: Tables) -> Estimate:
    """Best validation loss with the lowest over that with the highest k, at the same beta."""
    best = best_validation(tables[LOSS])
    settings = _settings(best)
    low, high = min(settings), max(settings)
    common = sorted(set(settings[low]) & set(settings[high]))
    require(low < high and bool(common), "no two frequencies were run with the same beta")
    beta = common[-1]
    low_M, high_M = (best[k, beta].to_numpy() for k in (low, high))
    note = f"k = {low:g} against {high:g}, beta = {beta:g}; {_offset(tables, low, beta)}"
    return log_ratio_interval(low_M, high_M, note)


def low_grows_with_beta(tables: Tables) -> Estimate:
    """Mean over runs of the slope of the best validation loss over beta, at the lowest swept k."""
    best = best_validation(tables[LOSS])
    frequency = _swept_frequencies(best)[0]
    best_MJ = best[frequency]
    betas_J = best_MJ.columns.to_numpy()
    note = f"k = {frequency:g}, {len(betas_J)} values of beta"
    note += f"; {_offset(tables, frequency, betas_J[-1])}"
    return mean_interval(slope(betas_J, best_MJ.to_numpy()), note)


def high_dips(tables: Tables) -> Estimate:
    """`dip_depth` of the validation loss at the highest k and its largest beta, over noise-free.

    The noise-free loss may rise late in training as well; what the noise does is what lies beyond.
    """
    rows = tables[LOSS][tables[LOSS]["curve"] == "validation"].fillna({"frequency": 0.0})
    noisy = rows[rows["beta"] > 0]
    require(not noisy.empty, "no label noise was run")
    frequency = noisy["frequency"].max()
    beta = noisy.loc[noisy["frequency"] == frequency, "beta"].max()
    settings = [(frequency, beta), BASELINE]
    curves = [rows[(rows["frequency"] == k) & (rows["beta"] == b)] for k, b in settings]
    require(not curves[1].empty, "no noise-free baseline was run")
    (noisy_MT, axes), (clean_MT, other) = (
        dense(curve, ("member", "iteration"), "mse") for curve in curves
    )
    same = np.array_equal(axes["member"], other["member"])
    require(same, "the noise-free baseline was run with other networks", len(noisy_MT))
    note = f"k = {frequency:g}, beta = {beta:g}"
    return log_ratio_interval(dip_depth(noisy_MT), dip_depth(clean_MT), note)


def dip_deepens_with_frequency(tables: Tables) -> Estimate:
    """Kendall tau-b over k of `dip_depth` at the largest beta run with three k, mean over runs."""
    rows = tables[LOSS]
    noisy = rows[(rows["curve"] == "validation") & (rows["beta"] > 0)]
    counts = noisy.groupby("beta")["frequency"].nunique()
    betas = counts[counts >= MIN_SETTINGS].index
    require(len(betas) > 0, f"no beta was run with {MIN_SETTINGS} frequencies")
    chosen = noisy[noisy["beta"] == max(betas)]
    mse_MJT, axes = dense(chosen, ("member", "frequency", "iteration"), "mse")
    depth_MJ = np.stack([dip_depth(mse_JT) for mse_JT in mse_MJT])
    ends = depth_MJ.mean(axis=0)[[0, -1]]
    note = f"beta = {max(betas):g}, depth {ends[0]:.2f} at the lowest, {ends[1]:.2f} at the highest"
    return mean_order(axes["frequency"], depth_MJ, f"{note} frequency")


def dip_depends_on_beta(tables: Tables) -> Estimate:
    """Size of the slope of the best validation loss over the noise's power, at the highest swept k.

    Over the power instead of beta, since that has a scale: a network whose best function bore all
    of the noise would have a slope of 1. The interval of the size is that of the slope (t, over
    runs) without its sign.
    """
    best = best_validation(tables[LOSS])
    frequency = _swept_frequencies(best)[-1]
    best_MJ = best[frequency]
    betas_J = best_MJ.columns.to_numpy()
    found = mean_interval(slope(_powers(tables, frequency, betas_J), best_MJ.to_numpy()))
    note = f"k = {frequency:g}, {len(betas_J)} values of beta; with its sign {found.value:.3g}"
    nearest = max(found.ci_low, -found.ci_high, 0.0)
    farthest = max(-found.ci_low, found.ci_high)
    return Estimate(abs(found.value), nearest, farthest, found.n_runs, note)


def high_fitted_later(tables: Tables) -> Estimate:
    """Kendall tau-b over k of the time at which a run's training loss falls to half the noise.

    A network that has fitted the classes but none of the noise has a training loss as large as the
    power of the noise. The level is half of that power, at the largest beta that was run with three
    frequencies.
    """
    rows = tables[LOSS]
    noisy = rows[(rows["curve"] == "training") & (rows["beta"] > 0)]
    counts = noisy.groupby("beta")["frequency"].nunique()
    betas = counts[counts >= MIN_SETTINGS].index
    require(len(betas) > 0, f"no beta was run with {MIN_SETTINGS} frequencies")
    beta = max(betas)
    chosen = noisy[noisy["beta"] == beta]
    mse_MTJ, axes = dense(chosen, ("member", "iteration", "frequency"), "mse")
    frequencies_J = axes["frequency"]
    levels = [_powers(tables, k, np.array([beta])).item() / 2 for k in frequencies_J]
    times_MJ = first_where(axes["iteration"], mse_MTJ <= np.array(levels), axis=-2)
    fewest = int(np.isfinite(times_MJ).sum(axis=1).min())
    note = f"beta = {beta:g}, every run has fitted noise of {fewest} of {len(levels)} frequencies"
    require(fewest >= MIN_SETTINGS, note, len(times_MJ))
    return mean_order(frequencies_J, times_MJ, note)


def _claim(**fields: object) -> Claim:
    return Claim(paper=PAPER, unit="networks (seeds)", **{"tables": (LOSS,), **fields})


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
        tables=(LOSS, POWER),
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
        tables=(LOSS, POWER),
        measure=low_costs_more_than_high,
    ),
    _claim(
        id="label_noise_low_grows_with_beta",
        statement="The larger the amplitude of low-frequency noise, the higher the best "
        "validation loss.",
        figures=("fig04",),
        statistic="Slope of the best validation loss over beta, at the lowest frequency run with "
        "several beta (least squares within a run, mean over runs; mean squared error per unit of "
        "beta)",
        threshold=0.0,
        threshold_reason="The claim is a direction, and 0 is where it turns. (An order of five "
        "values of beta, which all runs share, has no spread from which to tell.)",
        direction="above",
        tables=(LOSS, POWER),
        measure=low_grows_with_beta,
    ),
    _claim(
        id="label_noise_high_dips",
        statement="With noise of high frequency the validation loss dips, then rises again.",
        figures=("fig04",),
        statistic="Depth of the dip at the highest frequency and largest beta over that without "
        "noise (ratio within a run, geometric mean over runs; depth: the smaller of first and "
        "final validation loss over the minimum between them; final: median of the last 5 % of "
        "records)",
        threshold=2.0,
        threshold_reason="1 is a curve that dips as without noise; at 2 stopping at the dip "
        "gains twice as much as it does without noise.",
        direction="above",
        measure=high_dips,
    ),
    _claim(
        id="label_noise_dip_deepens_with_frequency",
        statement="The higher the frequency of the label noise, the more pronounced the dip of the "
        "validation loss.",
        figures=("fig04",),
        statistic="Kendall's tau-b between frequency and depth of the dip (the smaller of first "
        "and final validation loss over the minimum between them), largest beta run with several "
        "frequencies (mean over runs; no unit)",
        threshold=0.5,
        threshold_reason="0 is no order, 1 perfect order; at 0.5 three of four pairs of "
        "frequencies stand in the claimed order.",
        direction="above",
        measure=dip_deepens_with_frequency,
    ),
    _claim(
        id="label_noise_dip_insensitive_to_beta",
        statement="The depth of the dip under high-frequency noise hardly depends on the noise "
        "amplitude.",
        figures=("fig04",),
        statistic="Size of the slope of the best validation loss over the mean square of the "
        "noise, at the highest frequency run with several beta (least squares within a run, mean "
        "over runs, sign dropped; no unit)",
        threshold=0.1,
        threshold_reason="A margin of equivalence: at 1 the best function would bear all of the "
        "noise, at 0 none; below 0.1, on either side, nine tenths are kept out of it. The "
        "validation loss starts at the same value for every beta, so its minimum measures the "
        "depth.",
        direction="below",
        tables=(LOSS, POWER),
        measure=dip_depends_on_beta,
    ),
    _claim(
        id="label_noise_high_fitted_later",
        statement="The higher the frequency of the label noise, the later it is fitted.",
        figures=("fig11",),
        statistic="Kendall's tau-b between frequency and the first iteration at which a run's "
        "training loss is at most half of the mean square of the noise; largest beta (mean over "
        "runs; no unit)",
        threshold=0.5,
        threshold_reason="0 is no order, 1 perfect order; at 0.5 three of four pairs of "
        "frequencies stand in the claimed order.",
        direction="above",
        tables=(LOSS, POWER),
        measure=high_fitted_later,
    ),
)
