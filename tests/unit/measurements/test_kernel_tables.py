"""Tables of Experiment 4 from a run that is made by hand, and from points of a line."""

import numpy as np
import pytest

from spectral_bias.data.problem import Problem
from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.kernel_spectra import measure as kernel_spectra
from spectral_bias.experiments.rahaman2018.kernel_spectra.grid import grid_tables
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.spectra.kernels import eigenvectors, rbf_kernel

N = 10
FITTED = np.array([0.0, 0.25, 1.0])  # share of the noise at each of three records


@pytest.fixture(scope="module")
def run():
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
    facts = {
        "eigenvalues": values,
        "eigenvectors": vectors,
        "number": np.array([0, 0]),
        "setting": np.array(["increasing", "white"]),
    }
    problem = Problem(x, clean + noise, [1, 2], x, clean)
    return FinishedRun(problem, facts, history, {"run_key": "k"}, None)


def test_spectra_are_means_of_absolute_coefficients(run):
    table = kernel_spectra.spectrum_table(run, n_bins=4)
    assert len(table) == (3 + 1 + 1) * 2 * 4
    vectors, bins = run.facts["eigenvectors"], [[0, 1, 2], [3, 4, 5], [6, 7], [8, 9]]
    curves = {("pure_target", None): run.problem.validation_targets[None].repeat(2, axis=0)}
    curves["noised_target", None] = run.problem.targets
    for row, iteration in enumerate((0, 5, 9)):
        curves["network", iteration] = run.history["prediction"][row]
    for (curve, iteration), f in curves.items():
        same = table["iteration"].isna() if iteration is None else table["iteration"] == iteration
        rows = table[(table["curve"] == curve) & same].set_index(["noise", "member", "bin"])
        for member, noise in enumerate(("increasing", "white")):
            for b, indices in enumerate(bins):
                expected = np.mean([abs(vectors[:, n] @ f[member]) for n in indices])
                assert rows["abs_coefficient"][noise, 0, b] == pytest.approx(expected)
    assert table.groupby("bin")["relative_index"].first().tolist() == [0.15, 0.45, 0.7, 0.9]


def test_shares_are_the_part_of_the_noise_that_is_fitted(run):
    keys = ["noise", "member", "iteration", "quarter"]
    table = kernel_spectra.share_table(run).set_index(keys).sort_index()
    for iteration, fitted in zip((0, 5, 9), FITTED, strict=True):
        for quarter in (1, 2, 3, 4):
            extra = 0.5 if quarter == 4 else 0.0
            assert table["share"]["increasing", 0, iteration, quarter] == pytest.approx(fitted)
            assert table["share"]["white", 0, iteration, quarter] == pytest.approx(fitted + extra)
    assert table["power"]["white", 0, 0].sum() == pytest.approx(1)
    noise = run.problem.targets[1] - run.problem.validation_targets
    last = (run.facts["eigenvectors"][:, 8:].T @ noise) ** 2
    assert table["power"]["white", 0, 9, 4] == pytest.approx(last.sum() / (noise @ noise))


def test_losses_keep_noise_and_curve_together(run):
    table = kernel_spectra.loss_table(run).set_index(["noise", "member", "iteration", "curve"])
    assert table["mse"]["increasing", 0, 1, "training"] == 3
    assert table["mse"]["white", 0, 0, "training"] == 2
    assert table["mse"]["white", 0, 1, "validation"] == 8
    assert len(table) == 8


def test_eigenvalues_are_numbered_from_one(run):
    table = kernel_spectra.eigenvalue_table(run)
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
