"""Spectral norms against known singular values."""

import pytest
import torch

from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra.norms import TrackedNorms, spectral_norm
from spectral_bias.training.ensemble.lockstep import LockstepGroup


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (1, 5), (5, 1)])
def test_equals_the_largest_singular_value(shape):
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(spectral_norm(matrices), torch.linalg.svdvals(matrices)[:, 0])


def test_known_norm_of_a_matrix_whose_eigenvalues_say_something_else():
    # A nilpotent matrix: every eigenvalue is 0, so iterating W alone would find 0.
    assert spectral_norm(torch.tensor([[0.0, 3.0], [0.0, 0.0]])).item() == pytest.approx(3.0)


def test_zero_matrix():
    assert spectral_norm(torch.zeros(4, 4)).item() == 0.0


def exact(matrices):
    return torch.stack([torch.linalg.svdvals(m.double())[:, 0] for m in matrices], dim=1)


def relative_error(found, matrices):
    return (found.double() / exact(matrices) - 1).abs()


def trained_group(steps_a_record, records):
    """Networks on a sum of sinusoids, yielded at every record; the norms grow to several times."""
    z = torch.arange(80)[:, None] / 80
    target = sum(torch.sin(2 * torch.pi * k * z[:, 0] + k) for k in (2, 6, 10))
    group = LockstepGroup(
        NetworkShape(1, 64, 5), [1, 2], z, target.expand(2, 80), loss="mse", learning_rate=2e-3
    )
    group.evaluate()
    for _ in range(records):
        yield group
        for _ in range(steps_a_record):
            group.update()


def test_norms_tracked_through_training_are_exact_in_the_median_and_close_throughout():
    errors, norms = [], None
    for group in trained_group(10, 60):
        norms = norms or TrackedNorms(list(group.weights()))
        found = norms()
        errors.append(relative_error(found, group.weights()))
    errors = torch.stack(errors)
    assert exact(group.weights())[:, 1:-1].max() > 2  # from about 1.1 at initialisation
    assert errors[0].max() < 1e-6
    assert errors.median() < 1e-6
    assert (errors < 1e-5).double().mean() > 0.95
    assert errors.max() < 0.1


@pytest.mark.parametrize("shape", [(64, 64), (9, 4), (4, 9), (1, 5), (5, 1)])
def test_a_first_call_finds_norms_at_initialisation(shape):
    generator = torch.Generator().manual_seed(0)
    matrices = (2 * torch.rand(50, *shape, generator=generator) - 1) / shape[1] ** 0.5
    assert relative_error(TrackedNorms([matrices])(), [matrices]).max() < 1e-5


def test_a_matrix_that_was_zero_is_found_once_it_is_not():
    matrix = torch.zeros(1, 6, 6)
    norms = TrackedNorms([matrix])
    assert norms().item() == 0.0
    matrix.copy_(torch.diag(torch.tensor([1.0, 5.0, 2.0, 0.0, 0.0, 3.0])))
    assert norms().item() == pytest.approx(5.0, rel=1e-5)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_tracked_norms_neither_overflow_nor_vanish(scale):
    matrix = scale * torch.randn(3, 20, 20, generator=torch.Generator().manual_seed(2))
    assert relative_error(TrackedNorms([matrix])(), [matrix]).max() < 1e-5


def test_state_takes_tracking_up_bit_for_bit():
    groups = list(trained_group(0, 1))
    whole = TrackedNorms(list(groups[0].weights()))
    whole()
    groups[0].update()
    resumed = TrackedNorms(list(groups[0].weights()))
    resumed.load_state(whole.state())
    assert torch.equal(whole(), resumed())
