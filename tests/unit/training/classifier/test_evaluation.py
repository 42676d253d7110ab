"""Test losses, clean and under waves, against the definition image by image."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from spectral_bias.data.images import ImageSet
from spectral_bias.training.classifier import sources
from spectral_bias.training.classifier.evaluation import Evaluation
from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, Wave, direction
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.classifier.sources import LoadedImages

CPU = torch.device("cpu")
WAVES = (
    Wave("radial", 0.05, 0.2),
    Wave("radial", 0.05, 0.2, noise_class=2),
    Wave("uniform", None, 0.1),
)


@pytest.fixture(scope="module")
def source():
    rng = np.random.default_rng(3)
    labels = np.arange(30) % 3
    pixels = rng.integers(0, 255, (30, 8, 8, 3)).astype(np.uint8)
    return LoadedImages.of(ImageSet(pixels, labels, pixels, labels, ("a", "b", "c")), CPU)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(192, 3))


@pytest.mark.parametrize("batch", [7, 1000])
def test_losses_are_those_of_smoothed_labels(source, network, batch, monkeypatch):
    monkeypatch.setattr(sources, "EVALUATION_BATCH", batch)
    found = Evaluation(source, WAVES).of(network)
    x = Normalisation.of(source.mean, source.std, CPU)(source.test_MCHW)
    y = source.test_labels
    with torch.no_grad():
        log_p = F.log_softmax(network(x), 1)
    own = -log_p[torch.arange(30), y]
    assert found.loss == pytest.approx(own.mean().item(), rel=1e-5)
    assert found.accuracy == pytest.approx((log_p.argmax(1) == y).float().mean().item())
    for index, wave in enumerate(WAVES):
        r = LabelSmoothing(wave, (3, 8, 8), CPU).rate(x, y)
        losses = []
        for image in range(30):
            if wave.noise_class in (None, y[image].item()):
                rate = r[image].item()
                target = [(1 - rate) * (c == y[image].item()) + rate / 3 for c in range(3)]
                losses.append(-sum(t * p.item() for t, p in zip(target, log_p[image], strict=True)))
        assert found.probes["noisy_test_loss"][index] == pytest.approx(np.mean(losses), rel=1e-5)
    assert found.probes["clean_test_loss"][0] == pytest.approx(found.loss, rel=1e-6)
    assert found.probes["clean_test_loss"][1] == pytest.approx(own[y == 2].mean().item(), rel=1e-5)


def test_a_known_network_has_the_losses_worked_out_by_hand(source):
    class Sure(nn.Module):
        """Calls everything class 0, with logits (1, 0, 0)."""

        def forward(self, x):
            return torch.tensor([[1.0, 0.0, 0.0]]).expand(len(x), 3)

    found = Evaluation(source, ()).of(Sure())
    total = math.log(math.e + 2)
    assert found.loss == pytest.approx(total - 1 / 3, rel=1e-6)
    assert found.accuracy == pytest.approx(1 / 3) and found.probes["noisy_test_loss"] == []


def test_noise_fitting_is_the_sum_of_confidence_and_covariance(source, network):
    evaluation = Evaluation(source, WAVES)
    probes = {name: np.array(values) for name, values in evaluation.of(network).probes.items()}
    fitting = probes["clean_test_loss"] - probes["noisy_test_loss"]
    assert np.allclose(
        fitting, probes["confidence_term"] + probes["covariance_term"], rtol=0, atol=1e-12
    )
    x, y = Normalisation.of(source.mean, source.std, CPU)(source.test_MCHW), source.test_labels
    with torch.no_grad():
        losses = -F.log_softmax(network(x), 1).double()
    m = (losses.mean(1) - losses[torch.arange(30), y]).numpy()
    r = LabelSmoothing(WAVES[1], (3, 8, 8), CPU).rate(x, y).double().numpy()
    m, r = m[y == 2], r[y == 2]
    assert probes["covariance_term"][1] == pytest.approx(-np.cov(r, m, bias=True)[0, 1], rel=1e-4)
    assert evaluation.facts["probe_rate_mean"][1] == pytest.approx(r.mean(), rel=1e-6)
    assert evaluation.facts["probe_rate_variance"][1] == pytest.approx(r.var(), rel=1e-6)
    assert probes["covariance_term"][2] == pytest.approx(0, abs=1e-9), "even smoothing has none"


def test_waves_are_placed_by_the_spread_of_the_training_images(source):
    given = Wave("fourier", None, 0.2, spatial_frequency=1.0, cycles=0.3)
    facts = Evaluation(source, (given, WAVES[0], WAVES[2])).facts
    x = Normalisation.of(source.mean, source.std, CPU)(source.train_NCHW).double()
    d = direction(given, (3, 8, 8))
    deviation = (x * d).sum(dim=(1, 2, 3)).std(unbiased=False).item()
    norms = x.flatten(1).norm(dim=1).std(unbiased=False).item()
    assert facts["probe_deviation"][:2] == pytest.approx([deviation, norms], rel=1e-5)
    assert facts["probe_frequency"][:2] == pytest.approx([0.3 / deviation, 0.05], rel=1e-5)
    assert np.isnan(facts["probe_frequency"][2]) and np.isnan(facts["probe_deviation"][2])
