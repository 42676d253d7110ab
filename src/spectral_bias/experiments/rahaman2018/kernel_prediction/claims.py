"""Claims on the tangent kernel of Experiment 1's networks (figure 27 is ours).

Eq. 9 of Rahaman et al. (2019; their Appendix C.4) bounds how fast the residual at frequency k
changes under gradient descent by O(k^-Delta), since the gradient of f~(k) with respect to the
parameters falls one power of k slower than f~(k) itself; Delta is 1 on the line. The kernel's rate
for a mode is the squared norm of that gradient, so a bound k^-1 on the gradient makes it k^-2.
"""

from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.kernel_prediction.prediction_errors import remaining
from spectral_bias.statistics import (
    Estimate,
    dense,
    kendall_tau,
    log_ratio_interval,
    mean_interval,
    require,
    slope,
)

PAPER, FIGURES, UNIT = "rahaman2018", ("fig27",), "networks (seeds)"
RATES, TIMES = "kernel_prediction_rates", "kernel_prediction_times"
EQ9_EXPONENT = -1.0
MIN_FITTED = 3
FIT_UP_TO = 0.25
"""Exponents are fitted up to this fraction of N, as far as the frequencies of Experiment 1 go."""
FACTOR = 2.0


def rate_exponent(tables: Tables, kernel: str) -> Estimate:
    """Mean over networks of p in rate ~ k^p under SGD, for the "first" or the "last" kernel."""
    table = tables[RATES]
    table = table[table["optimiser"] == "sgd"]
    chosen = table["kernel_at"].min() if kernel == "first" else table["kernel_at"].max()
    table = table[table["kernel_at"] == chosen]
    highest = table["frequency"].max()  # the last k below N/2
    fitted = table[table["frequency"] <= 2 * FIT_UP_TO * (highest + 1)]
    rate_MK, axes = dense(fitted, ("member", "frequency"), "rate")
    require(bool((rate_MK > 0).all()), "a mode has the rate 0", len(rate_MK))
    exponent_M = slope(np.log(axes["frequency"]), np.log(rate_MK))
    note = f"iteration {chosen:,}, k = 1 to {axes['frequency'][-1]:g}"
    return mean_interval(exponent_M, note)


def order(tables: Tables, measured: str) -> Estimate:
    """Mean over networks of Kendall's tau-b between predicted and measured times over k.

    Args:
        tables: with `kernel_prediction_times`.
        measured: "t_measured" (gradient descent) or "t_adam".
    """
    times = _first_kernel(tables)
    predicted_MK, measured_MK = (
        _by_member(times, name).fillna(np.inf).to_numpy() for name in ("t_predicted", measured)
    )
    fitted_M = np.isfinite(measured_MK).sum(axis=1)
    members, frequencies = measured_MK.shape
    note = f"{fitted_M.min()} to {fitted_M.max()} of {frequencies} frequencies fitted"
    require(bool((fitted_M >= MIN_FITTED).all()), note, members)
    # One pair that changes places moves tau by 4 / (K (K - 1)).
    step = 4 / (frequencies * (frequencies - 1))
    return mean_interval(kendall_tau(predicted_MK, measured_MK), note, resolution=step / members)


def time_factor(tables: Tables) -> Estimate:
    """Factor by which the first kernel's time is off, either way: geometric mean over k."""
    off = _log_ratios(_first_kernel(tables))
    factor_M = np.exp(off.groupby("member")["log_ratio"].agg(lambda x: x.abs().mean()))
    over = (off["log_ratio"] > 0).mean()
    note = f"too late in {100 * over:.0f} % of {len(off)} pairs of network and frequency"
    return log_ratio_interval(factor_M.to_numpy(), np.ones(len(factor_M)), note)


def time_growth(tables: Tables) -> Estimate:
    """Power p of predicted over measured time ~ k^p, first kernel, mean over networks."""
    off = _log_ratios(_first_kernel(tables))
    powers = [
        float(slope(np.log(rows["frequency"].to_numpy()), rows["log_ratio"].to_numpy()))
        for _, rows in off.groupby("member")
    ]
    return mean_interval(np.array(powers), _range_note(off))


def later_gain(tables: Tables) -> Estimate:
    """How much less the remaining times are off from later kernels than from the first.

    For every later kernel with at least `MIN_FITTED` frequencies still to be fitted, in each
    network: the mean |log ratio| of the first kernel, over the same frequencies, minus its own.
    """
    off = remaining(tables[TIMES])
    first = off[off["kernel_at"] == 0].set_index(["member", "frequency"])["log_ratio"].abs()
    rows = []
    for (member, kernel_at), group in off[off["kernel_at"] > 0].groupby(["member", "kernel_at"]):
        keys = [(member, k) for k in group["frequency"] if (member, k) in first.index]
        if len(keys) == len(group) >= MIN_FITTED:
            gain = first.loc[keys].mean() - group["log_ratio"].abs().mean()
            rows.append({"member": member, "kernel_at": kernel_at, "gain": gain})
    require(len(rows) > 0, "no later kernel has three frequencies left to be fitted")
    gains = pd.DataFrame(rows)
    note = "kernels of iterations " + ", ".join(f"{i:,}" for i in sorted(set(gains["kernel_at"])))
    gain_M = np.exp(gains.groupby("member")["gain"].mean().to_numpy())
    return log_ratio_interval(gain_M, np.ones(len(gain_M)), note)


def fitted_at_failure(tables: Tables) -> Estimate:
    """Amplitude reached where the first kernel's prediction fails, mean over k and networks.

    A prediction that holds to the end of training counts with what is fitted then, at most 1.
    """
    times = _first_kernel(tables)
    never = times["fails_at"].isna()
    require(not never.all(), "no prediction fails within training", times["member"].nunique())
    fitted_MK, _ = dense(times.assign(fitted=times["fitted"].fillna(1.0)), _AXES, "fitted")
    failed = times.groupby("frequency")["fails_at"].median()
    note = f"median iteration {failed.iloc[0]:,.0f} (k = {failed.index[0]}) to "
    note += f"{failed.iloc[-1]:,.0f} (k = {failed.index[-1]})"
    return mean_interval(fitted_MK.mean(axis=1), note)


_AXES = ("member", "frequency")


def _first_kernel(tables: Tables) -> pd.DataFrame:
    table = tables[TIMES]
    require(len(table) > 0, "no time was measured")
    return table[table["kernel_at"] == 0].sort_values([*_AXES])


def _by_member(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.pivot(index="member", columns="frequency", values=name)


def _log_ratios(times: pd.DataFrame) -> pd.DataFrame:
    """`remaining` of the first kernel, once every network has enough fitted frequencies."""
    members, off = times["member"].nunique(), remaining(times)
    counts = off.groupby("member").size()
    enough = len(counts) == members and bool((counts >= MIN_FITTED).all())
    require(enough, f"a network fits fewer than {MIN_FITTED} frequencies", members)
    return off


def _range_note(off: pd.DataFrame) -> str:
    ratio = np.exp(off.groupby("frequency")["log_ratio"].mean())
    ends = (f"{ratio.loc[k]:,.3g} at k = {k}" for k in (ratio.index[0], ratio.index[-1]))
    return "predicted over measured, geometric mean: " + ", ".join(ends)


_ORDER_REASON = (
    "0 is no order, 1 perfect order; 0.5 means that three of four pairs of frequencies stand in "
    "the claimed order."
)
_RATE = (
    "Least-squares exponent of the kernel's rate over k up to N/4, Rayleigh quotients of the "
    "Fourier modes, mean over networks (no unit)"
)
_RATE_REASON = (
    "Eq. 9 bounds the rate by O(k^-Delta), and Delta = 1 on the line. Gradients that jump in z "
    "give -2, a kernel that does not tell frequencies apart 0."
)


def _claim(**fields: object) -> Claim:
    return Claim(paper=PAPER, figures=FIGURES, unit=UNIT, **fields)


CLAIMS = (
    _claim(
        id="kernel_prediction_rate_decay",
        statement="At initialisation the rate at which gradient descent contracts the residual at "
        "frequency k falls at least as fast as Eq. 9 says.",
        statistic=_RATE,
        threshold=EQ9_EXPONENT,
        threshold_reason=_RATE_REASON,
        direction="below",
        tables=(RATES,),
        measure=partial(rate_exponent, kernel="first"),
    ),
    _claim(
        id="kernel_prediction_rate_decay_trained",
        statement="At the end of training, too, the rate at which gradient descent contracts the "
        "residual at frequency k falls at least as fast as Eq. 9 says.",
        statistic=_RATE,
        threshold=EQ9_EXPONENT,
        threshold_reason=_RATE_REASON,
        direction="below",
        tables=(RATES,),
        measure=partial(rate_exponent, kernel="last"),
    ),
    _claim(
        id="kernel_prediction_order",
        statement="The kernel at initialisation predicts the order in which gradient descent fits "
        "the frequencies.",
        statistic="Kendall's tau-b over k between predicted and measured t_0.5, mean over networks "
        "(no unit)",
        threshold=0.5,
        threshold_reason=_ORDER_REASON,
        direction="above",
        tables=(TIMES,),
        measure=partial(order, measured="t_measured"),
    ),
    _claim(
        id="kernel_prediction_order_adam",
        statement="The kernel at initialisation, which predicts gradient descent, also predicts "
        "the order in which Adam fits the frequencies.",
        statistic="Kendall's tau-b over k between t_0.5 predicted for gradient descent and t_0.5 "
        "measured under Adam, mean over networks (no unit)",
        threshold=0.5,
        threshold_reason=_ORDER_REASON,
        direction="above",
        tables=(TIMES,),
        measure=partial(order, measured="t_adam"),
    ),
    _claim(
        id="kernel_prediction_time",
        statement="The kernel at initialisation predicts when gradient descent fits each "
        "frequency.",
        statistic="Factor by which the predicted t_0.5 differs from the measured one, geometric "
        "mean over fitted frequencies and networks of whichever is larger over the other (no unit)",
        threshold=FACTOR,
        threshold_reason="1 is a perfect prediction. Neighbouring frequencies are mostly fitted "
        "at times that differ by less than a factor of two, so a prediction that is further off is "
        "one for another frequency.",
        direction="below",
        tables=(TIMES,),
        measure=time_factor,
    ),
    _claim(
        id="kernel_prediction_worse_at_high_k",
        statement="The higher a frequency, the more too late the kernel at initialisation predicts "
        "it to be fitted.",
        statistic="Power p of predicted over measured t_0.5 ~ k^p, mean over networks (no unit)",
        threshold=0.0,
        threshold_reason="A power of 0 is the same error at every k.",
        direction="above",
        tables=(TIMES,),
        measure=time_growth,
    ),
    _claim(
        id="kernel_prediction_later_is_better",
        statement="Kernels taken during training predict the time that the remaining frequencies "
        "take better than the kernel at initialisation did.",
        statistic="Factor by which the first kernel's times are off over that of later kernels, "
        "same frequencies, geometric mean over networks (no unit)",
        threshold=1.0,
        threshold_reason="At 1 a later kernel is no better.",
        direction="above",
        tables=(TIMES,),
        measure=later_gain,
    ),
    _claim(
        id="kernel_prediction_lasts",
        statement="The prediction from initialisation holds until half of a frequency is fitted.",
        statistic="Fraction of the target's amplitude at k that is fitted when the predicted "
        "component is first off by more than the tolerance, mean over k and networks (no unit)",
        threshold=0.5,
        threshold_reason="t_0.5 is where fitted begins in all claims on order: a prediction that "
        "fails before does not reach the event that it is about.",
        direction="above",
        tables=(TIMES,),
        measure=fitted_at_failure,
    ),
)
