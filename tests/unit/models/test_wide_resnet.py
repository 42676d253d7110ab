"""Wide residual networks: published size, both kinds of block, features."""

import pytest
import torch
from torch.nn import functional as F

from spectral_bias.models.resnet import n_parameters
from spectral_bias.models.wide_resnet import PreActivationBlock, wide_resnet

WRN_28_10_PARAMETERS = 36_479_194
"""With shortcuts of 1x1 convolutions; published as 36.5 million."""


def counted(depth, width, stem, classes, kernel):
    """Weights and batch-norm pairs added up one by one; `kernel` pixels of shortcuts."""
    total, channels = 27 * stem, stem
    for stage in range(3):
        out = width * 2**stage
        for _ in range((depth - 4) // 6):
            total += 2 * channels + 9 * channels * out + 2 * out + 9 * out * out
            total += kernel * channels * out * (channels != out)
            channels = out
    return total + 2 * channels + channels * classes + classes


def made_without_memory(**arguments):
    with torch.device("meta"):
        return wide_resnet(10, **arguments)


def test_wrn_28_10_is_the_published_network_but_for_its_larger_shortcuts():
    network = made_without_memory(width=160)
    assert counted(28, 160, 16, 10, kernel=1) == WRN_28_10_PARAMETERS
    shortcuts = sum(
        module.weight.numel()
        for name, module in network.named_modules()
        if name.endswith("shortcut")
    )
    assert n_parameters(network) - shortcuts * 8 // 9 == WRN_28_10_PARAMETERS
    assert round(n_parameters(network) / 1e6, 1) == 38.5


@pytest.mark.parametrize(("depth", "width", "stem"), [(28, 32, 16), (10, 8, 8), (16, 4, 3)])
def test_number_of_parameters(depth, width, stem):
    network = made_without_memory(depth=depth, width=width, stem=stem)
    assert n_parameters(network) == counted(depth, width, stem, 10, kernel=9)


@pytest.mark.parametrize("depth", [16, 28])
def test_depth_counts_convolutions_and_those_of_shortcuts(depth):
    modules = made_without_memory(depth=depth).modules()
    assert sum(isinstance(module, torch.nn.Conv2d) for module in modules) == depth


def test_block_of_one_shape_adds_two_convolutions_to_its_input():
    block = PreActivationBlock(3, 3, 1).eval()
    x = torch.randn(2, 3, 6, 6)
    h = F.conv2d(F.relu(block.norm1(x)), block.conv1.weight, padding=1)
    h = F.conv2d(F.relu(block.norm2(h)), block.conv2.weight, padding=1)
    torch.testing.assert_close(block(x.clone()), x + h)


@pytest.mark.parametrize(("inputs", "outputs", "stride"), [(2, 4, 2), (2, 4, 1), (3, 3, 2)])
def test_shortcut_is_a_convolution_of_the_rectified_input(inputs, outputs, stride):
    block = PreActivationBlock(inputs, outputs, stride).eval()
    torch.nn.init.zeros_(block.conv2.weight)
    x = torch.randn(2, inputs, 6, 6)
    expected = F.conv2d(F.relu(block.norm1(x)), block.shortcut.weight, stride=stride, padding=1)
    torch.testing.assert_close(block(x), expected)


def test_logits_are_linear_in_the_features():
    network = wide_resnet(5, depth=10, width=4, stem=4).eval()
    x = torch.randn(2, 3, 32, 16)
    features = network.features(x)
    assert features.shape == (2, 16) and features.min() >= 0
    torch.testing.assert_close(network(x), features @ network.head.weight.T + network.head.bias)


def test_pixels_are_halved_twice():
    network = wide_resnet(5, depth=10, width=4, stem=4)
    assert network.blocks(network.stem(torch.zeros(1, 3, 32, 24))).shape == (1, 16, 8, 6)


@pytest.mark.parametrize("depth", [4, 9, 27])
def test_other_depths_are_refused(depth):
    with pytest.raises(ValueError, match=f"depth {depth} is not 6n"):
        wide_resnet(10, depth=depth)
