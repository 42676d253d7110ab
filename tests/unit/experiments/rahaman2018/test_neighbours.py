"""Appendix E, nearest neighbours beside networks: settings, tables, claim, figure 22."""

import numpy as np
import pandas as pd
import pytest
import torch
from rahaman_helpers import (
    assert_refused,
    assert_undecided,
    caption,
    context,
    drawing,
    frame,
    load,
    results,
    runs,
    table_of,
)
from scipy.special import expit

from spectral_bias.data.problem import Problem
from spectral_bias.experiments.rahaman2018.manifolds import classification
from spectral_bias.experiments.rahaman2018.neighbours import fig22, measure
from spectral_bias.experiments.rahaman2018.neighbours.claims import CLAIMS as ALL_CLAIMS
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import initial_parameters
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra.radial import decay_exponent, radial_spectrum


# Settings
def test_networks_are_trained_as_in_experiment_6_and_measured_as_in_the_paper():
    paper = load().rahaman2018
    shown = paper.neighbours
    assert (shown.n_neighbours, shown.frequencies, shown.lobes) == ([5, 10, 15, 20], [150], [20])
    assert shown.map_neighbours == [1, *shown.n_neighbours]
    one, two = shown.model_dump(), paper.manifold_classification.model_dump()
    for name in ("network", "n_points", "loss", "learning_rate", "iterations"):
        assert one[name] == two[name], name
    assert one["frequencies"][0] in two["frequencies"] and one["lobes"][0] in two["lobes"]


def test_a_measurement_does_not_retrain():
    wider = runs("quick", neighbours={"box": 2.0, "n_neighbours": [3]})
    assert wider["neighbours"] == runs("quick")["neighbours"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"n_neighbours": [5, 402]},
            "n_neighbours: K = 402 is more than the 401 samples (n_points)",
        ),
        (
            {"n_neighbours": [450], "n_points": 500},
            "n_neighbours: K = 450 is more than the 401 samples (manifold_classification.n_points)",
        ),
        ({"map_neighbours": [1, 402]}, "map_neighbours: K = 402 is more than the 401 samples"),
        ({"map_neighbours": [1, 1]}, "map_neighbours: 1 is named twice"),
        ({"n_neighbours": [5, 5]}, "n_neighbours: 5 is named twice"),
        ({"fit_bands": [[4.0, 20.0], [4.0, 40.0]]}, "fit_bands: ends at 40 cycles"),
        ({"fit_bands": [[4.0, 4.5]]}, "fit_bands: 4 to 4.5 holds fewer than 3"),
        ({"fit_bands": [[4.0, 9.0], [4.0, 9.0]]}, "fit_bands: [4.0, 9.0] is named twice"),
        ({"fit_bands": []}, "fit_bands: Input should hold 1 or more"),
        ({"frequencies": [60, 80]}, "frequencies: Input should hold 1"),
        ({"frequencies": [201]}, "frequencies: k = 201 is not below the Nyquist"),
    ],
)
def test_bad_settings_are_one_line(values, said):
    assert_refused("neighbours", values, said, "quick")


# Tables
@pytest.fixture(scope="module")
def run():
    settings = {
        **{"run": "neighbours", "seed": 0, "n_runs": 2, "n_points": 31},
        **{"frequencies": [4, 7], "lobes": [3], "network": {"width": 8, "depth": 3}},
        "decision": {"frequency": 7, "lobes": 3, "twins": 1},
    }
    problem, facts = classification.build(settings)
    made = FinishedRun(problem, facts, {}, {"settings": settings}, None)
    shape = NetworkShape(2, 8, 3)
    made.__dict__["parameters"] = initial_parameters(shape, problem.seeds, torch.float32)
    return made


def plain_logits(run, row, x):
    network = mlp(2, 8, 3, run.problem.seeds[row])
    return network(torch.as_tensor(x, dtype=torch.float32)).detach().numpy()[:, 0]


def votes(inputs, labels, point, k):
    """Fraction of ones among the k nearest samples, by sorting all distances."""
    order = np.argsort(np.linalg.norm(inputs - point, axis=1), kind="stable")
    return labels[order[:k]].mean()


@pytest.mark.parametrize("k", [1, 3, 4, 25])
def test_share_of_ones_is_the_fraction_of_votes(k):
    rng = np.random.default_rng(k)
    inputs, labels = rng.normal(size=(25, 2)), rng.integers(0, 2, 25).astype(float)
    points = rng.normal(size=(40, 2))
    found = measure.share_of_ones(measure.classifier(k, inputs, labels), points)
    np.testing.assert_allclose(found, [votes(inputs, labels, p, k) for p in points])


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_share_of_ones_where_there_is_one_class(label):
    model = measure.classifier(2, np.eye(3), np.full(3, label))
    np.testing.assert_array_equal(measure.share_of_ones(model, np.eye(3)), label)


def test_accuracy_counts_the_sample_itself_and_ties_go_to_class_0():
    """Labels 1, 0, 1 at 0, 1, 3: a sample and its nearest neighbour vote, and mostly tie."""
    problem = Problem(np.array([[0.0], [1.0], [3.0]]), np.array([[1.0, 0.0, 1.0]]), [1])
    one = FinishedRun(problem, {}, {}, {}, None)
    found = [measure.neighbour_accuracy(one, 0, k) for k in (1, 2, 3)]
    assert found == pytest.approx([1, 1 / 3, 2 / 3])


def test_accuracy_table_covers_cells_and_leaves_twins_out(run):
    table = measure.accuracy_table(run, [1, 3])
    assert len(table) == 2 * 2 * 2  # K, frequencies, members
    assert (table.query("neighbours == 1").accuracy == 1).all()
    row = table.query("neighbours == 3 and frequency == 7 and member == 1 and lobes == 3")
    inputs, labels = measure.member_samples(run, 3)
    assert (run.facts["frequency"][3], run.facts["number"][3]) == (7, 1)
    voted = [votes(inputs, labels, x, 3) for x in inputs]
    assert row.accuracy.item() == pytest.approx(np.mean((np.array(voted) > 0.5) == (labels > 0.5)))


def test_box_grid_is_periodic_and_row_by_row():
    grid = measure.box_grid(2.0, 4)
    assert grid.shape == (16, 2)
    np.testing.assert_allclose(grid[:5], [[-2, -2], [-1, -2], [0, -2], [1, -2], [-2, -1]])
    np.testing.assert_allclose(grid[-1], [1, 1])


def test_network_probabilities_are_those_of_the_plain_network(run, monkeypatch):
    monkeypatch.setattr(measure, "CHUNK_POINTS", 7)
    grid = measure.box_grid(1.0, 5)
    found = measure.network_probabilities(run, grid)
    assert found.shape == (run.members, 25)
    np.testing.assert_allclose(found[1], expit(plain_logits(run, 1, grid)), rtol=1e-4)


def test_spectrum_and_exponents_of_every_model(run):
    done = []
    sizes = {"n_neighbours": [3, 4], "box": 1.6, "box_points": 16}
    table = measure.spectrum_table(run, **sizes, on_model=done.append)
    assert done == [1, 2, 3]
    assert len(table) == 3 * run.members * 7
    inputs, labels = measure.member_samples(run, 2)
    ones = [votes(inputs, labels, point, 3) for point in measure.box_grid(1.6, 16)]
    k, zeta = radial_spectrum(np.reshape(ones, (16, 16)), 3.2)
    rows = table.query("neighbours == 3 and member == 2")
    np.testing.assert_allclose(rows.wavenumber, k)
    np.testing.assert_allclose(rows.zeta, zeta)
    assert table[table.model == "network"].neighbours.isna().all()

    bands = [[0.5, 1.6], [0.9, 2.0]]
    fits = measure.exponent_table(run, table, bands)
    assert len(fits) == 3 * run.members * len(bands)
    for low, high in bands:
        within = (k >= low) & (k <= high)
        row = fits.query(f"neighbours == 3 and member == 2 and fit_from == {low}")
        assert row.exponent.item() == pytest.approx(decay_exponent(k[within], zeta[within]))
        assert row.fit_to.item() == high
        assert row.accuracy.item() == measure.neighbour_accuracy(run, 2, 3)
    fits = fits[fits["fit_from"] == 0.5]
    network = fits[(fits.model == "network") & (fits.member == 1)]
    x, y = measure.member_samples(run, 1)
    assert network.accuracy.item() == np.mean((plain_logits(run, 1, x) > 0) == (y > 0.5))


# Claims
CLAIMS = ALL_CLAIMS[:1]


def exponents(network, fit_from=4.0, fit_to=20.0, **by_k):
    """Exponents of one band: of the network and, as k5=…, of classifiers, one for each run."""
    kinds = {("network", np.nan): network}
    kinds |= {("neighbours", int(k[1:])): values for k, values in by_k.items()}
    rows = [(*kind, *cell) for kind, values in kinds.items() for cell in enumerate(values)]
    table = frame("model neighbours member exponent", rows)
    return {"neighbours_exponent": table.assign(fit_from=fit_from, fit_to=fit_to)}


def bands(*of_each):
    """The tables of several bands together."""
    return {"neighbours_exponent": pd.concat(made["neighbours_exponent"] for made in of_each)}


FLAT = {"k5": [-0.3, -0.4, -0.3, -0.2], "k20": [-0.6, -0.7, -0.5, -0.4]}
STEEP, RISING = [-1.2, -1.3, -1.1, -1.2], [-0.2, -0.3, -0.1, -0.2]


@pytest.mark.parametrize(
    ("network", "value", "expected"),
    [
        (STEEP, -0.65, "holds"),
        (RISING, 0.35, "fails"),
        ([-1.2, -0.3, -0.9, 0.0], -0.05, "not tested"),
    ],
)
def test_network_against_the_steepest_classifier(network, value, expected):
    (found,) = results(CLAIMS, exponents(network, **FLAT)).values()
    assert found["value"] == pytest.approx(value, abs=1e-9)
    assert found["verdict"] == expected and found["n_runs"] == 4
    assert f"{value:.2f} from 4 to 20" in found["statistic"]


@pytest.mark.parametrize(
    ("network", "value", "expected"),
    [
        ([-0.9, -1.0, -0.7, -0.8], -0.3, "holds"),
        (RISING, 0.35, "fails"),
        ([-1.2, -0.3, -0.9, 0.0], -0.05, "not tested"),
    ],
)
def test_the_least_favourable_band_decides(network, value, expected):
    tables = bands(exponents(STEEP, **FLAT), exponents(network, 9.0, 20.0, **FLAT))
    (found,) = results(CLAIMS, tables).values()
    assert found["value"] == pytest.approx(value, abs=1e-9)
    assert found["verdict"] == expected
    assert f"-0.65 from 4 to 20, {value:.2f} from 9 to 20" in found["statistic"]


def test_every_classifier_must_be_beaten_within_each_run():
    """Each K alone is beaten by 0.5 on average, the steeper of the two in each run is not."""
    one, two = [-2.0, 0.0, -2.1, 0.0], [0.0, -2.0, 0.0, -1.9]
    (found,) = results(CLAIMS, exponents([-1.5] * 4, k5=one, k10=two)).values()
    assert (found["value"], found["verdict"]) == (pytest.approx(0.5), "fails")


def test_too_few_runs_no_classifier_and_diverged_runs_decide_nothing():
    assert_undecided(CLAIMS, exponents([-1.0, -1.1], k5=[-0.5] * 2), "2 value(s)")
    assert_undecided(CLAIMS, exponents([-1.0] * 4, k5=[-0.5] * 4), "all 4 values are equal")
    assert_undecided(CLAIMS, exponents([-1.0] * 4), "no nearest-neighbour classifier")
    assert_undecided(CLAIMS, exponents([-1.0, np.nan, -1.0], k5=[-0.5] * 3), "not finite")


def low_end(of_k):
    """Spectra of three runs below and within one band: the network's is 1, those of K are given."""
    kinds = {("network", np.nan): 1.0, **{("neighbours", k): z for k, z in of_k.items()}}
    rows = [
        (*kind, member, wavenumber, zeta * (1 + 0.01 * member) if kind[0] == "neighbours" else zeta)
        for kind, zeta in kinds.items()
        for member in range(3)
        for wavenumber in (1.0, 2.0, 6.0)
    ]
    spectrum = frame("model neighbours member wavenumber zeta", rows)
    return exponents([-1.0] * 3, k5=[-0.5] * 3) | {"neighbours_spectrum": spectrum}


@pytest.mark.parametrize(
    ("of_k", "expected"),
    [({1: 1.2, 5: 0.5}, "holds"), ({1: 0.5, 5: 1.2, 20: 0.4}, "fails"), ({5: 1.2}, "not tested")],
)
def test_the_network_is_nearest_to_one_neighbour_at_low_wavenumbers(of_k, expected):
    tables = low_end(of_k)
    tables["neighbours_spectrum"].loc[tables["neighbours_spectrum"].wavenumber == 6, "zeta"] = 99.0
    (found,) = results(ALL_CLAIMS[1:2], tables).values()
    assert found["verdict"] == expected
    if expected == "holds":
        first, other = np.log(1.2 * np.array([1, 1.01, 1.02])), -np.log(0.5 * 1.01)
        assert found["value"] == pytest.approx(first.mean() - other, abs=1e-3)


@pytest.mark.parametrize(("gains", "expected"), [((0.3, -0.2), "holds"), ((0.3, 0.2), "fails")])
def test_one_k_that_does_not_gain_from_lobes_is_enough(gains, expected):
    accuracy = lambda k, m, f, lobes: (  # noqa: E731
        0.5 + 0.01 * m + (gains[k == 20] + 0.005 * m) * (lobes > 4)
    )
    axes = {"neighbours": (5, 20), "member": range(3), "frequency": (50, 100), "lobes": (0, 4, 10)}
    tables = {"neighbours_accuracy": table_of("accuracy", accuracy, **axes)}
    (found,) = results(ALL_CLAIMS[2:], tables).values()
    assert found["verdict"] == expected
    assert found["value"] == pytest.approx(min(gains) + 0.005)
    few = {"neighbours_accuracy": tables["neighbours_accuracy"].query("lobes < 10")}
    assert_undecided(ALL_CLAIMS[2:], few, "none with at least 10 lobes")


# Figure
def made(ks=(5, 10, 15, 20)):
    """Accuracies rise with K; maps decay with exponents -2 (network) and -1/2 (classifiers)."""
    power = {True: -2.0, False: -0.5}
    accuracy = lambda k, m, f, lobes: 0.4 + k / 100 + m / 10  # noqa: E731
    cells = {"neighbours": ks, "member": (0, 1), "frequency": (50, 100), "lobes": (0, 2, 4)}
    models = {"neighbours": (np.nan, *ks), "member": (0, 1)}
    zeta = lambda k, m, r: (m + 1) * r ** power[k != k]  # noqa: E731
    spectrum = table_of("zeta", zeta, **models, wavenumber=np.arange(1, 9) / 3.2)
    fits = table_of("exponent", lambda k, m, start: power[k != k], **models, fit_from=(0.6, 1.0))
    model = {True: "network", False: "neighbours"}
    for table in (spectrum, fits):
        table["model"] = table["neighbours"].isna().map(model)
    return {
        "neighbours_accuracy": table_of("accuracy", accuracy, **cells),
        "neighbours_spectrum": spectrum,
        "neighbours_exponent": fits.assign(accuracy=0.75, fit_to=2.0),
    }


def test_fig22_is_one_heatmap_for_each_k_and_one_curve_for_each_model():
    data = fig22.drawn(made(), context())
    assert list(data.columns) == fig22.COLUMNS
    cell = data.query("panel == 'b' and frequency == 100 and lobes == 2")
    assert (cell.neighbours.item(), cell.accuracy.item()) == (10, pytest.approx(0.55))
    line = data[(data["panel"] == "e") & (data["model"] == "network") & data["zeta"].notna()]
    assert len(line) == 8
    np.testing.assert_allclose(line["zeta_high"], 2 * line["zeta_low"])
    titled = {axes.get_title(loc="left"): axes for axes in drawing(fig22, data).axes}
    (spectra,) = (axes for title, axes in titled.items() if "spectra" in title)
    labels = {text.get_text() for text in spectra.get_legend().get_texts()}
    assert labels == {"network", "$K = 5$", "$K = 10$", "$K = 15$", "$K = 20$"}
    assert len(spectra.lines) == 5 + 3
    edges = [line.get_xdata()[0] for line in spectra.lines if line.get_linewidth() == 0.5]
    assert edges == [0.6, 1.0, 2.0]
    maps = zip("abcd", (5, 10, 15, 20), strict=True)
    assert {rf"$\mathbf{{({letter})}}$ $K = {k}$" for letter, k in maps} < set(titled)


def test_fig22_with_fewer_and_with_more_k():
    few = drawing(fig22, fig22.drawn(made((5,)), context()))
    assert [text.get_text() for axes in few.axes for text in axes.texts] == 3 * ["no further K"]
    many = fig22.drawn(made((1, 2, 3, 4, 5)), context())
    assert set(many.loc[many["panel"] != "e", "neighbours"]) == {1, 2, 3, 4}
    assert 5 in set(many.loc[many["panel"] == "e", "neighbours"])


def test_fig22_caption_states_exponents_and_accuracies():
    text = caption(fig22, made(), context())
    assert "k = 0.6 to 2, network: -2.00, K = 5: -0.50, K = 10: -0.50" in text
    assert "; k = 1 to 2, network: -2.00" in text
    assert "lowest 0.50" in text and "training accuracy of 0.75" in text
    assert "(classifiers: 0.75 to 0.75)" in text and "Settings are the paper's" in text
