"""Paths between images, on networks whose probabilities along a line are known."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spectral_bias.errors import UserError
from spectral_bias.measurements import interpolation, path_points
from spectral_bias.measurements.interpolation import FRACTIONS, path_spectra, spectra_of
from spectral_bias.measurements.pairs import BETWEEN, WITHIN, class_pairs
from spectral_bias.measurements.path_points import Path, full_batches, path_probabilities
from spectral_bias.spectra.paths import Sampling, relative_frequency

SHAPE = (3, 2, 2)
SPACED = Sampling(1.0, None, 65)


def along_first_pixel(start, length):
    """A path along the first value of an image alone."""
    x_a = torch.zeros(SHAPE)
    x_a[0, 0, 0] = start
    x_b = x_a.clone()
    x_b[0, 0, 0] += length
    return x_a, x_b


def sine(x):
    """Logits of p = 1/2 ± 0.3 sin(2 pi x / 8) in the first value x of an image."""
    wave = 0.3 * torch.sin(2 * torch.pi * x[:, 0, 0, 0] / 8)
    return torch.log(torch.stack([0.5 + wave, 0.5 - wave], 1))


def small_network(n_classes=4):
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, n_classes))


def random_pairs(count):
    return [tuple(2 * torch.randn(2, *SHAPE)) for _ in range(count)]


@pytest.mark.parametrize("length", [16, 40, 64])
def test_a_sine_along_the_path_peaks_at_its_bin_whatever_the_length(length):
    found = path_spectra(sine, [along_first_pixel(8, length)], SPACED, batch_size=7)
    assert found.n_points == length
    assert found.distance == pytest.approx(length)
    assert found.magnitude[0, [0, 16, 32]] == pytest.approx([0.5, 0.15, 0], abs=1e-6)
    assert found.high_frequency_fraction == pytest.approx(0.15 / 0.65, abs=1e-5)


@pytest.mark.parametrize(
    "sampling", [Sampling(0.25, None, 21), Sampling(None, 40, 21)], ids=["spaced", "counted"]
)
def test_a_linear_network_gives_the_spectrum_of_its_sigmoid(sampling):
    # Two logits linear in x: p = 1 / (1 + exp(-(u + v t))) at the distance t from the start.
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 2)).double()
    x_a, x_b = torch.randn(2, *SHAPE, dtype=torch.float64)
    x_b = x_a + 10 * (x_b - x_a) / torch.linalg.vector_norm(x_b - x_a)
    first, last = (network(x[None])[0].diff(dim=0).item() for x in (x_a, x_b))
    t = np.arange(40) / 40
    p = 1 / (1 + np.exp(-(first + (last - first) * t)))
    waves = np.exp(-2j * np.pi * np.outer(np.arange(21), np.arange(40)) / 40)
    # The mean over the classes is that of p and 1 - p, which differ in the constant term alone.
    expected = np.abs(waves @ p) / 40
    expected[0] = 0.5
    found = path_spectra(network, [(x_a, x_b)], sampling, batch_size=16)
    np.testing.assert_allclose(found.magnitude[0], expected, atol=1e-7)
    moved = np.sqrt(2) * np.abs(p - p[0])
    np.testing.assert_allclose(found.power[0], np.abs(waves @ moved / 40) ** 2, atol=1e-7)
    fraction = expected[3:-1].sum() / expected.sum()
    assert found.high_frequency_fraction == pytest.approx(fraction, abs=1e-6)


def test_the_softmax_is_taken_over_the_classes_at_each_point():
    network, pairs = small_network(4), random_pairs(3)
    found = list(path_probabilities(network, pairs, SPACED, batch_size=5))
    for _, p_SK, _ in found:
        assert len(p_SK) > 1
        np.testing.assert_allclose(p_SK.sum(axis=1), 1, rtol=1e-6)
    # Over a whole path at once the constant term would be 1 / (4 S).
    magnitude = path_spectra(network, pairs, SPACED, batch_size=5).magnitude
    np.testing.assert_allclose(magnitude[:, 0], 1 / 4, rtol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 4, 1000])
def test_batches_give_what_each_path_gives_alone(batch_size):
    network, pairs = small_network(), random_pairs(6)
    done = []
    found = path_spectra(network, pairs, SPACED, batch_size=batch_size, on_path=done.append)
    assert done == [1, 2, 3, 4, 5, 6]
    for row, (x_a, x_b) in enumerate(pairs):
        distance = (x_b - x_a).norm().item()
        t = torch.arange(0, distance, 1.0)
        x = torch.stack([x_a + s / distance * (x_b - x_a) for s in t])
        p = network(x).softmax(1).detach().double().numpy()
        own = np.abs(np.fft.rfft(p, axis=0)).mean(axis=1) / len(t)
        mapped = np.interp(SPACED.relative_frequency, relative_frequency(len(t)), own)
        np.testing.assert_allclose(found.magnitude[row], mapped, atol=1e-6)
        assert found.n_points[row] == len(t)
        assert found.distance[row] == pytest.approx(distance)
        first = int(np.ceil(0.1 * len(own)))
        fraction = own[first:-1].sum() / own.sum()
        assert found.high_frequency_fraction[row] == pytest.approx(fraction, abs=1e-5)


# Against the definitions, written down once more


def plain(p, common):
    """Spectra and fractions of one path (S, K): in NumPy, as in the first author's later code."""
    n = len(p)
    size = lambda q: np.abs(np.fft.rfft(q, axis=0)).mean(axis=1) / n  # noqa: E731
    counted = lambda m: m[int(np.ceil(0.1 * len(m))) : -1].sum() / m.sum()  # noqa: E731
    moved = np.sqrt(((p - p[0]) ** 2).sum(axis=1))
    hann = p * (1 - np.cos(2 * np.pi * np.arange(n) / n))[:, None]
    free = p - (p[-1] - p[0]) * (np.arange(n) / (n - 1) - 0.5)[:, None]
    spectra = [size(p), np.abs(np.fft.rfft(moved) / n) ** 2]
    bins = 2 * np.arange(n // 2 + 1) / n
    return [np.interp(common, bins, v) for v in spectra], [
        counted(size(q)) for q in (p, hann, free)
    ]


@pytest.mark.parametrize("held", [1, 2000, 2**22])
def test_ragged_paths_together_give_what_each_gives_by_the_definitions(held, monkeypatch):
    monkeypatch.setattr(interpolation, "HELD_AT_ONCE", held)
    rng, sampling = np.random.default_rng(0), Sampling(1.0, None, 65)
    paths = [rng.dirichlet(np.full(10, 0.2), n) for n in rng.integers(20, 70, 60)]
    paths += [np.cumsum(p, axis=0) / len(p) for p in paths[:10]]
    given = (Path(float(len(p)), torch.as_tensor(p), torch.as_tensor(p[0])) for p in paths)
    done = []
    found = spectra_of(given, sampling, on_path=done.append)
    assert done == [*range(1, 71)] and len(set(found.n_points)) > 20
    assert found.n_points.tolist() == found.distance.tolist() == [len(p) for p in paths]
    for row, p in enumerate(paths):
        spectra, fractions = plain(p, sampling.relative_frequency)
        for name, values in zip(("magnitude", "power"), spectra, strict=True):
            np.testing.assert_allclose(getattr(found, name)[row], values, rtol=0, atol=1e-12)
        for name, value in zip(FRACTIONS, fractions, strict=True):
            assert getattr(found, name)[row] == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_paths_that_are_too_short_for_the_window_lack_its_fraction_alone():
    given = [Path(float(n), torch.rand(n, 3), torch.rand(3)) for n in (12, 30)]
    found = spectra_of(given, SPACED)
    assert np.isnan(found.hann_fraction).tolist() == [True, False]
    assert np.isfinite(found.high_frequency_fraction).all()
    assert np.isfinite(found.chord_free_fraction).all()


# How paths reach the network


def test_the_network_sees_full_batches_and_pairs_are_read_as_they_are_needed(monkeypatch):
    monkeypatch.setattr(path_points, "ENDS_AT_ONCE", 3 * 12)
    seen, read, unread = [], itertools.count(), iter(random_pairs(20))

    def pairs():
        for pair in unread:
            next(read)
            yield pair

    def predict(x):
        seen.append(len(x))
        return torch.zeros(len(x), 3)

    paths = path_probabilities(predict, pairs(), Sampling(None, 10, 5), batch_size=15)
    assert [len(next(paths).p_SK) for _ in range(2)] == [10, 10]
    # Three pairs at a time, the next three on their way.
    assert next(read) == 6
    assert len(list(paths)) == 18
    # Ten points and the far end of 20 paths.
    assert seen == [15] * 14 + [10]


@pytest.mark.parametrize("ends", [1, 30, 10_000])
def test_how_many_pairs_are_read_at_one_time_changes_nothing(ends, monkeypatch):
    network, pairs = small_network(), random_pairs(7)
    expected = list(path_probabilities(network, pairs, SPACED, batch_size=9))
    monkeypatch.setattr(path_points, "ENDS_AT_ONCE", ends)
    found = list(path_probabilities(network, iter(pairs), SPACED, batch_size=9))
    for path, known in zip(found, expected, strict=True):
        assert path.distance == known.distance
        assert torch.equal(path.p_SK, known.p_SK) and torch.equal(path.far_K, known.far_K)


def test_equal_logits_and_equal_images_have_no_high_frequencies():
    pairs = random_pairs(2)
    flat = path_spectra(lambda x: torch.zeros(len(x), 5), pairs, SPACED, batch_size=8)
    assert flat.high_frequency_fraction == pytest.approx(0, abs=1e-7)
    same = path_spectra(small_network(), [(pairs[0][0],) * 2], SPACED, batch_size=8)
    assert same.high_frequency_fraction == pytest.approx(0, abs=1e-7)
    assert same.distance == 0


def test_no_pairs_are_refused():
    with pytest.raises(ValueError, match="no pairs"):
        path_spectra(sine, [], SPACED, batch_size=8)


def test_a_stream_is_cut_into_full_batches_in_order():
    pieces = torch.arange(23).split([3, 1, 12, 7])
    batches = list(full_batches(pieces, 5))
    assert [len(batch) for batch in batches] == [5, 5, 5, 5, 3]
    assert torch.cat(batches).tolist() == list(range(23))
    assert [len(b) for b in full_batches(torch.arange(10).split(5), 5)] == [5, 5]


LABELS = np.array([0, 1, 2] * 8)
NAMES = ("cat", "dog", "frog")


def test_every_class_pair_gets_its_paths_between_images_of_its_classes():
    table = class_pairs(LABELS, 4, 6, 0, NAMES)
    counts = table.groupby(["kind", "class_a", "class_b"]).size()
    assert (counts[WITHIN] == 4).all() and (counts[BETWEEN] == 6).all()
    assert counts.groupby("kind").size().to_dict() == {WITHIN: 3, BETWEEN: 3}
    for side in ("a", "b"):
        found = np.array(NAMES)[LABELS[table[f"index_{side}"]]]
        assert (found == table[f"class_{side}"]).all()
    assert ((table["class_a"] == table["class_b"]) == (table["kind"] == WITHIN)).all()


def test_no_image_ends_two_paths_of_a_class_pair():
    for _, part in class_pairs(LABELS, 4, 4, 0, NAMES).groupby(["class_a", "class_b"]):
        assert len(set(part["index_a"]) | set(part["index_b"])) == 8


def test_pairs_depend_on_the_seed_alone_and_not_on_other_classes():
    table = class_pairs(LABELS, 3, 3, 0, NAMES)
    pd.testing.assert_frame_equal(table, class_pairs(LABELS, 3, 3, 0, NAMES))
    assert not table.equals(class_pairs(LABELS, 3, 3, 1, NAMES))
    # Without the last class.
    fewer = class_pairs(np.where(LABELS == 2, -1, LABELS), 3, 3, 0, NAMES[:2])
    both = table[table["class_b"] != "frog"].reset_index(drop=True)
    pd.testing.assert_frame_equal(fewer, both)


def test_more_paths_come_after_the_same_fewer_ones():
    few, many = class_pairs(LABELS, 2, 3, 0, NAMES), class_pairs(LABELS, 4, 8, 0, NAMES)
    key, ends = ["class_a", "class_b"], ["index_a", "index_b"]
    parts = dict(list(many.groupby(key)))
    for names, part in few.groupby(key):
        assert (part[ends].to_numpy() == parts[names][ends].to_numpy()[: len(part)]).all()


def test_a_class_with_too_few_images_is_named():
    labels = LABELS[:-1]
    assert len(class_pairs(labels, 3, 7, 0, NAMES)) == 3 * 3 + 3 * 7
    message = r"interpolation\.n_within: 4 .*'frog' need 8 .* there are 7; choose at most 3$"
    with pytest.raises(UserError, match=message):
        class_pairs(labels, 4, 1, 0, NAMES)
    message = r"interpolation\.n_between: 8 .*'frog' need 8 .* there are 7; choose at most 7$"
    with pytest.raises(UserError, match=message):
        class_pairs(labels, 1, 8, 0, NAMES)
    with pytest.raises(UserError, match=r"'d' need 2 .* there are 0; give it more images"):
        class_pairs(labels, 1, 1, 0, (*NAMES, "d"))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_cuda_device_gives_the_same_spectra():
    network, pairs = small_network(), random_pairs(5)
    on_cpu = path_spectra(network, pairs, SPACED, batch_size=16)
    there = [(x_a.cuda(), x_b.cuda()) for x_a, x_b in pairs]
    on_cuda = path_spectra(network.cuda(), there, SPACED, batch_size=16)
    np.testing.assert_allclose(on_cuda.magnitude, on_cpu.magnitude, atol=1e-6)
