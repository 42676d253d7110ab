"""What is measured agrees with closed forms, on networks whose probabilities along lines are known.

Transforms are direct sums over the points here, not the fast transform that is tested.

Shape suffixes: S points of a path, K classes, F bins, N common frequencies.
"""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spectral_bias import measure, measure_paths
from spectral_bias.spectra.paths import Sampling
from tests.unit.toolkit.measured_examples import Function, random_images

CLOSE = 1e-6
COMMON = np.linspace(0, 1, 65)
SAMPLINGS = {"at a distance": {"spacing": 0.25}, "so many": {"points": 50}}


def magnitudes(p_SK):
    """(F,): mean over the classes of |(1/S) sum_j p_j exp(-2 pi i j k / S)|, summed directly."""
    count = len(p_SK)
    turns = np.outer(np.arange(count // 2 + 1), np.arange(count)) / count
    return np.abs(np.exp(-2j * np.pi * turns) @ p_SK).mean(axis=1) / count


def high_part(magnitude_F):
    count = len(magnitude_F)
    return magnitude_F[math.ceil(0.1 * count) : count - 1].sum() / magnitude_F.sum()


def hann(p_SK):
    turn = np.arange(len(p_SK)) / len(p_SK)
    return p_SK * (1 - np.cos(2 * np.pi * turn))[:, None]


def without_chord(p_SK):
    share = np.arange(len(p_SK)) / (len(p_SK) - 1) - 0.5
    return p_SK - share[:, None] * (p_SK[-1] - p_SK[0])


def shares(distance, spacing=None, points=None):
    if points is not None:
        return np.arange(points) / points
    return np.arange(math.ceil(distance / spacing)) * spacing / distance


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def linear(n_classes, size=0.8):
    """A linear network in float64, and its logits as a function of images in NumPy."""
    torch.manual_seed(n_classes)
    layer = nn.Linear(12, n_classes).double()
    nn.init.normal_(layer.weight, std=size)
    weight, bias = (value.detach().numpy() for value in (layer.weight, layer.bias))
    network = Function(lambda x: layer(x.flatten(1)))
    return network, lambda x: x.reshape(len(x), -1) @ weight.T + bias


def test_a_constant_network_has_no_frequencies_and_no_variation(tmp_path):
    network = Function(lambda x: torch.tensor([0.3, -1.0, 2.0]).expand(len(x), 3))
    found = measure(network, random_images(), pairs=6, points=32)
    columns = ("high_frequency_fraction", "hann_fraction", "chord_free_fraction")
    for name in (*columns, "total_variation", "end_jump"):
        np.testing.assert_allclose(found.paths[name], 0, atol=CLOSE)
    mean = softmax(np.array([0.3, -1.0, 2.0])).mean()
    # Drawn out between the bins, k = 0 reaches as far as k = 1, which is 4 of 64 on the axis.
    on_axis = mean * np.clip(1 - np.arange(65) / 4, 0, 1)
    for _, own in found.spectra.groupby("kind"):
        np.testing.assert_allclose(own["magnitude"], on_axis, atol=CLOSE)
    assert found.sentences() == [], "nothing is a part of nothing"
    assert "chord_part" not in set(found.summary["quantity"])
    found.save(tmp_path)
    assert (tmp_path / "measurement.png").stat().st_size > 1000


@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
@pytest.mark.parametrize("sampling", SAMPLINGS.values(), ids=SAMPLINGS.keys())
@pytest.mark.parametrize("n_classes", [2, 5])
def test_a_linear_softmax_is_a_softmax_of_straight_lines(n_classes, sampling, batch):
    network, logits_of = linear(n_classes)
    x, labels = random_images(6, n_classes, (3, 2, 2))
    found = measure(network, (x, labels), pairs=6, batch=batch, **sampling)
    ends = x.double().numpy()
    spectra = {"within": [], "between": []}
    for row in found.paths.itertuples():
        x_a, x_b = (ends[int(name)] for name in (row.image_a, row.image_b))
        distance = np.linalg.norm(x_b - x_a)
        t = shares(distance, **sampling)
        assert row.n_points == len(t)
        assert row.distance == pytest.approx(distance, rel=CLOSE)
        from_a, to_b = logits_of(np.stack([x_a, x_b]))
        p = softmax(from_a + t[:, None] * (to_b - from_a))
        first, last = softmax(from_a), softmax(to_b)
        whole = np.vstack([p, last])
        expected = {
            "high_frequency_fraction": high_part(magnitudes(p)),
            "hann_fraction": high_part(magnitudes(hann(p))),
            "chord_free_fraction": high_part(magnitudes(without_chord(p))),
            "total_variation": np.abs(np.diff(whole, axis=0)).sum() / 2,
            "end_jump": np.abs(last - first).sum() / 2,
            "highest_a": first.max(),
            "highest_b": last.max(),
            "confidence_a": first[int(row.class_a)],
            "confidence_b": last[int(row.class_b)],
        }
        if n_classes == 2:  # both probabilities are monotonic
            expected["total_variation"] = abs(last[0] - first[0])
        if len(t) < 20:
            expected["hann_fraction"] = np.nan
        own = {name: getattr(row, name) for name in expected}
        assert own == pytest.approx(expected, abs=CLOSE, nan_ok=True)
        bins = magnitudes(p)
        spectra[row.kind].append(np.interp(COMMON * len(p) / 2, np.arange(len(bins)), bins))
    ragged = found.paths["n_points"].nunique() > 1
    assert ragged == ("spacing" in sampling)
    for kind, rows in spectra.items():
        own = found.spectra[found.spectra["kind"] == kind]["magnitude"]
        np.testing.assert_allclose(own, np.mean(rows, axis=0), atol=CLOSE)


def on_a_line(values):
    """Images (M, 3, 2, 2) that differ in their first value alone."""
    x = torch.zeros(len(values), 3, 2, 2)
    x[:, 0, 0, 0] = torch.as_tensor(values, dtype=torch.float32)
    return x


AMPLITUDE, FREQUENCY = 0.3, 3
"""Of a wave in the first value of images, the frequency in periods per unit."""


def wave(x):
    p = 0.5 + AMPLITUDE * torch.sin(2 * torch.pi * FREQUENCY * x[:, 0, 0, 0])
    return torch.stack([p, 1 - p], dim=1).log()


@pytest.mark.parametrize("batch", [5, 512])
def test_a_sine_has_half_its_amplitude_at_its_bin_and_nothing_elsewhere(batch):
    x, labels = on_a_line(range(8)), torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    found = measure(Function(wave), (x, labels), pairs=4, points=128, batch=batch)
    steps = found.paths["image_a"].astype(int) - found.paths["image_b"].astype(int)
    for kind in ("within", "between"):
        own = (found.paths["kind"] == kind).to_numpy()
        bins = FREQUENCY * steps[own].abs().to_numpy()
        expected = np.zeros((len(bins), 65))
        expected[:, 0] = 0.5
        expected[np.arange(len(bins)), bins] = AMPLITUDE / 2
        spectrum = found.spectra[found.spectra["kind"] == kind]["magnitude"]
        np.testing.assert_allclose(spectrum, expected.mean(axis=0), atol=CLOSE)
        raw = np.where(bins >= 7, AMPLITUDE / (1 + AMPLITUDE), 0)
        shown = found.paths[own]
        np.testing.assert_allclose(shown["high_frequency_fraction"], raw, atol=CLOSE)
        # The window has half of the sine beside its bin, and half of the constant at k = 1.
        share = np.select([bins >= 8, bins == 7, bins == 6], [1, 0.75, 0.25], 0)
        windowed = share * AMPLITUDE / (0.75 + AMPLITUDE)
        np.testing.assert_allclose(shown["hann_fraction"], windowed, atol=CLOSE)
        np.testing.assert_allclose(shown["end_jump"], 0, atol=CLOSE)


def test_a_sine_is_at_one_relative_frequency_where_points_are_at_a_distance():
    x, labels = on_a_line(range(8)), torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    found = measure(Function(wave), (x, labels), pairs=4, spacing=1 / 16, batch=33)
    lengths = found.paths["distance"].to_numpy()
    assert found.paths["n_points"].tolist() == (16 * lengths).tolist()
    expected = AMPLITUDE / (1 + AMPLITUDE)
    np.testing.assert_allclose(found.paths["high_frequency_fraction"], expected, atol=CLOSE)
    for kind in ("within", "between"):
        spectrum = found.spectra[found.spectra["kind"] == kind]["magnitude"].to_numpy()
        assert spectrum[[0, 24]] == pytest.approx([0.5, AMPLITUDE / 2], abs=CLOSE)
        assert spectrum[16:].argmax() == 24 - 16
    # Each period climbs by 2 AMPLITUDE twice; 16 points have 3 periods, crests between points.
    crest = AMPLITUDE * np.sin(2 * np.pi * FREQUENCY * np.arange(17) / 16)
    climbed = np.abs(np.diff(crest)).sum()
    np.testing.assert_allclose(found.paths["total_variation"], climbed * lengths, atol=1e-5)
    assert climbed <= 4 * AMPLITUDE * FREQUENCY


@pytest.mark.parametrize("at", [0.3, 0.5, 0.9])
def test_a_step_has_the_spectrum_of_a_step_and_varies_by_one(at):
    count = 128

    def step(x):
        return torch.where(x[:, :1, 0, 0] > at, 40.0, -40.0) * torch.tensor([[-1.0, 1.0]])

    x, labels = on_a_line([0, 0, 1, 1]), torch.tensor([0, 0, 1, 1])
    found = measure(Function(step), (x, labels), kinds=["between"], pairs=2, points=count)
    before = math.floor(at * count) + 1
    k = np.arange(1, count // 2 + 1)
    quotient = np.abs(np.sin(np.pi * k * before / count) / np.sin(np.pi * k / count)) / count
    magnitude = np.concatenate([[0.5], quotient])
    np.testing.assert_allclose(found.spectra["magnitude"], magnitude, atol=CLOSE)
    raw = high_part(magnitude)
    np.testing.assert_allclose(found.paths["high_frequency_fraction"], raw, atol=CLOSE)
    # Of the geometric sum of the step, and of the ramp: sum_j j q^j = S / (q - 1) where q^S = 1.
    q = np.exp(-2j * np.pi * k / count)
    after = -(1 - q**before) / (1 - q) / count
    ramp = 1 / (q - 1) / (count - 1)
    free = high_part(np.concatenate([[0.5], np.abs(after - ramp)]))
    np.testing.assert_allclose(found.paths["chord_free_fraction"], free, atol=CLOSE)
    assert found.value("chord_part", "between") == pytest.approx(1 - free / raw, abs=CLOSE)
    for name in ("total_variation", "end_jump", "confidence_a", "confidence_b"):
        np.testing.assert_allclose(found.paths[name], 1, atol=CLOSE)
    assert found.facts["accuracy"]["value"] == 1


def test_total_variation_tends_to_the_integral_along_the_path():
    network, logits_of = linear(3)
    x, labels = random_images(4, 3, (3, 2, 2))
    found = measure(network, (x, labels), kinds=["between"], pairs=3, points=2000)
    ends = x.double().numpy()
    t = np.linspace(0, 1, 100_001)[:, None]
    for row in found.paths.itertuples():
        from_a, to_b = logits_of(np.stack([ends[int(row.image_a)], ends[int(row.image_b)]]))
        p = softmax(from_a + t * (to_b - from_a))
        slope = p * ((to_b - from_a) - (p * (to_b - from_a)).sum(axis=1, keepdims=True))
        integral = np.trapezoid(np.abs(slope).sum(axis=1), t[:, 0]) / 2
        # The rounding of 2,000 probabilities in float32 adds up.
        assert row.total_variation == pytest.approx(integral, abs=2e-5)


@pytest.mark.parametrize("batch", [1, 9, 500])
def test_measure_paths_takes_pairs_of_ones_own_in_float64(batch):
    network, logits_of = linear(2)
    x = random_images(5, 2, (3, 2, 2))[0].double()
    x[7] = x[6] + 0.01  # shorter than the distance of two points: its ends alone
    pairs = pd.DataFrame(
        {"kind": ["within", "between", "within"], "class_a": ["a", "a", "b"],
         "class_b": ["a", "b", "b"], "index_a": [0, 1, 6], "index_b": [1, 8, 7]}
    )  # fmt: skip
    ends = ((x[a], x[b]) for a, b in zip(pairs["index_a"], pairs["index_b"], strict=True))
    found = measure_paths(network, pairs, ends, Sampling(0.1, None, 65), batch_size=batch)
    for number, row in enumerate(found.table.itertuples()):
        near, far = x[row.index_a].numpy(), x[row.index_b].numpy()
        from_a, to_b = logits_of(np.stack([near, far]))
        t = shares(row.distance, 0.1) if number < 2 else np.array([0.0, 1.0])
        p = softmax(from_a + t[:, None] * (to_b - from_a))
        assert row.n_points == len(t)
        wanted = high_part(magnitudes(p)), high_part(magnitudes(without_chord(p)))
        assert wanted == pytest.approx(
            (row.high_frequency_fraction, row.chord_free_fraction), abs=CLOSE
        )
        bins = magnitudes(p)
        on_axis = np.interp(COMMON * len(p) / 2, np.arange(len(bins)), bins)
        np.testing.assert_allclose(found.spectra.magnitude[number], on_axis, atol=CLOSE)
    assert np.isnan(found.spectra.confidence).all(), "no classes of the network were named"
