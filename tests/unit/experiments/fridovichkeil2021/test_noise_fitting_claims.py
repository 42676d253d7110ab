"""Claims on waves and image frequency, on tables that obey, violate, and leave them open."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.baseline import baseline, waves
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import claims as noise_fitting
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import (
    image_frequency_claims as image_frequency,
)
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import (
    single_class_claims as single_class,
)
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.single_classes import correlation
from spectral_bias.statistics import UndecidedError, estimate_row

FREQUENCIES = (0.01, 0.02, 0.04, 0.08, 0.16)
LAST = 100


def wave(base="net", kind="radial", frequency=0.04, seed=0, **changes):
    """A row of noise_minima."""
    stem = base + (f".seed{seed}" if seed else "")
    return {
        **{"run": f"{stem}.{kind}_{frequency}", "base": stem, "seed": seed},
        **{"trained": True, "floor": ""},
        **{"kind": kind, "frequency": frequency, "amplitude": 0.1},
        **{"spatial_frequency": np.nan, "noise_class": np.nan, "wave_seed": 0},
        **{"epoch": 50, "noise_fitting": -0.5, "final_noise_fitting": -0.1},
        **{"test_accuracy": 0.9, **changes},
    }


def radial(height, epoch=lambda k, seed: 20 + 10 * k + seed, seeds=3, frequencies=FREQUENCIES, **c):
    """Minima of the k-th frequency and a seed, `height` and `epoch` being functions of both.

    Of the curves only the epochs matter.
    """
    rows = [
        wave(frequency=f, seed=s, noise_fitting=height(k, s), epoch=epoch(k, s), **c)
        for (k, f), s in product(enumerate(frequencies), range(seeds))
    ]
    # Another network with fewer waves, which obeys nothing.
    other = [wave("zoo", frequency=f, noise_fitting=k) for k, f in enumerate(frequencies[:2])]
    minima = pd.DataFrame([*other, *rows])
    return {
        "noise_minima": minima,
        "noise_fitting": pd.concat([minima.assign(epoch=epoch) for epoch in (1, LAST)]),
    }


def papers(k, seed):
    return -0.3 - 0.1 * k - 0.01 * seed


def results(module, tables):
    return {result["id"]: result for result in evaluate(module.CLAIMS, tables)}


def minimum(tables):
    return results(noise_fitting, tables)["low_frequency_waves_fitted_more_readily"]


def dip(tables):
    return results(noise_fitting, tables)["low_frequency_waves_fitted_first"]


def test_the_baseline_is_the_network_of_most_waves():
    minima = radial(papers)["noise_minima"]
    assert baseline(minima) == "net"
    own = waves(minima, "radial", "net")
    assert set(own["base"]) == {"net", "net.seed1", "net.seed2"}
    # Seeds do not make waves: five runs of one wave are one.
    many = pd.DataFrame([wave("often", seed=s) for s in range(5)] + [wave(), wave(frequency=1.0)])
    assert baseline(many) == "net"
    with pytest.raises(UndecidedError, match="no network was trained on a wave"):
        baseline(minima.assign(trained=False))


def test_probes_and_single_classes_are_no_waves_of_the_baseline():
    minima = pd.DataFrame([wave(), wave(trained=False), wave(noise_class=3.0), wave("net2")])
    assert len(waves(minima, "radial", "net")) == 1


@pytest.mark.parametrize(
    ("height", "value", "verdict"),
    [
        (papers, -1, "holds"),
        (lambda k, s: -papers(k, s), 1, "fails"),
        (lambda k, s: papers(k, s) if s else -papers(k, s), -1, "not tested"),
    ],
)
def test_order_of_the_minima(height, value, verdict):
    found = minimum(radial(height))
    assert found["value"] == value and found["verdict"] == verdict
    assert found["n_runs"] == 3 and "3 seed(s), interval over seeds" in found["statistic"]


def test_a_single_seed_gives_an_interval_over_frequencies():
    found = minimum(radial(papers, seeds=1, frequencies=np.geomspace(0.01, 1, 8)))
    assert found["verdict"] == "holds" and found["n_runs"] == 1
    assert "interval over frequencies" in found["statistic"]
    uneven = minimum(radial(lambda k, s: [-1, -5, -2, -4, -3][k], seeds=1))
    assert uneven["verdict"] == "not tested" and uneven["ci_low"] < -0.5 < uneven["ci_high"]


@pytest.mark.parametrize(("seeds", "count", "needed"), [(3, 3, 4), (1, 4, 5), (2, 2, 5)])
def test_few_frequencies_decide_nothing(seeds, count, needed):
    found = minimum(radial(papers, seeds=seeds, frequencies=FREQUENCIES[:count]))
    assert found["verdict"] == "not tested"
    assert f"{count} frequencies, where" in found["statistic"]
    assert f"needs {needed}" in found["statistic"]


@pytest.mark.parametrize(
    ("epoch", "verdict"),
    [(lambda k, s: 20 + 10 * k + s, "holds"), (lambda k, s: 80 - 10 * k + s, "fails")],
)
def test_order_of_the_dips(epoch, verdict):
    found = dip(radial(papers, epoch))
    assert abs(found["value"]) == 1 and found["verdict"] == verdict


def test_waves_that_are_never_fitted_are_tied():
    found = dip(radial(papers, lambda k, s: [20, 30, 40, LAST, LAST][k]))
    # Nine of ten pairs in order, one tied: tau-b is 9 / sqrt(9 * 10).
    assert found["value"] == pytest.approx(0.948683)
    assert "3 of 5 frequencies have a dip" in found["statistic"]
    late = dip(radial(papers, lambda k, s: [20, 30, LAST, LAST, LAST][k]))
    assert late["verdict"] == "not tested" and "2 of 5 frequencies have" in late["statistic"]


def test_a_dip_counts_only_if_all_seeds_have_it():
    found = dip(radial(papers, lambda k, s: LAST if s == 2 and k > 1 else 20 + 10 * k))
    assert "2 of 5 frequencies have a dip" in found["statistic"]


def test_networks_that_learnt_nothing_decide_nothing():
    for found in evaluate(noise_fitting.CLAIMS, radial(papers, test_accuracy=0.2)):
        assert found["verdict"] == "not tested" and "classifies 20 %" in found["statistic"]


@pytest.mark.parametrize(("height", "fitted"), [(-0.35, True), (-0.2, False)])
def test_waves_at_the_floor_decide_nothing(height, fitted):
    """The most readily fitted wave of `papers` has a mean minimum of -0.31."""
    made = radial(papers)
    floor = {"trained": False, "floor": "uniform", "epoch": 90}
    rows = [wave(frequency=f, noise_fitting=height, **floor) for f in FREQUENCIES]
    made["noise_minima"] = pd.concat([made["noise_minima"], pd.DataFrame(rows)])
    for found in evaluate(noise_fitting.CLAIMS, made):
        assert (found["verdict"] == "holds") == fitted
        assert ("no wave was fitted" in found["statistic"]) != fitted


def with_floor(tables, kinds, height):
    """The tables with networks that saw no wave, of minimum `height`(row) for waves of `kinds`."""
    minima = tables["noise_minima"]
    floor = minima[minima["kind"].isin(kinds)].assign(trained=False, floor="uniform")
    floor["noise_fitting"] = [height(row) for row in floor.itertuples()]
    other = wave(trained=False, floor="uniform", noise_fitting=99.0)
    return {"noise_minima": pd.concat([minima, floor, pd.DataFrame([other])])}


ALONG = {"low_spatial_frequencies": ["fourier"], "natural_directions": ["1/f2", "f2"]}


@pytest.mark.parametrize(("height", "fitted"), [(-10.0, True), (9.0, False)])
@pytest.mark.parametrize(("name", "kinds"), ALONG.items())
def test_waves_along_directions_at_the_floor_decide_nothing(name, kinds, height, fitted):
    """The floor of other kinds of waves says nothing about these."""
    made = with_floor(along(0.3, 0.1), kinds, lambda row: height)
    found = results(image_frequency, made)[f"spectral_bias_along_{name}"]
    assert (found["verdict"] == "holds") == fitted
    assert ("no wave was fitted" in found["statistic"]) != fitted


@pytest.mark.parametrize(("name", "kinds"), ALONG.items())
def test_minima_along_directions_count_from_the_floor_of_their_own_wave(name, kinds):
    """Where the floor falls by 0.1 a step in one half of the waves, so much less is their fall."""

    def height(row):
        low = row.kind == "1/f2" or row.spatial_frequency < 4
        return -10 - 0.1 * FREQUENCIES.index(row.frequency) * low

    found = results(image_frequency, with_floor(along(0.3, 0.1), kinds, height))
    value = found[f"spectral_bias_along_{name}"]["value"]
    assert value == pytest.approx(2.5 * (0.3 - 0.1 - 0.1), abs=1e-12)


def test_a_missing_run_is_said():
    made = radial(papers)
    minima = made["noise_minima"]
    made["noise_minima"] = minima[~((minima["frequency"] == 0.04) & (minima["seed"] == 1))]
    assert "missing or not finite" in minimum(made)["statistic"]


def along(low, high, frequencies=FREQUENCIES, spatial=(1.0, 2.0, 4.0, 8.0), **changes):
    """Minima that fall by `low` or `high` from one frequency to the next."""
    rows = []
    for (k, f), (n, s) in product(enumerate(frequencies), enumerate(spatial)):
        step = low if n < len(spatial) / 2 else high
        height = 0.5 * n - step * k
        more = {"spatial_frequency": s, "noise_fitting": height, **changes}
        rows.append(wave(kind="fourier", frequency=f, **more))
    for (k, f), (kind, step) in product(enumerate(frequencies), (("1/f2", low), ("f2", high))):
        height = step - step * k
        rows.append(wave(kind=kind, frequency=f, noise_fitting=height, **changes))
    return {"noise_minima": pd.DataFrame(rows)}


@pytest.mark.parametrize("name", ["low_spatial_frequencies", "natural_directions"])
@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.3, 0.1, "holds"), (0.1, 0.3, "fails"), (0.2, 0.2, "not tested")]
)
def test_spectral_bias_along_directions(name, low, high, verdict):
    found = results(image_frequency, along(low, high))[f"spectral_bias_along_{name}"]
    # The falls to frequencies 1 to 4 are 1 to 4 steps: 2.5 on average. Levels do not matter.
    assert found["value"] == pytest.approx(2.5 * (low - high), abs=1e-12)
    assert found["verdict"] == verdict and found["n_runs"] == 1


def test_halves_of_an_odd_number_leave_the_middle_out():
    made = along(0.3, 0.1, spatial=(1.0, 5.0, 9.0))
    found = results(image_frequency, made)["spectral_bias_along_low_spatial_frequencies"]
    assert "spatial frequencies 1 against 9" in found["statistic"]
    assert found["value"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"frequencies": FREQUENCIES[:3]}, "3 frequencies of the wave"),
        ({"test_accuracy": 0.3}, "classifies 30 %"),
    ],
)
def test_too_little_along_directions(options, said):
    for found in list(results(image_frequency, along(0.3, 0.1, **options)).values())[:2]:
        assert found["verdict"] == "not tested" and said in found["statistic"]


def test_one_direction_alone_decides_nothing():
    made = along(0.3, 0.1, spatial=(1.0,))["noise_minima"]
    found = results(image_frequency, {"noise_minima": made[made["kind"] != "f2"]})
    low, natural = list(found.values())[:2]
    assert "waves of one spatial frequency alone" in low["statistic"]
    assert "one of the two directions were not run" in natural["statistic"]


def augmented(natural, other, norms=(1.0, 2.0, 4.0), accuracy=0.9):
    rows, summary = [("none", 0.0, "net")], [("net", 10, accuracy, 0.3)]
    for norm, (kind, fraction) in product(norms, (("1/f2", natural), ("f2", other))):
        run = f"net.{kind}_{norm}"
        rows.append((kind, norm, run))
        summary += [(run, 1, 0.2, 9.0), (run, 10, accuracy, fraction + 0.01 * norm)]
    interventions = pd.DataFrame(rows, columns=["variant", "value", "run"])
    columns = ["run", "epoch", "test_accuracy", "between_fraction"]
    return {
        "interventions": interventions.assign(intervention="image_frequency"),
        "interpolation_summary": pd.DataFrame(summary, columns=columns),
    }


@pytest.mark.parametrize(
    ("natural", "other", "verdict"), [(0.2, 0.3, "holds"), (0.3, 0.2, "fails")]
)
def test_added_images(natural, other, verdict):
    found = results(image_frequency, augmented(natural, other))
    found = found["natural_images_lower_between_class_frequency"]
    assert found["value"] == pytest.approx(natural - other)
    assert found["verdict"] == verdict and found["n_runs"] == 6


@pytest.mark.parametrize(
    ("options", "said"),
    [({"norms": (1.0, 2.0)}, "2 norms"), ({"accuracy": 0.4}, "classifies 40 %")],
)
def test_too_few_added_images(options, said):
    found = results(image_frequency, augmented(0.2, 0.3, **options))
    found = found["natural_images_lower_between_class_frequency"]
    assert found["verdict"] == "not tested" and said in found["statistic"]


def classes(heights, fractions, accuracy=0.9):
    """One class is noised alone for each height."""
    column = "high_frequency_fraction"
    found = pd.DataFrame({"noise_fitting": heights, column: fractions, "test_accuracy": accuracy})
    row = {"column": column, **estimate_row(lambda: correlation(found, column))}
    return {"single_classes": found, "single_class_correlations": pd.DataFrame([row])}


RISING = np.linspace(0.1, 0.3, 10)


@pytest.mark.parametrize(("sign", "verdict"), [(1, "holds"), (-1, "fails")])
def test_order_of_single_classes(sign, verdict):
    (found,) = results(single_class, classes(sign * RISING, RISING)).values()
    assert found["value"] == pytest.approx(sign) and found["verdict"] == verdict
    assert found["n_runs"] == 10


@pytest.mark.parametrize(
    ("count", "accuracy", "said"),
    [(4, 0.9, "4 classes, where 5"), (10, 0.4, "classifies 40 %"), (0, 0.9, "on one class")],
)
def test_too_few_classes_decide_nothing(count, accuracy, said):
    (found,) = results(single_class, classes(RISING[:count], RISING[:count], accuracy)).values()
    assert found["verdict"] == "not tested" and said in found["statistic"]


@pytest.mark.parametrize("module", [noise_fitting, image_frequency, single_class])
def test_no_run_decides_nothing(module):
    made = radial(papers) | augmented(0.1, 0.2) | classes(RISING, RISING)
    empty = {name: table.iloc[:0] for name, table in made.items()}
    assert {result["verdict"] for result in results(module, empty).values()} == {"not tested"}
