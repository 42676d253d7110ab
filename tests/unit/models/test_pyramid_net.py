"""PyramidNet and ShakeDrop: random factors and their gradients, shapes, published size."""

import pytest
import torch
from scipy.stats import kstest
from torch.nn import functional as F

from spectral_bias.models.pyramid_net import Bottleneck, Scale, ShakeDrop, pyramid_net
from spectral_bias.models.resnet import n_parameters


def drawn(p, images):
    """Forward and backward factor of each image, read from the layer's values and gradients."""
    x = torch.ones(images, 2, 3, 3).requires_grad_()
    out = ShakeDrop(p)(x)
    (gradient,) = torch.autograd.grad(out.sum(), x)
    return out.detach(), gradient


def test_forward_and_backward_have_factors_of_their_own():
    x = torch.randn(4, 2, 3, 3).requires_grad_()
    ahead, back = torch.rand(2, 4, 1, 1, 1)
    out = Scale.apply(x, ahead, back)
    weight = torch.randn_like(x)
    torch.testing.assert_close(out, ahead * x)
    (gradient,) = torch.autograd.grad((weight * out).sum(), x)
    torch.testing.assert_close(gradient, back * weight)


def test_a_branch_that_is_kept_passes_unchanged():
    x = torch.randn(5, 2, 3, 3).requires_grad_()
    out = ShakeDrop(1.0)(x)
    assert torch.equal(out, x)
    weight = torch.randn_like(x)
    assert torch.equal(torch.autograd.grad((weight * out).sum(), x)[0], weight)


def test_a_branch_that_is_not_kept_is_multiplied_by_alpha_and_its_gradient_by_beta():
    torch.manual_seed(0)
    alpha, beta = (factor[:, 0, 0, 0] for factor in drawn(0.0, 4000))
    assert kstest(alpha, "uniform", args=(-1, 2)).pvalue > 1e-3
    assert kstest(beta, "uniform").pvalue > 1e-3
    assert torch.corrcoef(torch.stack([alpha, beta]))[0, 1].abs() < 4 / 4000**0.5


def test_every_image_has_its_own_factors():
    for factor in drawn(0.0, 6):
        assert (factor == factor[:, :1, :1, :1]).all()
        assert len(factor[:, 0, 0, 0].unique()) == 6


def test_images_are_kept_with_probability_p_and_evaluation_takes_the_expectation():
    torch.manual_seed(0)
    ahead, back = (factor[:, 0, 0, 0] for factor in drawn(0.7, 10_000))
    assert torch.equal(ahead == 1, back == 1)
    assert abs((ahead == 1).double().mean() - 0.7) < 0.02
    x = torch.randn(3, 2, 3, 3)
    evaluated = ShakeDrop(0.7).eval()(x)
    torch.testing.assert_close(evaluated, 0.7 * x)
    torch.testing.assert_close(ahead.mean(), torch.tensor(0.7), rtol=0, atol=0.02)


def test_factors_keep_reduced_precision():
    x = torch.randn(2, 2, 3, 3).bfloat16().requires_grad_()
    out = ShakeDrop(0.5)(x)
    out.sum().backward()
    assert out.dtype == x.grad.dtype == torch.bfloat16


@pytest.mark.parametrize("stride", [1, 2])
def test_bottleneck_is_three_convolutions_and_a_shortcut_filled_with_zeros(stride):
    block = Bottleneck(3, 2, 8, stride, p=0.6).eval()
    x = torch.randn(2, 3, 4, 6)
    h = block.norm1(F.conv2d(block.norm0(x), block.conv1.weight))
    h = block.norm2(F.conv2d(F.relu(h), block.conv2.weight, stride=stride, padding=1))
    h = 0.6 * block.norm3(F.conv2d(F.relu(h), block.conv3.weight))
    height, width = 4 // stride, 6 // stride
    cells = x.reshape(2, 3, height, stride, width, stride).mean(dim=(3, 5))
    h[:, :3] += cells
    torch.testing.assert_close(block(x), h)


def weights_and_norms(widths, stem, classes, expansion=4):
    """(weights of convolutions and linear layer, parameters of batch norm), one by one."""
    weights, norms, channels = 27 * stem, 2 * stem, stem
    for width in widths:
        out = expansion * width
        weights += channels * width + 9 * width * width + width * out
        norms += 2 * (channels + 2 * width + out)
        channels = out
    return weights + channels * classes + classes, norms + 2 * channels


def widths_of(network):
    return [block.conv2.out_channels for block in network.blocks]


def test_depth_272_has_the_published_size_without_batch_norm():
    with torch.device("meta"):
        network = pyramid_net(10)
    widths = widths_of(network)
    assert len(widths) == 90 and widths[-1] == 216
    weights, norms = weights_and_norms(widths, 16, 10)
    assert n_parameters(network) == weights + norms
    assert round(weights / 1e6, 1) == 26.0
    assert round((weights + norms) / 1e6, 1) == 26.2
    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    assert sum(isinstance(module, kinds) for module in network.modules()) == 272


def test_channels_and_probabilities_change_linearly():
    network = pyramid_net(10, depth=20, alpha=15, p_last=0.4, stem=4)
    # 4 + 2.5 l; halves are rounded up.
    assert widths_of(network) == [7, 9, 12, 14, 17, 19]
    kept = [block.shake.p for block in network.blocks]
    assert kept == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert [block.stride for block in network.blocks] == [1, 1, 2, 1, 2, 1]


def test_narrow_network_without_expansion():
    network = pyramid_net(10, depth=11, alpha=24, stem=8, expansion=1)
    assert n_parameters(network) == sum(weights_and_norms([16, 24, 32], 8, 10, 1))


def test_logits_are_linear_in_the_features():
    network = pyramid_net(5, depth=11, alpha=6, stem=4).eval()
    x = torch.randn(2, 3, 16, 32)
    features = network.features(x)
    assert features.shape == (2, 40) and features.min() >= 0
    torch.testing.assert_close(network(x), network.head(features))


def test_a_step_reaches_every_parameter():
    network = pyramid_net(5, depth=11, alpha=6, stem=4)
    network(torch.randn(4, 3, 8, 8)).square().sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in network.parameters())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 12}, "depth 12 is not 9n"),
        ({"depth": 2}, "depth 2 is not 9n"),
        ({"alpha": -1}, "alpha -1 is below 0"),
        ({"p_last": 1.5}, "p_last 1.5 is not a probability"),
    ],
)
def test_other_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        pyramid_net(10, **arguments)
