"""Targets of Experiment 4, and what is said about data that do not fit."""

import numpy as np
import pytest
import yaml
from scipy.spatial.distance import cdist

from spectral_bias.data import digits
from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.kernel_spectra.problem import build
from spectral_bias.spectra.kernels import generalised_spectrum

RUN = {
    "run": "kernel_spectra",
    "seed": 0,
    "n_runs": 3,
    "data": {"source": "digits", "classes": [3, 8], "n_samples": 12},
    "sigma": 0.8,
    "beta": 0.5,
    "gamma": 2.0,
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
    runs = 200
    problem, facts = build({**RUN, "n_runs": runs}, digit_file)
    noise = noise_of(problem, facts, "white")
    assert noise.min() >= -1 and noise.max() <= 1
    # U(-1, 1) has variance 1/3, whose estimate from 2400 draws has a standard error of 0.006.
    assert noise.var() == pytest.approx(1 / 3, abs=0.03)
    assert abs(noise.mean()) < 0.06
    assert len(np.unique(noise)) == noise.size


def test_kinds_share_weights_and_members_do_not_depend_on_how_many_there_are(digit_file):
    problem, _ = build(RUN, digit_file)
    assert problem.seeds[:3] == problem.seeds[3:]
    assert len(set(problem.seeds)) == 3
    fewer, _ = build({**RUN, "n_runs": 2}, digit_file)
    np.testing.assert_array_equal(fewer.targets, problem.targets[[0, 1, 3, 4]])
    other, _ = build({**RUN, "seed": 1}, digit_file)
    assert not set(other.seeds) & set(problem.seeds)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            {"n_samples": 17},
            r"kernel_spectra\.data\.n_samples: 17 images are wanted, but classes 3 and 8 of digits "
            "have 16; choose at most 16",
        ),
        ({"classes": [3, 7]}, r"kernel_spectra\.data\.classes: no image of class 7; there are 0,"),
        ({"n_samples": 1}, r"kernel_spectra\.data\.n_samples: the first 1 images are all of one"),
    ],
)
def test_data_that_do_not_fit_are_named(digit_file, data, said):
    with pytest.raises(UserError, match=said):
        build({**RUN, "data": RUN["data"] | data}, digit_file)


def test_a_singular_kernel_is_refused(digit_file, tmp_path):
    with pytest.raises(UserError, match=r"kernel_spectra\.sigma: .* singular: only \d+ of its 12"):
        build({**RUN, "sigma": 1e5}, digit_file)
    images, labels = digits.read_digits(digit_file)
    again = (np.concatenate([images, images]) * 16).round().astype(int)
    digits.write_digits(tmp_path / "twice.npz", "test", again, np.tile(labels, 2), 16)
    twice = {**RUN, "data": {**RUN["data"], "n_samples": 32}}
    with pytest.raises(UserError, match=r"only 16 of its 32 eigenvalues .* no image twice"):
        build(twice, tmp_path / "twice.npz")


def test_quick_sigma_is_the_median_distance_to_the_nearest_other_image(repository):
    quick = yaml.safe_load((repository / "workflow/scales/quick.yaml").read_text())
    section = quick["rahaman2018"]["kernel_spectra"]
    images, labels, white = digits.bundled_digits()
    x = digits.class_pair(images / white, labels, [3, 8]).inputs
    assert section["data"]["n_samples"] == len(x)
    distances = cdist(x, x)
    np.fill_diagonal(distances, np.inf)
    assert section["sigma"] == round(np.median(distances.min(axis=1)), 2)
