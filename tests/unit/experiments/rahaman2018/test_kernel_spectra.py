"""Experiment 4, spectra through a kernel's eigenvectors: settings, targets, tables."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import assert_refused, runs, section

from spectral_bias.data import digits
from spectral_bias.data.problem import Problem
from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.kernel_spectra import measure
from spectral_bias.experiments.rahaman2018.kernel_spectra.grid import grid_tables
from spectral_bias.experiments.rahaman2018.kernel_spectra.problem import build
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.spectra.kernels import (
    eigenvectors,
    generalised_spectrum,
    numerical_rank,
    rbf_kernel,
)


# Settings
def run(**values):
    return runs(kernel_spectra=values)["kernel_spectra"]


def test_paper_scale_has_the_values_of_paper_and_code():
    paper = section("kernel_spectra")
    assert paper.network.model_dump() == {"depth": 6, "width": 256, "activation": "relu"}
    assert paper.data.model_dump() == {"source": "mnist", "classes": [3, 8], "n_samples": 2000}
    assert (paper.sigma, paper.beta, paper.gamma) == (1.25, 1.0, 2.0)
    assert (paper.learning_rate, paper.iterations, paper.n_bins) == (1e-4, 5000, 100)
    assert paper.snapshots.increasing == [0, 40, 200, 300, 400, 600]
    assert paper.grid.n_points == 50


def test_a_run_records_predictions_evenly_and_at_the_snapshots_and_depends_on_nothing_later():
    snapshots = {"increasing": [40, 0], "white": [40, 7]}
    training = run(snapshots=snapshots, record_every=25, iterations=60).training
    assert (training.records, training.record_every) == (("prediction",), (0, 7, 25, 40, 50, 60))
    assert run(n_bins=10, grid={"sigma": 0.1}) == run()
    assert run(sigma=2.0) != run()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"n_bins": 2001}, "n_bins: 2001 bins for 2000 eigenvectors; choose at"),
        (
            {"snapshots": {"white": [0, 5001]}},
            "snapshots.white: iteration 5001 is after the last one; choose iterations up to 5000",
        ),
        ({"snapshots": {"white": []}}, "snapshots.white: Input should hold 1 or more"),
        ({"snapshots": {"pink": [0]}}, "snapshots.pink: unknown key"),
        ({"sigma": 0.0}, "sigma: Input should be greater than 0"),
        ({"data": {"classes": [3, 3]}}, "data.classes: both are 3"),
        ({"data": {"train_fraction": 0.8}}, "data.train_fraction: unknown key"),
        ({"data": {"n_samples": 1}}, "data.n_samples: Input should be greater"),
    ],
)
def test_bad_settings_are_one_line_with_their_key(values, said):
    assert_refused("kernel_spectra", values, said)


# Targets
RUN = {
    **{"run": "kernel_spectra", "seed": 0, "n_runs": 3, "sigma": 0.8, "beta": 0.5, "gamma": 2.0},
    "data": {"source": "digits", "classes": [3, 8], "n_samples": 12},
}


@pytest.fixture
def digit_file(tmp_path):
    images = np.random.default_rng(0).integers(0, 17, (20, 3, 3))
    labels = np.array([3, 1, 8, 8, 3, 3, 0, 8, 3, 8, 3, 3, 8, 1, 3, 8, 8, 8, 0, 3])
    digits.write_digits(tmp_path / "d.npz", "test", images, labels, 16)
    return tmp_path / "d.npz"


def noise_of(problem, facts, kind):
    """(runs, N) noise without its amplitude beta."""
    noise = (problem.targets - problem.validation_targets) / RUN["beta"]
    return noise[facts["setting"] == kind]


def test_first_samples_train_and_validate(digit_file):
    problem, facts = build(RUN, digit_file)
    images, labels = digits.read_digits(digit_file)
    chosen = np.isin(labels, [3, 8])
    np.testing.assert_array_equal(problem.inputs, images[chosen].reshape(-1, 9)[:12])
    np.testing.assert_array_equal(problem.validation_inputs, problem.inputs)
    clean = np.where(labels[chosen] == 3, -1, 1)[:12]
    np.testing.assert_array_equal(problem.validation_targets, clean)
    assert facts["setting"].tolist() == ["increasing"] * 3 + ["white"] * 3
    assert facts["number"].tolist() == [0, 1, 2, 0, 1, 2]


def test_increasing_noise_has_the_stated_spectrum_with_signs_by_chance(digit_file):
    problem, facts = build(RUN, digit_file)
    noise = noise_of(problem, facts, "increasing")
    spectrum = generalised_spectrum(noise, facts["eigenvectors"])
    wanted = (np.arange(1, 13) / 12) ** 2
    np.testing.assert_allclose(np.abs(spectrum), np.tile(wanted, (3, 1)), atol=1e-12)
    assert len({tuple(signs) for signs in np.sign(spectrum)}) == 3


def test_white_noise_is_uniform_on_its_interval(digit_file):
    problem, facts = build({**RUN, "n_runs": 200}, digit_file)
    noise = noise_of(problem, facts, "white")
    assert noise.min() >= -1 and noise.max() <= 1
    # U(-1, 1) has variance 1/3, whose estimate from 2400 draws has a standard error of 0.006.
    assert noise.var() == pytest.approx(1 / 3, abs=0.03)
    assert abs(noise.mean()) < 0.06
    assert len(np.unique(noise)) == noise.size


def test_kinds_share_weights_and_members_do_not_depend_on_how_many_there_are(digit_file):
    changes = ({}, {"n_runs": 2}, {"seed": 1})
    problem, fewer, other = (build(RUN | change, digit_file)[0] for change in changes)
    assert problem.seeds[:3] == problem.seeds[3:]
    assert len(set(problem.seeds)) == 3
    np.testing.assert_array_equal(fewer.targets, problem.targets[[0, 1, 3, 4]])
    assert not set(other.seeds) & set(problem.seeds)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"data": RUN["data"] | {"n_samples": 17}},
            r"data\.n_samples: 17 images are wanted, but classes 3 and 8 of digits have 16; "
            "choose at most 16",
        ),
        (
            {"data": RUN["data"] | {"classes": [3, 7]}},
            r"data\.classes: no image of class 7; there are 0,",
        ),
        (
            {"data": RUN["data"] | {"n_samples": 1}},
            r"data\.n_samples: the first 1 images are all of one",
        ),
        ({"sigma": 1e5}, r"sigma: .* singular: only \d+ of its 12"),
    ],
)
def test_data_that_do_not_fit_and_a_singular_kernel_are_named(digit_file, change, said):
    with pytest.raises(UserError, match=rf"kernel_spectra\.{said}"):
        build(RUN | change, digit_file)


def test_an_image_that_is_there_twice_makes_the_kernel_singular(digit_file, tmp_path):
    images, labels = digits.read_digits(digit_file)
    again = (np.concatenate([images, images]) * 16).round().astype(int)
    digits.write_digits(tmp_path / "twice.npz", "test", again, np.tile(labels, 2), 16)
    with pytest.raises(UserError, match=r"only 16 of its 32 eigenvalues .* no image twice"):
        build(RUN | {"data": RUN["data"] | {"n_samples": 32}}, tmp_path / "twice.npz")


def test_quick_scale_has_the_papers_kernel_on_all_bundled_images_of_the_digits(tmp_path):
    quick, paper = section("kernel_spectra", "quick"), section("kernel_spectra")
    same = ("sigma", "beta", "gamma", "n_bins")
    assert [getattr(quick, name) for name in same] == [getattr(paper, name) for name in same]
    assert quick.data.classes == paper.data.classes
    digits.write_digits(tmp_path / "m.npz", quick.data.source, *digits.bundled_mnist())
    x = digits.class_pair(*digits.read_digits(tmp_path / "m.npz"), quick.data.classes).inputs
    assert x.shape == (quick.data.n_samples, 784)
    # The eigenvectors can be told apart: no image is there twice, the kernel matrix has full rank.
    values, _ = eigenvectors(rbf_kernel(x, quick.sigma))
    assert numerical_rank(values) == quick.data.n_samples


# Tables
N = 10
FITTED = np.array([0.0, 0.25, 1.0])  # of the noise at each of three records


@pytest.fixture(scope="module")
def finished():
    """Two networks, each with noise of one kind; the second also fits 0.5 more of quarter 4."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 2))
    values, vectors = eigenvectors(rbf_kernel(x, 0.5))
    clean = np.where(np.arange(N) % 2, 1.0, -1.0)
    noise = rng.normal(size=(2, N))
    prediction = clean + FITTED[:, None, None] * noise
    # Quarters of 10 indices hold 3, 3, 2 and 2 of them.
    last = vectors[:, 8:]
    prediction[:, 1] += 0.5 * last @ (last.T @ noise[1])
    history = {
        "loss_iteration": np.array([0, 1]),
        "loss": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "validation_loss": np.array([[5.0, 6.0], [7.0, 8.0]]),
        "record_iteration": np.array([0, 5, 9]),
        "prediction": prediction,
    }
    kinds = {"number": np.array([0, 0]), "setting": np.array(["increasing", "white"])}
    facts = {"eigenvalues": values, "eigenvectors": vectors, **kinds}
    return FinishedRun(Problem(x, clean + noise, [1, 2], x, clean), facts, history, {}, None)


def test_spectra_are_means_of_absolute_coefficients(finished):
    table = measure.spectrum_table(finished, n_bins=4, shown=[0, 5, 9])
    assert len(table) == (3 + 1 + 1) * 2 * 4
    vectors, bins = finished.facts["eigenvectors"], [[0, 1, 2], [3, 4, 5], [6, 7], [8, 9]]
    curves = {("pure_target", None): finished.problem.validation_targets[None].repeat(2, axis=0)}
    curves["noised_target", None] = finished.problem.targets
    for row, iteration in enumerate((0, 5, 9)):
        curves["network", iteration] = finished.history["prediction"][row]
    for (curve, iteration), f in curves.items():
        same = table["iteration"].isna() if iteration is None else table["iteration"] == iteration
        rows = table[(table["curve"] == curve) & same].set_index(["noise", "member", "bin"])
        for member, noise in enumerate(("increasing", "white")):
            for b, indices in enumerate(bins):
                expected = np.mean([abs(vectors[:, n] @ f[member]) for n in indices])
                assert rows["abs_coefficient"][noise, 0, b] == pytest.approx(expected)
    assert table.groupby("bin")["relative_index"].first().tolist() == [0.15, 0.45, 0.7, 0.9]


def test_spectra_are_kept_at_the_iterations_that_are_shown(finished):
    every = measure.spectrum_table(finished, n_bins=4, shown=[0, 5, 9])
    some = measure.spectrum_table(finished, n_bins=4, shown=[9, 0])
    wanted = every[every["iteration"] != 5].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, wanted)


def test_distance_is_zero_at_the_pure_and_one_at_the_noised_target(finished):
    clean, noised = finished.problem.validation_targets, finished.problem.targets
    way = 0.3 * noised + 0.7 * clean
    history = {**finished.history, "prediction": np.stack([0 * noised + clean, way, noised])}
    run = FinishedRun(finished.problem, finished.facts, history, {}, None)
    table = measure.distance_table(run, n_bins=4)
    assert list(table.columns) == ["iteration", "distance", "noise", "member"]
    distance = table.pivot(index="iteration", columns="noise", values="distance")
    assert distance.loc[0].tolist() == [0, 0] and distance.loc[9].tolist() == [1, 1]
    spectra = measure.spectrum_table(run, n_bins=4, shown=[5]).query("noise == 'white'")
    pure, far, network = (
        spectra[spectra["curve"] == curve].sort_values("bin")["abs_coefficient"].to_numpy()
        for curve in ("pure_target", "noised_target", "network")
    )
    to_pure, to_noised = np.abs(network - pure).mean(), np.abs(network - far).mean()
    assert distance.loc[5, "white"] == pytest.approx(to_pure / (to_pure + to_noised))


def test_shares_are_the_part_of_the_noise_that_is_fitted(finished):
    keys = ["noise", "member", "iteration", "quarter"]
    table = measure.share_table(finished).set_index(keys).sort_index()
    for iteration, fitted in zip((0, 5, 9), FITTED, strict=True):
        for quarter in (1, 2, 3, 4):
            extra = 0.5 if quarter == 4 else 0.0
            assert table["share"]["increasing", 0, iteration, quarter] == pytest.approx(fitted)
            assert table["share"]["white", 0, iteration, quarter] == pytest.approx(fitted + extra)
    assert table["power"]["white", 0, 0].sum() == pytest.approx(1)
    noise = finished.problem.targets[1] - finished.problem.validation_targets
    last = (finished.facts["eigenvectors"][:, 8:].T @ noise) ** 2
    assert table["power"]["white", 0, 9, 4] == pytest.approx(last.sum() / (noise @ noise))


def test_losses_keep_noise_and_curve_together(finished):
    table = measure.loss_table(finished).set_index(["noise", "member", "iteration", "curve"])
    assert table["mse"]["increasing", 0, 1, "training"] == 3
    assert table["mse"]["white", 0, 0, "training"] == 2
    assert table["mse"]["white", 0, 1, "validation"] == 8
    assert len(table) == 8


def test_eigenvalues_are_numbered_from_one(finished):
    table = measure.eigenvalue_table(finished)
    assert table["n"].tolist() == list(range(1, N + 1))
    assert table["eigenvalue"].is_monotonic_decreasing
    values = table["eigenvalue"].to_numpy()
    nearest = [np.abs(np.delete(values, i) - values[i]).min() for i in range(N)]
    np.testing.assert_allclose(table["gap"], nearest)
    np.testing.assert_allclose(table["above_one"], values - 1)


def test_grid_eigenvectors_change_sign_as_often_as_their_index_says():
    vectors, spectra = grid_tables(20, 0.05)
    for n, rows in vectors.groupby("n"):
        assert (np.diff(np.sign(rows["value"])) != 0).sum() == n - 1
        assert rows["value"].iloc[0] > 0
        assert (rows["value"] ** 2).sum() == pytest.approx(1)
    assert vectors["z"].max() == 0.95
    first = vectors[vectors["n"] == 1]
    kernel = rbf_kernel(first[["z"]].to_numpy(), 0.05)
    value = first["value"].to_numpy()
    np.testing.assert_allclose(kernel @ value, first["eigenvalue"] * value, atol=1e-12)
    dominant = spectra.loc[spectra.groupby("n")["magnitude"].idxmax()].set_index("n")["frequency"]
    assert (dominant[1], dominant[20]) == (0, 10)
    np.testing.assert_allclose((spectra["magnitude"] ** 2).groupby(spectra["n"]).sum(), 1)


def test_a_grid_kernel_that_is_singular_is_refused():
    with pytest.raises(UserError, match=r"grid\.sigma: .* of 50 eigenvalues .* smaller sigma"):
        grid_tables(50, 0.5)
