"""Residual networks: published size, shortcuts without parameters, seeds."""

import pytest
import torch
from torch.nn import functional as F

from spectral_bias.models.resnet import (
    RESNET20_PARAMETERS,
    BasicBlock,
    ResNet,
    n_parameters,
    resnet,
)


def counted(depth, width, classes):
    """Weights and batch-norm pairs of every layer, added up one by one."""
    n = (depth - 2) // 6
    total, channels = 3 * 9 * width + 2 * width, width
    for stage in range(3):
        for _ in range(n):
            out = width * 2**stage
            total += 9 * channels * out + 2 * out + 9 * out * out + 2 * out
            channels = out
    return total + channels * classes + classes


@pytest.mark.parametrize(("depth", "width"), [(20, 16), (8, 8), (14, 4)])
def test_number_of_parameters(depth, width):
    network = ResNet(depth, width, 10)
    assert n_parameters(network) == counted(depth, width, 10)


def test_resnet20_has_the_published_size():
    count = n_parameters(ResNet(20, 16, 10))
    assert count == RESNET20_PARAMETERS
    assert round(count / 1e6, 2) == 0.27


def test_depth_counts_layers_with_weights():
    network = ResNet(20, 4, 10)
    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    assert sum(isinstance(m, kinds) for m in network.modules()) == 20


def test_shortcut_takes_every_second_pixel_and_fills_channels_with_zeros():
    block = BasicBlock(2, 4, 2).eval()
    torch.nn.init.zeros_(block.conv2.weight)
    x = torch.rand(3, 2, 6, 6)
    out = block(x)
    torch.testing.assert_close(out[:, 1:3], x[:, :, ::2, ::2], rtol=0, atol=0)
    assert out[:, [0, 3]].abs().max() == 0


def test_same_shape_block_is_the_identity_plus_two_convolutions():
    block = BasicBlock(3, 3, 1).eval()
    x = torch.randn(2, 3, 5, 5)
    h = F.relu(block.norm1(F.conv2d(x, block.conv1.weight, padding=1)))
    expected = F.relu(x + block.norm2(F.conv2d(h, block.conv2.weight, padding=1)))
    torch.testing.assert_close(block(x), expected)


def test_images_of_any_size_give_logits():
    network = resnet(8, 4, 5, seed=0).eval()
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 5)
    assert network(torch.zeros(2, 3, 64, 48)).shape == (2, 5)


def test_seed_determines_weights_and_leaves_the_global_state():
    before = torch.random.get_rng_state()
    first, same, other = (resnet(8, 4, 10, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["stem.weight"], other["stem.weight"])


@pytest.mark.parametrize("depth", [2, 7, 9, 21])
def test_other_depths_are_refused(depth):
    with pytest.raises(ValueError, match=f"depth {depth} is not"):
        ResNet(depth, 8, 10)
