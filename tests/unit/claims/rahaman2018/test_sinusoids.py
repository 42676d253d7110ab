"""Claims on sinusoids, on tables made to obey them, to violate them, and to leave them open."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.sinusoids.claims import (
    CLAIMS,
    learning_order,
    norm_growth,
)

FREQUENCIES = np.arange(5, 55, 5)
ITERATIONS = np.arange(0, 2001, 20)
BY_ID = {claim.id: claim for claim in CLAIMS}


def spectrum(times, members=5, settings=("equal", "increasing")):
    """Amplitude 1 - 2^(-t / t_half): reaches 0.5 exactly at `times` (one per frequency)."""
    rows = [
        pd.DataFrame(
            {
                "setting": setting,
                "member": member,
                "iteration": ITERATIONS,
                "frequency": k,
                "amplitude": 1 - 2.0 ** (-ITERATIONS / (time * (1 + 0.01 * member))),
            }
        )
        for setting in settings
        for member in range(members)
        for k, time in zip(FREQUENCIES, times, strict=True)
    ]
    return pd.concat(rows).sample(frac=1, random_state=0)


def norms(exponent, members=5, layers=6):
    """Every norm is (1 + iteration)^exponent times a factor of its layer and member."""
    rows = [
        pd.DataFrame(
            {
                "setting": setting,
                "member": member,
                "iteration": ITERATIONS,
                "layer": layer,
                "spectral_norm": (1 + member) * layer * (1.0 + ITERATIONS) ** exponent,
            }
        )
        for setting in ("equal", "increasing")
        for member in range(members)
        for layer in range(1, layers + 1)
    ]
    return pd.concat(rows)


RISING = np.linspace(100, 1000, 10)
MIXED = np.array([500, 400, 700, 300, 900, 200, 600, 1000, 100, 800.0])
TAU_MIXED = stats.kendalltau(FREQUENCIES, MIXED).statistic


@pytest.mark.parametrize("setting", ["equal", "increasing"])
@pytest.mark.parametrize(
    ("times", "tau", "expected"),
    [(RISING, 1.0, "holds"), (RISING[::-1], -1.0, "fails"), (MIXED, TAU_MIXED, "fails")],
)
def test_order_of_learning(setting, times, tau, expected):
    tables = {"sinusoids_spectrum": spectrum(times)}
    (result,) = evaluate([BY_ID[f"sinusoids_{setting}_lower_first"]], tables)
    assert result["value"] == pytest.approx(tau, rel=1e-5)
    assert result["verdict"] == expected
    assert result["n_runs"] == 5


def test_settings_are_kept_apart():
    tables = {
        "sinusoids_spectrum": pd.concat(
            [spectrum(RISING, settings=["equal"]), spectrum(RISING[::-1], settings=["increasing"])]
        )
    }
    assert learning_order(tables, "equal").value == 1
    assert learning_order(tables, "increasing").value == -1


def test_frequencies_that_are_never_fitted_are_ties():
    """Four of ten reach half in time: 6 + 24 concordant pairs, tau-b = 30 / sqrt(45 * 30)."""
    times = np.array([100, 300, 500, 700, *[1e9] * 6])
    found = learning_order({"sinusoids_spectrum": spectrum(times)}, "equal")
    assert found.value == pytest.approx(30 / np.sqrt(45 * 30))
    assert found.note.startswith("4 of 10")


@pytest.mark.parametrize(
    ("times", "members", "note"),
    [
        (RISING, 2, "2 run(s)"),
        (np.array([100, 300, *[1e9] * 8]), 5, "2 of 10 frequencies"),
        (np.full(10, 1e9), 5, "0 of 10 frequencies"),
    ],
)
def test_too_few_runs_or_fitted_frequencies_decide_nothing(times, members, note):
    tables = {"sinusoids_spectrum": spectrum(times, members), "sinusoids_norms": norms(1, members)}
    for result in evaluate(CLAIMS, tables):
        assert result["verdict"] == "not tested"
        assert note in result["statistic"] and result["n_runs"] == members


def test_disagreeing_runs_decide_nothing():
    """Half of the runs learn upwards, half downwards: the interval includes the threshold."""
    up, down = spectrum(RISING, members=6), spectrum(RISING[::-1], members=6)
    mixed = pd.concat([up[up["member"] < 3], down[down["member"] >= 3]])
    (result,) = evaluate([BY_ID["sinusoids_equal_lower_first"]], {"sinusoids_spectrum": mixed})
    assert result["verdict"] == "not tested"
    assert result["ci_low"] < 0 < result["ci_high"]


@pytest.mark.parametrize(("exponent", "expected"), [(0.5, "holds"), (0.0, "fails"), (-1, "fails")])
def test_norm_growth_is_the_ratio_at_the_two_times(exponent, expected):
    """t_0.5 of the mean is the first multiple of 20 after 100 and 1000 (members spread by 4 %)."""
    tables = {"sinusoids_spectrum": spectrum(RISING), "sinusoids_norms": norms(exponent)}
    (result,) = evaluate([BY_ID["sinusoids_norms_grow"]], tables)
    assert result["value"] == pytest.approx((1021 / 121) ** exponent, rel=0.02)
    assert result["verdict"] == expected


def test_norm_growth_ends_at_the_highest_fitted_frequency():
    times = np.array([100, 300, 500, 700, *[1e9] * 6])
    tables = {"sinusoids_spectrum": spectrum(times), "sinusoids_norms": norms(1.0)}
    assert norm_growth(tables).value == pytest.approx(721 / 121, rel=0.02)


def test_norm_growth_needs_the_lowest_frequency_and_equal_records():
    unfitted = np.array([1e9, *RISING[1:]])
    late = norms(1.0).query("iteration > 0")
    for spectra, table, note in (
        (spectrum(unfitted), norms(1.0), "lowest frequency"),
        (spectrum(RISING), late, "different iterations"),
    ):
        tables = {"sinusoids_spectrum": spectra, "sinusoids_norms": table}
        (result,) = evaluate([BY_ID["sinusoids_norms_grow"]], tables)
        assert result["verdict"] == "not tested" and note in result["statistic"]


def test_a_diverged_run_decides_nothing():
    table = spectrum(RISING)
    table.loc[(table["member"] == 1) & (table["iteration"] > 500), "amplitude"] = np.nan
    (result,) = evaluate([BY_ID["sinusoids_equal_lower_first"]], {"sinusoids_spectrum": table})
    assert result["verdict"] == "not tested" and "not finite" in result["statistic"]
