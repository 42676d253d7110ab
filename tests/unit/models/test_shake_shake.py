"""Shake-Shake: the random mixture and its gradient, the shifted shortcut, published size."""

import pytest
import torch
from scipy.stats import kstest
from torch.nn import functional as F

from spectral_bias.models.resnet import n_parameters
from spectral_bias.models.shake_shake import (
    Mix,
    ShakeShake,
    ShakeShakeBlock,
    ShiftedShortcut,
    shake_shake,
)


def random_pair(images):
    return [torch.randn(images, 2, 3, 3, dtype=torch.float64).requires_grad_() for _ in range(2)]


def test_forward_mixes_with_alpha_and_backward_with_beta():
    first, second = random_pair(4)
    alpha, beta = torch.rand(2, 4, 1, 1, 1, dtype=torch.float64)
    weight = torch.randn(4, 2, 3, 3, dtype=torch.float64)
    mixed = Mix.apply(first, second, alpha, beta)
    torch.testing.assert_close(mixed, alpha * first + (1 - alpha) * second)
    gradients = torch.autograd.grad((weight * mixed).sum(), (first, second))
    as_beta = beta * first + (1 - beta) * second
    expected = torch.autograd.grad((weight * as_beta).sum(), (first, second))
    torch.testing.assert_close(gradients, expected)


def drawn(images):
    """alpha and beta of each image, read from values and gradients of the layer."""
    first, second = random_pair(images)
    with torch.no_grad():
        first.fill_(1)
        second.fill_(0)
    mixed = ShakeShake()(first, second)
    gradients = torch.autograd.grad(mixed.sum(), (first, second))
    return mixed.detach(), *gradients


def test_every_image_has_its_own_alpha_and_beta():
    alpha, beta, rest = drawn(6)
    for coefficient in (alpha, beta):
        assert (coefficient == coefficient[:, :1, :1, :1]).all()
        assert len(coefficient[:, 0, 0, 0].unique()) == 6
    assert (alpha != beta).all()
    torch.testing.assert_close(beta + rest, torch.ones_like(beta))


def test_alpha_and_beta_are_uniform_and_independent():
    torch.manual_seed(0)
    alpha, beta, _ = (value[:, 0, 0, 0] for value in drawn(4000))
    assert kstest(alpha, "uniform").pvalue > 1e-3
    assert kstest(beta, "uniform").pvalue > 1e-3
    assert torch.corrcoef(torch.stack([alpha, beta]))[0, 1].abs() < 4 / 4000**0.5


def test_evaluation_takes_the_expectation():
    first, second = random_pair(3)
    layer = ShakeShake().eval()
    torch.testing.assert_close(layer(first, second), (first + second) / 2)
    torch.manual_seed(0)
    layer.train()
    mean = torch.stack([layer(first, second) for _ in range(4000)]).mean(dim=0)
    largest = (first - second).abs().max()
    torch.testing.assert_close(mean, (first + second) / 2, rtol=0, atol=0.03 * largest.item())


def test_the_global_generator_determines_the_draws():
    first, second = random_pair(3)
    torch.manual_seed(5)
    once, then = (ShakeShake()(first, second) for _ in range(2))
    torch.manual_seed(5)
    again = ShakeShake()(first, second)
    assert torch.equal(once, again) and not torch.equal(once, then)


def test_mixing_keeps_reduced_precision():
    pair = [half.detach().bfloat16().requires_grad_() for half in random_pair(2)]
    mixed = ShakeShake()(*pair)
    mixed.sum().backward()
    assert mixed.dtype == pair[0].grad.dtype == torch.bfloat16


@pytest.mark.parametrize("stride", [1, 2])
def test_shortcut_joins_paths_shifted_by_one_pixel(stride):
    layer = ShiftedShortcut(2, 4, stride).eval()
    torch.nn.init.zeros_(layer.path1.weight)
    torch.nn.init.zeros_(layer.path2.weight)
    for channel in range(2):
        layer.path1.weight.data[channel, channel] = 1
        layer.path2.weight.data[channel, channel] = 1
    x = torch.rand(3, 2, 6, 8)
    shifted = torch.zeros_like(x)
    shifted[:, :, :-1, :-1] = x[:, :, 1:, 1:]
    joined = torch.cat([x[:, :, ::stride, ::stride], shifted[:, :, ::stride, ::stride]], dim=1)
    torch.testing.assert_close(layer(x), joined / (1 + layer.norm.eps) ** 0.5)


def test_block_adds_the_mean_of_its_branches_in_evaluation():
    block = ShakeShakeBlock(4, 4, 1).eval()
    x = torch.randn(2, 4, 6, 6)
    expected = x.clone()
    for branch in (block.branch1, block.branch2):
        h = branch.norm1(F.conv2d(F.relu(x), branch.conv1.weight, padding=1))
        h = branch.norm2(F.conv2d(F.relu(h), branch.conv2.weight, padding=1))
        expected += h / 2
    torch.testing.assert_close(block(x), expected)


def counted(depth, width, stem, classes):
    """Weights and batch-norm pairs added up one by one."""
    total, channels = 27 * stem + 2 * stem, stem
    for stage in range(3):
        out = width * 2**stage
        for _ in range((depth - 2) // 6):
            total += 2 * (9 * channels * out + 2 * out + 9 * out * out + 2 * out)
            total += (channels * out + 2 * out) * (channels != out)
            channels = out
    return total + channels * classes + classes


@pytest.mark.parametrize(("depth", "width", "stem"), [(26, 96, 16), (8, 8, 8), (14, 6, 3)])
def test_number_of_parameters(depth, width, stem):
    with torch.device("meta"):
        network = shake_shake(10, depth, width, stem)
    assert n_parameters(network) == counted(depth, width, stem, 10)


def test_26_2x96d_has_the_published_size():
    with torch.device("meta"):
        network = shake_shake(10, width=96)
    assert round(n_parameters(network) / 1e6, 1) == 26.2


def test_logits_are_linear_in_the_features():
    network = shake_shake(5, depth=8, width=4, stem=4).eval()
    x = torch.randn(2, 3, 16, 32)
    features = network.features(x)
    assert features.shape == (2, 16) and features.min() >= 0
    torch.testing.assert_close(network(x), network.head(features))


def test_a_step_reaches_every_parameter():
    network = shake_shake(5, depth=8, width=4, stem=4)
    network(torch.randn(4, 3, 8, 8)).square().sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in network.parameters())


@pytest.mark.parametrize("depth", [2, 7, 27])
def test_other_depths_are_refused(depth):
    with pytest.raises(ValueError, match=f"depth {depth} is not 6n"):
        shake_shake(10, depth=depth)


@pytest.mark.parametrize("inputs", [2, 4, 6, 16])
def test_a_strided_shortcut_has_the_gradients_of_its_definition_where_channels_come_last(inputs):
    """oneDNN's AVX2 code gets those of a strided 1x1 convolution wrong below 8 channels."""
    torch.manual_seed(0)
    block = ShiftedShortcut(inputs, 2 * inputs, 2)
    exact = ShiftedShortcut(inputs, 2 * inputs, 2).double()
    exact.load_state_dict(block.state_dict())
    block = block.to(memory_format=torch.channels_last)
    x = torch.randn(8, inputs, 8, 8)
    weights = torch.randn(8, 2 * inputs, 4, 4)
    for network, images in ((block, x.contiguous(memory_format=torch.channels_last)), (exact, x)):
        own = images.to(network.path1.weight.dtype)
        (network(own) * weights).sum().backward()
    for name, parameter in block.named_parameters():
        expected = exact.get_parameter(name).grad
        torch.testing.assert_close(parameter.grad.double(), expected, rtol=1e-4, atol=1e-4)
