"""Which paths are measured, and that nothing but the network, the images and the seed matters."""

import gc

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spectral_bias import UserError, measure
from spectral_bias.measurements import interpolation, path_points
from tests.unit.toolkit.measured_examples import linear_network, random_images

ENDS = ["kind", "class_a", "class_b", "image_a", "image_b"]


def deep_network(n_classes=3):
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(128, n_classes)
    ).eval()


def numbers(measurement):
    return measurement.paths.select_dtypes("number")


def test_the_same_seed_and_images_give_the_same_paths_for_any_network():
    images = random_images(8)
    one = measure(linear_network(), images, pairs=9, points=8, seed=4)
    other = measure(deep_network(), images, pairs=9, spacing=0.7, seed=4, batch=5)
    pd.testing.assert_frame_equal(one.paths[ENDS], other.paths[ENDS])
    np.testing.assert_array_equal(one.paths["distance"], other.paths["distance"])
    another = measure(linear_network(), images, pairs=9, points=8, seed=5)
    assert not one.paths[ENDS].equals(another.paths[ENDS])


def test_another_class_changes_no_others_pairs(tmp_path):
    x, labels = random_images(8, 4)
    names = ["ant", "bee", "cow", "dog"]
    few, more = {}, {}
    for found, wanted in ((few, names[:3]), (more, names)):
        data = Named(x, labels, names)
        pairs = 2 * len(wanted)
        for kind, count in (("within", pairs), ("between", len(wanted) * (len(wanted) - 1))):
            table = measure(
                linear_network(4), data, classes=wanted, kinds=[kind], pairs=count, points=4
            ).paths
            for ends, own in table.groupby(["class_a", "class_b"]):
                found[ends] = own[["image_a", "image_b"]].to_numpy().tolist()
    assert set(few) < set(more) and len(more) == 10
    assert {ends: more[ends] for ends in few} == few


class Named(torch.utils.data.TensorDataset):
    def __init__(self, x, labels, names):
        super().__init__(x, labels)
        self.classes = names


def test_more_pairs_come_after_the_same_fewer_ones():
    images = random_images(8)
    few = measure(linear_network(), images, pairs=3, points=4).paths
    more = measure(linear_network(), images, pairs=12, points=4).paths
    for ends, own in few.groupby(["class_a", "class_b"]):
        also = more[(more["class_a"] == ends[0]) & (more["class_b"] == ends[1])]
        assert also[ENDS].head(len(own)).to_numpy().tolist() == own[ENDS].to_numpy().tolist()


def test_images_end_one_path_of_a_class_or_pair_of_classes_alone():
    paths = measure(linear_network(), random_images(8), pairs=12, points=4).paths
    for _, own in paths.groupby(["class_a", "class_b"]):
        ends = [*own["image_a"], *own["image_b"]]
        assert len(set(ends)) == len(ends)
    within = paths[paths["kind"] == "within"]
    assert (within["class_a"] == within["class_b"]).all()
    between = paths[paths["kind"] == "between"]
    assert (between["class_a"] != between["class_b"]).all()
    assert len(within) == len(between) == 12


def test_more_classes_than_pairs_are_paired_off():
    images = random_images(2, 30)
    found = measure(linear_network(30), images, kinds=["between"], pairs=20, points=4)
    assert len(found.paths) == 20 and (found.paths["class_a"] != found.paths["class_b"]).all()
    assert len({*found.paths["image_a"], *found.paths["image_b"]}) == 40, "no image twice so far"
    more = measure(linear_network(30), images, kinds=["between"], pairs=45, points=4)
    assert more.paths[ENDS].head(20).equals(found.paths[ENDS]), "more pairs come after the same"
    assert not more.paths[ENDS].duplicated().any()


def test_without_a_number_there_are_as_many_pairs_as_the_smallest_class_allows():
    x, labels = random_images(8)
    keep = torch.ones(24, dtype=torch.bool)
    keep[:3] = False  # class 0 has five images
    found = measure(linear_network(), (x[keep], labels[keep]), points=4)
    assert found.paths["kind"].value_counts().to_dict() == {"within": 6, "between": 15}
    assert found.facts["sampling"]["n_pairs"] is None


@pytest.mark.parametrize("network", [linear_network, deep_network])
@pytest.mark.parametrize("sampling", [{"points": 30}, {"spacing": 0.7}])
def test_batches_change_nothing_but_rounding(network, sampling):
    images = random_images(4)
    one, other, all_at_once = (
        measure(network(), images, pairs=3, batch=batch, **sampling) for batch in (1, 64, 5000)
    )
    for found in (other, all_at_once):
        pd.testing.assert_frame_equal(one.paths[ENDS], found.paths[ENDS])
        np.testing.assert_allclose(numbers(one), numbers(found), rtol=1e-6, atol=1e-6)
        value = one.spectra["magnitude"], found.spectra["magnitude"]
        np.testing.assert_allclose(*value, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("shape", [(3, 32, 32), (3, 64, 64), (1, 8, 8)])
def test_points_are_at_a_distance_that_changes_a_pixel_alike_in_images_of_any_size(shape):
    images = random_images(3, 2, shape)
    found = measure(linear_network(2, shape), images, pairs=2)
    assert found.facts["sampling"]["spacing"] == pytest.approx(np.sqrt(np.prod(shape) / 3072))
    # Pixels of variance 1 are at a root mean square of sqrt(2) from each other.
    assert found.paths["n_points"].mean() == pytest.approx(np.sqrt(2 * 3072), rel=0.15)


class Stub(nn.Module):
    """Counts the bytes of all tensors that are alive whenever it is asked."""

    def __init__(self):
        super().__init__()
        self.most = 0

    def forward(self, x_BCHW):
        y_BK = x_BCHW.flatten(1)[:, :3] + 0
        tensors = [one for one in gc.get_objects() if type(one) is torch.Tensor]
        storages = {one.untyped_storage().data_ptr(): one.untyped_storage() for one in tensors}
        self.most = max(self.most, sum(len(storage) for storage in storages.values()))
        return y_BK


def test_memory_does_not_grow_with_the_number_of_paths(monkeypatch):
    """Images and answers are held for so many paths; four times as many need no more."""
    shape = (3, 16, 16)
    monkeypatch.setattr(path_points, "ENDS_AT_ONCE", 8 * 768)
    monkeypatch.setattr(interpolation, "HELD_AT_ONCE", 8 * 3 * 16)
    most = []
    for n_pairs in (50, 200):
        data = Made(shape, per_class=2 * n_pairs)
        stub = Stub()
        gc.collect()
        before = Stub()
        before(torch.zeros(1, *shape))
        measure(stub, data, kinds=["within"], pairs=2 * n_pairs, points=16, batch=400)
        most.append(stub.most - before.most)
    image, paths = 4 * 768, 300
    assert most[0] > 64 * image, "of the images that are held"
    # The spectra of a path are a third of an image, its two images six times as much.
    assert most[1] - most[0] < 0.7 * paths * image
    assert most[1] < 6400 * image / 4, "of all points"


class Made(torch.utils.data.Dataset):
    """Images that are made when they are asked for."""

    def __init__(self, shape, per_class):
        self.shape, self.targets = shape, [n // per_class for n in range(2 * per_class)]

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        generator = torch.Generator().manual_seed(index)
        return torch.randn(self.shape, generator=generator), self.targets[index]


def test_facts_must_fit_into_a_file():
    with pytest.raises(
        UserError, match=r"facts: .*not JSON serializable; give text and finite num"
    ):
        measure(linear_network(), random_images(4), facts={"network": object()})
    with pytest.raises(UserError, match="facts: Out of range float values"):
        measure(linear_network(), random_images(4), facts={"loss": float("nan")})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"device": "cuda:99"}, "device: cuda:99 is not there; PyTorch sees"),
        ({"precision": "half"}, "precision: unknown 'half'; known: float32, tf32, bf16"),
        ({"outputs": "logit"}, "outputs: 'logit' is neither logits nor probabilities"),
        ({"points": 8, "spacing": 1.0}, "points and spacing: give one of them"),
        ({"pairs": 0}, "pairs: 0 paths; ask for 1 or more"),
        ({"classes": ["7"]}, "classes: there is no class '7'"),
        ({"kinds": "inside"}, "kinds: unknown kind 'inside'"),
        ({"kinds": []}, "kinds: none is named; name one or more of within, between"),
        ({"classes": []}, "classes: none is named; name some, say how many, or leave it out"),
        ({"pairs": 13}, "pairs: 13 paths are 5 of each class, which need 10 images of class '0'"),
        (
            {"output_of_class": {0: 0, 1: 1, 2: 7}},
            "output_of_class: the images have 3 classes, the network has 3 outputs; name one of",
        ),
        ({"output_of_class": {0: 0}}, "output_of_class: the images have 3 classes"),
    ],
)
def test_options_that_make_no_sense(options, said):
    with pytest.raises(UserError) as caught:
        measure(linear_network(), random_images(8), **options)
    assert str(caught.value).startswith(said)


def test_classes_may_have_other_outputs():
    images = random_images(6)
    network = linear_network()
    straight = measure(network, images, pairs=6, points=8)
    order = torch.tensor([2, 0, 1])
    turned = nn.Sequential(network, Reordered(order))
    places = {0: 1, 1: 2, 2: 0}  # where order has each class
    found = measure(turned, images, pairs=6, points=8, output_of_class=places)
    assert found.facts["accuracy"] == straight.facts["accuracy"]
    np.testing.assert_allclose(numbers(found), numbers(straight), atol=1e-6)
    unknown = measure(network, images, pairs=6, points=8, output_of_class=False)
    assert unknown.facts["accuracy"] is None and unknown.paths["confidence_a"].isna().all()
    assert any("confidence and accuracy are not known" in note for note in unknown.notes)


class Reordered(nn.Module):
    def __init__(self, order):
        super().__init__()
        self.order = order

    def forward(self, y_BK):
        return y_BK[:, self.order]


@pytest.mark.parametrize(("right", "noted"), [(1.0, False), (0.7, False), (0.0, True)])
def test_an_accuracy_near_that_of_guessing_is_noted(right, noted):
    x, labels = random_images(10, 2)
    answers = labels.clone()
    answers[torch.arange(20) % 10 >= round(10 * right)] ^= 1
    x[:, 0, 0, 0] = 10.0 * answers - 5

    def network(x):
        return torch.stack([-x[:, 0, 0, 0], x[:, 0, 0, 0]], 1)

    found = measure(network, (x, labels), pairs=10, points=8)
    assert found.facts["accuracy"]["value"] == pytest.approx(right)
    assert any("are correctly classified" in note for note in found.notes) == noted
