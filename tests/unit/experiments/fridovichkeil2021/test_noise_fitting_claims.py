"""Claims on waves, on tables that obey, violate, and leave them open."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import claims as radial
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import (
    image_frequency_claims as directions,
)
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import (
    single_class_claims as single_class,
)
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.single_classes import (
    CORRELATED,
    correlation,
)
from spectral_bias.statistics import estimate_row

FREQUENCIES = (0.01, 0.02, 0.04, 0.08)
LAST = 20


def fit(**changes):
    """A row of wave_fits."""
    return {
        **{"purpose": "sweep", "seed": 0, "kind": "radial", "frequency": 0.01, "epochs": LAST},
        **{"cycles": np.nan, "spatial_frequency": np.nan, "noise_class": np.nan},
        **{"noise_fitting": -0.3, "floor_noise_fitting": -0.4, "dip_epoch": 5.0},
        **{"fit": 1.0, "onset": 4.0, "fitted": True, "test_accuracy": 0.9, **changes},
    }


def sweep(seeds=3, frequencies=FREQUENCIES, **values):
    """Waves of all frequencies and seeds; `values` are functions of the octave and the seed."""
    rows = []
    for (octave, f), seed in product(enumerate(frequencies), range(seeds)):
        own = {name: value(octave, seed) for name, value in values.items()}
        rows.append(fit(frequency=f, seed=seed, **own))
    return {"wave_fits": pd.DataFrame(rows)}


def results(module, tables):
    return {result["id"]: result for result in evaluate(module.CLAIMS, tables)}


def readiness(**values):
    return results(radial, sweep(**values))["low_frequency_waves_fitted_more_readily"]


def lateness(**values):
    return results(radial, sweep(**values))["low_frequency_waves_fitted_first"]


# --- radial waves -------------------------------------------------------------------------------


def test_waves_that_are_fitted_less_the_higher_their_frequency():
    found = readiness(fit=lambda k, s: 2 - 0.5 * k - 0.01 * k * s)
    assert found["verdict"] == "holds" and found["n_runs"] == 3
    assert found["value"] == pytest.approx(-0.5 - 0.01)
    # The t-interval of the slopes -0.50, -0.51 and -0.52.
    half = 4.302653 * 0.01 / np.sqrt(3)
    assert found["ci_low"] == pytest.approx(-0.51 - half, rel=1e-5)
    assert readiness(fit=lambda k, s: 1 + 0.5 * k + 0.01 * k * s)["verdict"] == "fails"


def test_an_effect_within_the_margin_fails_and_a_noisy_one_is_inconclusive():
    found = readiness(fit=lambda k, s: 2 - 0.01 * k - 0.001 * k * s)
    assert (found["verdict"], found["undecided"]) == ("fails", None)
    found = readiness(fit=lambda k, s: 2 - (0.5, 0.1, -0.6)[s] * k)
    assert (found["verdict"], found["undecided"]) == ("not tested", "inconclusive")


def test_the_papers_minimum_stands_beside_with_a_verdict_of_its_own():
    (other,) = readiness(
        fit=lambda k, s: 2 - 0.5 * k - 0.01 * k * s,
        noise_fitting=lambda k, s: -0.5 + 0.1 * k + 0.001 * k * s,
        floor_noise_fitting=lambda k, s: -0.4,
    )["others"]
    assert other["measure"] == "minimum noise fitting above the floor"
    assert other["verdict"] == "fails" and other["value"] == pytest.approx(0.101)


def test_the_floor_is_subtracted_before_minima_are_compared():
    (other,) = readiness(
        fit=lambda k, s: 2 - 0.5 * k - 0.01 * k * s,
        noise_fitting=lambda k, s: -0.5 + 0.1 * k + 0.001 * k * s,
        floor_noise_fitting=lambda k, s: -0.5 + 0.2 * k,
    )["others"]
    assert other["value"] == pytest.approx(-0.099) and other["verdict"] == "holds"


def test_waves_that_are_fitted_later_the_higher_their_frequency():
    values = {"onset": lambda k, s: 1.1 * 2 ** (k * (1 + 0.01 * s)), "epochs": lambda k, s: 100}
    found = lateness(**values)
    assert found["verdict"] == "holds" and found["value"] == pytest.approx(1.01)
    falling = values | {"onset": lambda k, s: 12 / 2 ** (k * (1 + 0.01 * s))}
    assert lateness(**falling)["verdict"] == "fails"
    (dip,) = lateness(**values, dip_epoch=lambda k, s: 3.0 + k + 0.1 * s)["others"]
    assert dip["measure"] == "dip of noise fitting" and dip["verdict"] == "holds"


def test_only_waves_that_all_networks_fit_have_an_onset():
    found = lateness(
        onset=lambda k, s: np.nan if k == 3 and s == 1 else 1.1 * 2 ** (k * (1 + 0.01 * s)),
        fitted=lambda k, s: not (k == 3 and s == 1),
    )
    assert "3 of 4 frequencies are fitted in all networks" in found["statistic"]
    assert found["verdict"] == "holds"
    found = lateness(fitted=lambda k, s: k < 2)
    assert (found["verdict"], found["undecided"]) == ("not tested", "no data")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"seeds": 2}, "2 network(s) for each wave, where an interval needs at least 3"),
        ({"frequencies": FREQUENCIES[:2]}, "waves of 2 frequencies, where a trend needs 3"),
        ({"fitted": lambda k, s: k > 0}, "no wave was fitted: at the lowest frequency"),
        ({"test_accuracy": lambda k, s: 0.3}, "classifies 30 % of the test images correctly"),
        ({"frequencies": ()}, "no network was trained on a wave"),
    ],
)
def test_what_cannot_be_measured_is_said(values, said):
    tables = sweep(**values)
    tables["wave_fits"] = tables["wave_fits"].reindex(columns=list(fit()))
    found = results(radial, tables)["low_frequency_waves_fitted_more_readily"]
    assert said in found["statistic"] and found["undecided"] == "no data"


# --- directions ---------------------------------------------------------------------------------

CYCLES = (0.05, 0.1, 0.2, 0.4)


def fourier(value, **changes):
    """Waves along four directions; `value` is a function of the direction's rank."""
    rng = np.random.default_rng(2)
    rows = [
        fit(
            purpose="fourier", kind="fourier", cycles=cycles, spatial_frequency=1.4 * rank,
            **{"fit": value(rank) + 0.05 * rng.normal(), "fitted": rank == 0} | changes,
        )
        for cycles, rank in product(CYCLES, range(4))
    ]  # fmt: skip
    found = results(directions, {"wave_fits": pd.DataFrame(rows)})
    return found["waves_along_low_spatial_frequencies_fitted_better"]


def test_waves_along_the_lowest_spatial_frequency_are_compared_with_all_others():
    found = fourier(lambda rank: (4, 0, 0.3, 0.6)[rank])
    assert found["verdict"] == "holds" and found["value"] == pytest.approx(3.7, abs=0.1)
    assert "0: 4.0" in found["statistic"] and "1.4: " in found["statistic"]
    assert "4 of 4 fitted" in found["statistic"] and "0 of 4 fitted" in found["statistic"]
    assert fourier(lambda rank: rank)["verdict"] == "fails"
    assert fourier(lambda rank: 1)["verdict"] == "fails", "no difference: within the margin"
    found = fourier(lambda rank: 4 - rank, fitted=False)
    assert "no wave was fitted" in found["statistic"] and found["undecided"] == "no data"


def natural(first, second, kinds=("1/f2", "f2"), cycles=CYCLES):
    rng = np.random.default_rng(3)
    values = dict(zip(("1/f2", "f2", "random"), (first, second, 9), strict=True))
    rows = [
        fit(purpose="natural", kind=kind, cycles=c, fit=values[kind] + 0.05 * rng.normal())
        for c, kind in product(cycles, (*kinds, "random"))
    ]
    found = results(directions, {"wave_fits": pd.DataFrame(rows)})
    return found["waves_along_natural_directions_fitted_better"]


def test_waves_along_natural_directions_are_compared_with_the_opposite_ones():
    found = natural(2.4, -0.2)
    assert found["verdict"] == "holds" and found["value"] == pytest.approx(2.6, abs=0.1)
    assert found["n_runs"] == 8, "random directions have no part in it"
    assert natural(-0.2, 2.4)["verdict"] == "fails"
    assert "waves along one direction alone" in natural(1, 1, ("f2",))["statistic"]
    few = natural(2.4, -0.2, cycles=CYCLES[:2])
    assert "2 numbers of cycles, where an interval needs 3" in few["statistic"]


# --- single classes -----------------------------------------------------------------------------


def classes(fits, accuracy=0.9):
    count = len(fits)
    table = pd.DataFrame({"class_name": list("abcdefghij")[:count], "fit": fits})
    table = table.assign(
        high_frequency_fraction=0.1 + 0.01 * np.arange(count),
        hann_fraction=0.1 - 0.01 * np.arange(count),
        test_accuracy=accuracy,
        rate_mean=np.arange(count),
        noise_fitting=-np.arange(count),
    )
    rows = [
        {"x": x, "y": y, **estimate_row(lambda x=x, y=y: correlation(table, x, y))}
        for x, y in CORRELATED
    ]
    tables = {"single_classes": table, "single_class_correlations": pd.DataFrame(rows)}
    return results(single_class, tables)["classes_of_higher_frequency_fit_waves_more_readily"]


def test_classes_of_higher_frequency_are_those_whose_waves_are_fitted():
    found = classes(np.arange(10.0))
    assert found["verdict"] == "holds" and found["value"] == pytest.approx(1)
    assert found["ci_low"] < 1, "a perfect order has an interval too"
    hann, minimum = found["others"]
    assert hann["verdict"] == "fails" and minimum["verdict"] == "fails"
    assert classes(np.arange(10.0)[::-1])["verdict"] == "fails"
    found = classes(np.array([0.0, 9, 1, 8, 2, 7, 3, 6, 4, 5]))
    assert found["undecided"] == "inconclusive"
    assert "4 classes, where 5 are needed" in classes(np.arange(4.0))["statistic"]
    assert classes(np.arange(10.0), accuracy=0.2)["undecided"] == "no data"
