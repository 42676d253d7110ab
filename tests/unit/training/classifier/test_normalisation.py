"""Normalisation against its formula."""

import numpy as np
import pytest
import torch

from spectral_bias.training.classifier.normalisation import Normalisation

CPU = torch.device("cpu")
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_normalised_pixels_by_numpy(layout):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (5, 3, 4, 6), generator=generator, dtype=torch.uint8)
    pixels = pixels.contiguous(memory_format=layout)
    before = pixels.clone()
    x = Normalisation.of(MEAN, STD, CPU)(pixels)
    mean, std = (np.array(values)[:, None, None] for values in (MEAN, STD))
    np.testing.assert_allclose(x, (pixels.numpy() / 255 - mean) / std, rtol=1e-5, atol=1e-6)
    assert x.dtype == torch.float32 and x.is_contiguous(memory_format=layout)
    assert torch.equal(pixels, before)


def test_mean_colour_is_normalised_to_nearly_zero():
    normalisation = Normalisation.of(np.array(MEAN), np.array(STD), CPU)
    assert normalisation.mean_colour == [125, 123, 114]
    colour = torch.tensor(normalisation.mean_colour, dtype=torch.uint8)[None, :, None, None]
    assert normalisation(colour).abs().max() < 0.5 / 255 / min(STD)


def test_a_channel_without_spread_is_refused():
    with pytest.raises(ValueError, match=r"^std: 0.0 for a channel"):
        Normalisation.of(MEAN, (0.2, 0.0, 0.2), CPU)
