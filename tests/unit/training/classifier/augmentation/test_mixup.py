"""Mixup: the same combination of images and targets, with the right distribution of weights."""

import pytest
import torch

from spectral_bias.training.classifier.augmentation.mixup import beta_draws, mixed


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_images_and_targets_are_mixed_alike():
    x, targets = torch.rand(12, 3, 4, 4), torch.eye(12)
    for seed in range(5):
        weight = torch.tensor(0.05 + 0.2 * seed)
        mixed_x, mixed_targets = mixed(x, targets, weight, generator(seed))
        # Every image has a class of its own, so that its target says what it was made from.
        torch.testing.assert_close(mixed_x, torch.einsum("bk,kchw->bchw", mixed_targets, x))
        torch.testing.assert_close(mixed_targets.sum(1), torch.ones(12))
        torch.testing.assert_close(mixed_targets.sum(0), torch.ones(12))  # a permutation
        torch.testing.assert_close(mixed_targets.diagonal().min(), weight)
        others = mixed_targets[~torch.eye(12, dtype=torch.bool)]
        torch.testing.assert_close(others.max(), 1 - weight)


@pytest.mark.parametrize("alpha", [0.1, 1.0, 4.0])
def test_weights_follow_the_beta_distribution(alpha):
    weights = beta_draws(alpha, 3000, generator()).numpy()
    assert len(weights) == 3000 and ((weights >= 0) & (weights <= 1)).all()
    assert weights.mean() == pytest.approx(0.5, abs=0.03)
    assert weights.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.08)


def test_the_generator_alone_decides():
    x, targets, weight = torch.rand(6, 3, 4, 4), torch.eye(6), torch.tensor(0.3)
    first, same, other = (mixed(x, targets, weight, generator(s))[0] for s in (0, 0, 1))
    assert torch.equal(first, same) and not torch.equal(first, other)
    first, same, other = (beta_draws(1.0, 5, generator(s)) for s in (0, 0, 1))
    assert torch.equal(first, same) and not torch.equal(first, other)
