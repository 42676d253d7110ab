"""Spectral norms against known singular values."""

import pytest
import torch

from spectral_bias.spectra.norms import spectral_norm


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (1, 5), (5, 1)])
def test_equals_the_largest_singular_value(shape):
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(spectral_norm(matrices), torch.linalg.svdvals(matrices)[:, 0])


def test_known_norm_of_a_matrix_whose_eigenvalues_say_something_else():
    # A nilpotent matrix: every eigenvalue is 0, so iterating W alone would find 0.
    assert spectral_norm(torch.tensor([[0.0, 3.0], [0.0, 0.0]])).item() == pytest.approx(3.0)


def test_zero_matrix():
    assert spectral_norm(torch.zeros(4, 4)).item() == 0.0
