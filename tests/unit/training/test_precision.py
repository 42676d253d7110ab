"""Products are computed as exactly as the settings say, and as before once it is over."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from spectral_bias.data.images import ImageSet
from spectral_bias.models.resnet import resnet
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import LoadedImages
from spectral_bias.training.classifier.train import train_classifier
from spectral_bias.training.precision import PRECISIONS, autocast, float32_mode

CPU = torch.device("cpu")


@pytest.mark.parametrize("precision", PRECISIONS)
def test_only_tf32_may_round_float32_products(precision):
    places = [torch.backends.cuda.matmul, torch.backends.cudnn.conv, torch.backends.cudnn.rnn]
    before = [place.fp32_precision for place in places]
    with pytest.raises(KeyError), float32_mode(precision):
        expected = "tf32" if precision == "tf32" else "ieee"
        assert [place.fp32_precision for place in places] == [expected] * 3
        assert torch.backends.mkldnn.matmul.fp32_precision == "ieee"
        raise KeyError
    assert [place.fp32_precision for place in places] == before


@pytest.mark.parametrize("precision", PRECISIONS)
def test_products_are_in_bfloat16_where_that_is_wanted_alone(precision):
    layer, x = torch.nn.Linear(64, 4), torch.randn(8, 64)
    exact = layer(x)
    with autocast(precision, CPU):
        found = layer(x)
    if precision == "bf16":
        assert found.dtype == torch.bfloat16
        assert not torch.equal(found.float(), exact)
        torch.testing.assert_close(found.float(), exact, atol=0.05, rtol=0.05)
    else:
        assert torch.equal(found, exact)
    assert layer(x).dtype == torch.float32 and layer.weight.dtype == torch.float32


@pytest.mark.parametrize(("device", "cached"), [("cpu", True), ("cuda", False)])
def test_weights_are_cached_outside_of_graphs_alone(device, cached, monkeypatch):
    asked = {}
    monkeypatch.setattr(torch, "autocast", lambda *_, **options: asked.update(options))
    autocast("bf16", torch.device(device))
    assert asked == {"enabled": True, "cache_enabled": cached}


def test_training_in_bfloat16_keeps_its_weights_and_losses_in_float32():
    rng = np.random.default_rng(0)
    labels = np.arange(20) % 2
    pixels = (rng.integers(0, 120, (20, 8, 8, 3)) + 120 * labels[:, None, None, None]).astype("u1")
    images = ImageSet(pixels, labels, pixels[:6], labels[:6], ("dark", "light"))
    settings = ClassifierSettings(
        **{"epochs": 3, "batch_size": 10, "learning_rate": 0.02, "schedule": "cosine"},
        **{"momentum": 0.9, "weight_decay": 1e-3, "augmentation": Augmentation("none")},
        precision="float32",
    )

    def trained(precision):
        source = LoadedImages.of(images, CPU)
        wanted = replace(settings, precision=precision)
        return train_classifier(resnet(8, 4, 2, seed=0), source, wanted, seed=5)

    exact, rounded = trained("float32"), trained("bf16")
    dtypes = {p.dtype for p in rounded.network.parameters()}
    assert dtypes == {torch.float32}
    for name in ("training_loss", "test_loss"):
        one, other = exact.history[name], rounded.history[name]
        assert not np.array_equal(one, other), "bfloat16 was used"
        np.testing.assert_allclose(one, other, rtol=0.05)


CHOICES = {
    "nothing": ("None", "None"),
    "legacy": ("torch.set_float32_matmul_precision('high')", "torch.backends.cudnn.allow_tf32"),
    "new": ("torch.backends.fp32_precision = 'tf32'", "torch.backends.fp32_precision"),
}
EXACT = """
import torch
from spectral_bias.training.precision import float32_mode
places = [torch.backends.cuda.matmul, torch.backends.cudnn.conv, torch.backends.mkldnn.matmul]
{choice}
before = [place.fp32_precision for place in places]
with float32_mode("float32"):
    assert [place.fp32_precision for place in places] == ["ieee"] * 3
assert [place.fp32_precision for place in places] == before
{asked}  # PyTorch refuses to read a setting that was changed in two ways
"""


@pytest.mark.parametrize("how", CHOICES)
def test_products_are_exact_within_a_program_of_any_settings(how):
    """In a process of its own: a choice by either way lasts."""
    choice, asked = CHOICES[how]
    subprocess.run([sys.executable, "-c", EXACT.format(choice=choice, asked=asked)], check=True)
