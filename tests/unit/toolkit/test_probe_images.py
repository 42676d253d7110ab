"""Images as users hold them, read in one order and without a trace."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from spectral_bias.errors import UserError
from spectral_bias.toolkit.noise.probe_images import passes_over

X = torch.randn(10, 3, 4, 4, generator=torch.Generator().manual_seed(0))
Y = torch.arange(10) % 3


class Pairs(Dataset):
    """Holds items of any kind."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


HELD = {
    "tensor": (X, Y),
    "array": (X.numpy(), Y.tolist()),
    "dataset": (TensorDataset(X, Y), None),
    "whole labels": (Pairs([(x, int(y)) for x, y in zip(X, Y, strict=True)]), None),
    "dictionaries": (
        Pairs([{"pixel_values": x, "labels": int(y)} for x, y in zip(X, Y, strict=True)]),
        None,
    ),
    "loader": (DataLoader(TensorDataset(X, Y), batch_size=4), None),
}


@pytest.mark.parametrize("how", HELD)
def test_every_pass_gives_all_images_in_their_order_and_draws_nothing(how):
    images, labels = HELD[how]
    read = passes_over(images, labels, batch_size=4)
    state = torch.get_rng_state()
    for _ in range(2):
        batches = list(read())
        assert [len(x) for x, _ in batches] == [4, 4, 2]
        assert torch.equal(torch.cat([x for x, _ in batches]), X)
        classes = torch.cat([y for _, y in batches])
        assert torch.equal(classes, Y) and classes.dtype == torch.long
    assert torch.equal(torch.get_rng_state(), state)


class Endless(IterableDataset):
    def __iter__(self):
        return iter(())


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (DataLoader(TensorDataset(X, Y), shuffle=True), None, "the DataLoader shuffles or samples"),
        (Endless(), None, "cannot be read (Endless); give a tensor (M, C, H, W), or a data set"),
        (7, None, "cannot be read (int)"),
        (Pairs([]), None, "has no images; give some"),
        (X[:0], Y[:0], "has the shape (0, 3, 4, 4); give images as (M, C, H, W), at least one"),
        (Pairs([(object(), 0)]), None, "its items cannot be put into a batch"),
        (Pairs(list(X)), None, "its items are no pairs of an image and a label"),
        (Pairs([(X[0], "cat")]), None, "its items are no pairs of an image and a label"),
        (Pairs([(np.zeros((3, 4, 4), "u1"), 0)]), None, "holds whole numbers (uint8), so it is"),
    ],
)
def test_images_that_cannot_be_used_are_refused(images, labels, said):
    with pytest.raises(UserError) as error:
        list(passes_over(images, labels, name="probe images")())
    assert str(error.value).startswith(f"probe images: {said}")


def test_a_data_set_brings_its_own_labels():
    with pytest.raises(UserError, match=r"^labels: images is a data set, which holds its own"):
        passes_over(TensorDataset(X, Y), Y)


def test_images_that_change_are_noticed():
    from spectral_bias.toolkit.noise.fitting import NoiseFitting

    class Augmented(Pairs):
        def __getitem__(self, index):
            return X[index] * (1 + torch.rand(())), Y[index]

    noise = NoiseFitting(kind="radial", cycles=1.0, images=Augmented(range(10)))
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 3))
    with pytest.raises(UserError, match=r"^images: are not what they were at first, as under ran"):
        noise.evaluate(network, 1)
    assert noise.history == []
