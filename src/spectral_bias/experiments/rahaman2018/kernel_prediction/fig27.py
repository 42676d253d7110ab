"""Figure 27, of our own: what the tangent kernel predicts beside what training does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.kernel_prediction import prediction_panels
from spectral_bias.experiments.rahaman2018.kernel_prediction.prediction_errors import (
    first_failures,
    remaining,
)
from spectral_bias.figures import panels, style
from spectral_bias.figures.summarise import over_members

TITLE = "The tangent kernel predicts the order, not the time, in which frequencies are fitted"
TABLES = (
    "kernel_prediction_rates",
    "kernel_prediction_eigenvalues",
    "kernel_prediction_kernels",
    "kernel_prediction_curves",
    "kernel_prediction_times",
)
CAPTION = """\
Kernel prediction for Experiment 1 of Rahaman et al. (2018). This figure and its settings are ours \
({scale} scale). {kernel_prediction[network][activation]} networks of \
{kernel_prediction[network][depth]} linear layers, width {kernel_prediction[network][width]}, \
fit sums of sinusoids of equal amplitude, k = \
{kernel_prediction[frequencies]} ({kernel_prediction[n_points]} points, \
{kernel_prediction[n_runs]} networks): by plain full-batch gradient descent (SGD, learning rate \
eta = {kernel_prediction[sgd][learning_rate]}, {kernel_prediction[sgd][iterations]} iterations) \
and, from the same weights on the same targets, by full-batch Adam (learning rate \
{kernel_prediction[adam][learning_rate]}, {kernel_prediction[adam][iterations]} iterations). K is \
the empirical tangent kernel, the inner products of the outputs' gradients with respect to all \
parameters, at the named iterations. (a) Rate e_k* K e_k 2/N of each Fourier mode: times eta the \
fraction of its residual that one update takes away; geometric mean over networks, solid SGD, \
dashed Adam at its last iteration; crosses: eigenvalues of the first kernel, the n-th largest at \
k = n/2 rounded down, since each frequency has two. Black, from the first rate at k = 1: k^-1, as \
we read Eq. 9 (the residual at k changes at a rate O(k^-Delta), Delta = 1 on the line), and k^-2, \
its square, as the rate is the square of the gradient that the equation bounds (k^-(Delta+1), the \
decay of the network's own spectrum, is the same here). Exponents fitted up to N/4: {exponents}. \
(b, c) Amplitude at some k over the target's under SGD, mean over networks, solid as measured and \
dashed as the kernel predicts that is taken at iteration 0 (b) and {later} (c), with u_(t+1) = u_t \
- (2 eta/N) K (u_t - y) solved exactly through the eigenvectors of K; eigenvectors that would \
diverge (eta times rate above 2; {unstable}) decay by exp(-eta rate) instead. (d) t_0.5, the \
first iteration with half of the amplitude: measured under SGD and Adam, and predicted for SGD \
from iteration 0, median over networks, bars from the lowest to the highest where all reach it. \
(e) Remaining time that a kernel predicts over the measured one, for frequencies that are not yet \
fitted where it is taken (geometric mean over networks; black: a perfect prediction). (f) Norm of \
the kernel over that of the first one against the part of the loss that is explained, 1 - loss / \
first loss; one mark for each network and kernel. When it fails: a prediction has failed once the \
component at k is off by more than {tolerance} of the target's. {failures} From iteration 0 the \
predicted t_0.5 is {factors} the measured one."""

COLUMNS = [
    *("panel", "source", "optimiser", "kernel_at", "iteration", "frequency"),
    *("rate", "kind", "amplitude", "amplitude_low", "amplitude_high"),
    *("time", "time_low", "time_high", "ratio"),
    *("member", "growth", "alignment", "explained"),
    *("fails_at", "fitted", "exponent", "unstable"),
]
SHOWN_CURVES = 4
EXPLAINED_LATER = 0.25
"""Panel c shows the later kernel whose networks explain nearest to this part of the loss."""
FIT_UP_TO = 0.25


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """What Figure 27 draws; cells that do not apply to a row are empty.

    Panel a: rates by kind (mode, eigenvalue, eq9, squared) with the fitted exponent of modes; b, c:
    amplitudes by kind (measured, predicted); d: times by kind; e: ratio of remaining times; f:
    growth of kernels with their alignment with the first one. Rows of panel "failures": medians
    over networks of fails_at and of what was fitted and explained then, for the first kernel; and
    of panel "first failure" the same of the frequency that fails first, for every kernel.
    """
    settings = context["settings"]["kernel_prediction"]
    times, kernels = tables["kernel_prediction_times"], tables["kernel_prediction_kernels"]
    parts = [
        _rates(tables, settings["n_points"], settings["sgd"]["learning_rate"]),
        _curves(tables["kernel_prediction_curves"], _later_kernel(kernels)),
        _times(times),
        _ratios(times),
        kernels.assign(panel="f"),
        _failures(times[times["kernel_at"] == 0], ["kernel_at", "frequency"], "failures"),
        _failures(first_failures(times), ["kernel_at"], "first failure"),
    ]
    data = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return data.assign(source="ours").reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 27 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b", "c"], ["d", "e", "f"]], height=4.7)
    by_panel = {letter: data[data["panel"] == letter] for letter in "abcdef"}
    prediction_panels.rates(axes["a"], by_panel["a"])
    prediction_panels.curves(axes["b"], by_panel["b"])
    prediction_panels.curves(axes["c"], by_panel["c"])
    prediction_panels.times(axes["d"], by_panel["d"])
    of_sgd = by_panel["a"][by_panel["a"]["optimiser"] == "sgd"]
    prediction_panels.ratios(axes["e"], by_panel["e"], of_sgd["kernel_at"])
    prediction_panels.kernels(axes["f"], by_panel["f"])
    at = by_panel["c"]["kernel_at"].max()
    titles = {
        **{"a": "rate of each mode", "b": "predicted from 0"},
        "c": "" if np.isnan(at) else f"predicted from {at:,.0f}",
        **{"d": "time until half is fitted", "e": "remaining time", "f": "growth of the kernel"},
    }
    for letter, panel in axes.items():
        panels.title(panel, letter, titles[letter])
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: exponents, when predictions fail, how far they are off."""
    settings = context["settings"]["kernel_prediction"]
    modes = data[(data["panel"] == "a") & (data["kind"] == "mode")]
    names = {"sgd": "SGD", "adam": "Adam"}
    kernels = list(modes.groupby(["optimiser", "kernel_at"], sort=False))
    exponents = [
        f"{rows['exponent'].iloc[0]:.2f} at iteration {at:,.0f} ({names[optimiser]})"
        for (optimiser, at), rows in [kernels[0], *kernels[-2:]]
    ]
    beyond = modes[modes["optimiser"] == "sgd"].groupby("kernel_at")["unstable"].first()
    beyond = [
        f"{100 * part:.0f} % of the networks at {at:,.0f}"
        for at, part in beyond.items()
        if part > 0
    ]
    later = data.loc[data["panel"] == "c", "kernel_at"].max()
    failures = data[data["panel"] == "failures"]
    return {
        "exponents": ", ".join(exponents),
        "unstable": "some in " + ", ".join(beyond) if beyond else "none",
        "later": "no later one" if np.isnan(later) else int(later),
        "tolerance": settings["tolerance"],
        "failures": _failure_text(failures, data[data["panel"] == "first failure"]),
        "factors": _factor_text(data[(data["panel"] == "e") & (data["kernel_at"] == 0)]),
    }


def _rates(tables: Mapping[str, pd.DataFrame], n_points: int, learning_rate: float) -> pd.DataFrame:
    """Panel a: means over networks, exponents; eigenvalues and lines of the first kernel."""
    rates = tables["kernel_prediction_rates"]
    last_of_adam = rates.loc[rates["optimiser"] == "adam", "kernel_at"].max()
    kept = rates[(rates["optimiser"] == "sgd") | (rates["kernel_at"] == last_of_adam)]
    keys = ["optimiser", "kernel_at"]
    modes = _geometric_mean(kept, [*keys, "frequency"], "rate").assign(kind="mode")
    fitted = modes[modes["frequency"] <= FIT_UP_TO * n_points]
    exponent = {
        key: np.polyfit(np.log(rows["frequency"]), np.log(rows["rate"]), 1)[0]
        for key, rows in fitted.groupby(keys)
    }
    values = tables["kernel_prediction_eigenvalues"]
    largest = values[(values["optimiser"] == "sgd") & (values["rank"] == 1)]
    unstable = (learning_rate * largest["rate"] > 2).groupby(largest["kernel_at"]).mean()
    modes["exponent"] = [exponent[key] for key in zip(modes[keys[0]], modes[keys[1]], strict=True)]
    of_sgd = modes["optimiser"] == "sgd"
    modes.loc[of_sgd, "unstable"] = modes.loc[of_sgd, "kernel_at"].map(unstable)
    # Sorted so that SGD comes first, as everywhere.
    modes = modes.sort_values(
        ["optimiser", "kernel_at", "frequency"], ascending=[False, True, True]
    )
    first = modes[of_sgd.reindex(modes.index) & (modes["kernel_at"] == 0)]
    start, k = first["rate"].iloc[0] * first["frequency"].iloc[0], first["frequency"].to_numpy()
    lines = [
        pd.DataFrame({"kind": kind, "frequency": k, "rate": start / k**power})
        for kind, power in (("eq9", 1.0), ("squared", 2.0))
    ]
    values = values[(values["optimiser"] == "sgd") & (values["kernel_at"] == 0)]
    values = _geometric_mean(values[values["rate"] > 0], ["rank"], "rate")
    values = values.assign(kind="eigenvalue", frequency=values["rank"] // 2)
    values = values[(values["frequency"] > 0) & (values["frequency"] <= k.max())]
    return pd.concat([modes, *lines, values], ignore_index=True).assign(panel="a")


def _geometric_mean(table: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    logs = np.log(table[value]).groupby([table[name] for name in by])
    return np.exp(logs.mean()).rename(value).reset_index()


def _later_kernel(kernels: pd.DataFrame) -> float:
    """The iteration of the later SGD kernel whose networks explain about `EXPLAINED_LATER`."""
    of_sgd = kernels[kernels["optimiser"] == "sgd"]
    later = of_sgd[(of_sgd["kernel_at"] > 0) & (of_sgd["kernel_at"] < of_sgd["kernel_at"].max())]
    if later.empty:
        later = of_sgd[of_sgd["kernel_at"] > 0]
    explained = later.groupby("kernel_at")["explained"].mean()
    return np.nan if explained.empty else float((explained - EXPLAINED_LATER).abs().idxmin())


def _curves(curves: pd.DataFrame, later: float) -> pd.DataFrame:
    """Panels b and c: mean amplitudes of some frequencies, measured and predicted."""
    curves = curves[curves["optimiser"] == "sgd"]
    k = np.sort(curves["frequency"].unique())
    shown = k[np.unique(np.geomspace(1, len(k), SHOWN_CURVES).round().astype(int)) - 1]
    curves = curves[curves["frequency"].isin(shown)]
    parts = []
    for letter, kernel_at in (("b", 0.0), ("c", later)):
        predicted = curves[curves["kernel_at"] == kernel_at]
        measured = curves[curves["kernel_at"].isna() & curves["iteration"].ge(kernel_at)]
        for kind, rows in (("measured", measured), ("predicted", predicted)):
            cells = over_members(rows, ["iteration", "frequency"], "amplitude")
            parts.append(cells.assign(panel=letter, kind=kind, kernel_at=kernel_at))
    return pd.concat(parts, ignore_index=True)


def _times(times: pd.DataFrame) -> pd.DataFrame:
    """Panel d: median, lowest and highest t_0.5 over networks; a time not reached is the latest."""
    first, parts = times[times["kernel_at"] == 0], []
    kinds = {"t_measured": "SGD", "t_adam": "Adam", "t_predicted": "predicted"}
    for name, kind in kinds.items():
        cells = first[name].fillna(np.inf).groupby(first["frequency"])
        columns = {"time": cells.median(), "time_low": cells.min(), "time_high": cells.max()}
        parts.append(pd.DataFrame(columns).reset_index().assign(kind=kind))
    table = pd.concat(parts, ignore_index=True).replace(np.inf, np.nan)
    return table.assign(panel="d")


def _ratios(times: pd.DataFrame) -> pd.DataFrame:
    """Panel e: geometric mean over networks of predicted over measured remaining time."""
    off = remaining(times)
    if off.empty:
        return off
    log_ratio = off.groupby(["kernel_at", "frequency"])["log_ratio"].mean()
    return np.exp(log_ratio).rename("ratio").reset_index().assign(panel="e")


def _failures(times: pd.DataFrame, by: list[str], panel: str) -> pd.DataFrame:
    """Medians over networks of when predictions fail, of those that do."""
    names = ["fails_at", "fitted", "explained"]
    names += [] if "frequency" in by else ["frequency"]
    return times.groupby(by)[names].median().reset_index().assign(panel=panel)


def _failure_text(failures: pd.DataFrame, first: pd.DataFrame) -> str:
    failed = failures.dropna(subset=["fails_at"])
    if failed.empty:
        return "No prediction from iteration 0 fails within training."
    ends = [failed.iloc[0], failed.iloc[-1]]
    text = " and ".join(
        f"at iteration {row['fails_at']:,.0f} for k = {row['frequency']:g} "
        f"({100 * row['explained']:.0f} % of the loss explained)"
        for row in (ends if len(failed) > 1 else ends[:1])
    )
    fitted = f"{failed['fitted'].min():.2f} to {failed['fitted'].max():.2f}"
    text = (
        f"From iteration 0 it fails {text}, medians over networks, when {fitted} of the amplitude "
        "at k is fitted."
    )
    later = [
        f"{row['fails_at'] - row['kernel_at']:,.0f} iterations from {row['kernel_at']:,.0f}"
        for _, row in first[first["kernel_at"] > 0].iterrows()
    ]
    return text + (f" For the first k a later one fails after {', '.join(later)}." if later else "")


def _factor_text(ratios: pd.DataFrame) -> str:
    if ratios.empty:
        return "not comparable with"
    rows = ratios.sort_values("frequency")
    ends = [rows.iloc[0], rows.iloc[-1]] if len(rows) > 1 else [rows.iloc[0]]
    return (
        " and ".join(f"{_rounded(row['ratio'])} (k = {row['frequency']:g})" for row in ends)
        + " times"
    )


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
