"""Targeted attacks on networks whose best answer is known."""

import torch
from torch import nn

from spectral_bias.experiments.rahaman2018.adversarial.attack import targeted_pgd

OPTIONS = {"budget": 0.1, "steps": 20, "step_size": 0.25}


def linear():
    """Two classes; class 1 wants the first value high and the second low."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False)).requires_grad_(False)
    network[1].weight.copy_(torch.tensor([[0.0, 0, 0], [2.0, -1.0, 0.0]]))
    return network


def test_linear_network_is_attacked_at_the_corner_of_the_budget():
    x = torch.full((2, 3, 1, 1), 0.5)
    found = targeted_pgd(linear(), x, torch.tensor([1, 0]), **OPTIONS).squeeze()
    expected = torch.tensor([[0.6, 0.4, 0.5], [0.4, 0.6, 0.5]])
    torch.testing.assert_close(found, expected)


def test_values_stay_within_black_and_white_and_the_original_is_kept():
    x = torch.tensor([0.95, 0.02, 0.5]).reshape(1, 3, 1, 1)
    before = x.clone()
    found = targeted_pgd(linear(), x, torch.tensor([1]), **OPTIONS).squeeze()
    torch.testing.assert_close(found, torch.tensor([1.0, 0.0, 0.5]))
    assert torch.equal(x, before)


def test_an_attack_beyond_the_budget_fails_and_says_nothing():
    network = linear()
    x = torch.tensor([0.0, 1.0, 0.5]).reshape(1, 3, 1, 1)
    found = targeted_pgd(network, x, torch.tensor([1]), **OPTIONS)
    assert network(found).argmax(1).tolist() == [0]
    assert (found - x).abs().max() <= 0.1 + 1e-6


def test_each_image_is_attacked_as_if_alone():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 3))
    x, targets = torch.rand(5, 3, 2, 2), torch.tensor([0, 1, 2, 0, 1])
    together = targeted_pgd(network, x, targets, **OPTIONS)
    for i in range(5):
        alone = targeted_pgd(network, x[i : i + 1], targets[i : i + 1], **OPTIONS)
        torch.testing.assert_close(together[i : i + 1], alone)
