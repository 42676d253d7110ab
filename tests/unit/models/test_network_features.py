"""Penultimate features of any classifier."""

import pytest
import torch
from torch import nn

from spectral_bias.errors import UserError
from spectral_bias.models.features import features
from spectral_bias.models.named import build_network


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("wide_resnet", {"depth": 10, "width": 4, "stem": 4}),
        ("shake_shake", {"depth": 8, "width": 4, "stem": 4}),
        ("pyramid_net", {"depth": 11, "alpha": 3, "stem": 4}),
    ],
)
def test_features_of_ours(name, arguments):
    network = build_network(name, arguments, 5, seed=0).eval()
    x = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(features(network, x), network.features(x), rtol=0, atol=0)


def test_features_of_torchvision_give_the_logits():
    network = build_network("torchvision.models.mobilenet_v3_small", {}, 7, seed=0).eval()
    x = torch.randn(2, 3, 32, 32)
    found = features(network, x)
    assert found.shape == (2, 1024)
    torch.testing.assert_close(network.classifier[-1](found), network(x))


def test_the_linear_layer_that_runs_last_counts():
    """Not the one that is registered last."""

    class Crossed(nn.Module):
        def __init__(self):
            super().__init__()
            self.head, self.body = nn.Linear(4, 2), nn.Linear(3, 4)

        def forward(self, x):
            return self.head(self.body(x))

    network, x = Crossed(), torch.randn(5, 3)
    assert torch.equal(features(network, x), network.body(x))


def test_hooks_are_removed_even_after_a_failure():
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    features(network, torch.zeros(1, 3))
    with pytest.raises(RuntimeError):
        features(network, torch.zeros(1, 7))
    assert not any(module._forward_pre_hooks for module in network.modules())


def test_network_without_linear_layer_is_refused():
    with pytest.raises(UserError, match="Conv2d: has no linear layer"):
        features(nn.Conv2d(3, 2, 1), torch.zeros(1, 3, 4, 4))
