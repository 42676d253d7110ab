"""Data sets of all kinds as labelled images: labels, names, normalisation, chance, and refusals."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.utils.data import ConcatDataset, Dataset, IterableDataset, Subset, TensorDataset
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from spectral_bias import UserError, View, measure
from spectral_bias.toolkit.inputs.images import open_images
from tests.unit.toolkit.measured_examples import (
    CLASSES,
    image_folder,
    linear_network,
    pixels,
    random_images,
)

MEAN, STD = (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)
TO_TENSOR = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])


@pytest.fixture
def folder(tmp_path):
    return image_folder(tmp_path / "images")


class Items(Dataset):
    """Items as they are given, without labels kept aside."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


def items(label=int):
    x, labels = random_images(4)
    return [(image, label(value)) for image, value in zip(x, labels.tolist(), strict=True)]


SAME = {
    "tensors": lambda: TensorDataset(*random_images(4)),
    "a subset": lambda: Subset(
        TensorDataset(*random_images(5)), [n for n in range(15) if n % 5 < 4]
    ),
    "joined": lambda: ConcatDataset([Items(items()[:5]), Items(items()[5:])]),
    "without kept labels": lambda: Items(items()),
    "labels as tensors": lambda: Items(items(torch.tensor)),
    "labels as arrays": lambda: Items(items(np.int64)),
    "a pair": lambda: random_images(4),
}  # fmt: skip


@pytest.mark.parametrize("source", SAME.values(), ids=SAME.keys())
def test_labels_of_all_kinds_of_data_sets(source):
    given = source()
    data = open_images(given)
    assert data.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert data.class_names == ("0", "1", "2")
    assert data.stated == "as the data set gives them"
    if not isinstance(given, Subset):
        batch = next(data.batches([[0, 11]], torch.device("cpu")))
        assert torch.equal(batch, random_images(4)[0][[0, 11]])


@pytest.mark.parametrize("labels", [[0, 1, 1], np.array([0, 1, 1]), torch.tensor([0, 1, 1])])
def test_tensors_with_labels_of_any_kind(labels):
    assert open_images(torch.zeros(3, 3, 2, 2), labels=labels).labels.tolist() == [0, 1, 1]


def test_an_image_folder_gives_what_the_folder_gives(folder):
    network = linear_network()
    ours = measure(network, folder, view=View(None, None, mean=MEAN, std=STD), pairs=6, points=8)
    theirs = measure(network, ImageFolder(folder, TO_TENSOR), pairs=6, points=8)
    numbers = [one.paths.select_dtypes("number") for one in (ours, theirs)]
    np.testing.assert_allclose(*numbers, atol=1e-6)
    assert theirs.facts["images"]["class_names"] == list(CLASSES)
    assert theirs.facts["images"]["normalisation"] == [list(MEAN), list(STD)]
    assert theirs.facts["images"]["transform"].endswith(
        "normalised by mean 0.1, 0.2, 0.3 and standard deviation 0.4, 0.5, 0.6"
    )


@pytest.mark.parametrize(
    "transform",
    [
        TO_TENSOR,
        transforms.Compose([transforms.Compose([transforms.ToTensor()]), TO_TENSOR.transforms[1]]),
        v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]),
        lambda image: nn.Sequential(transforms.Normalize(MEAN, STD))(
            transforms.functional.to_tensor(image)
        ),
        transforms.ToTensor(),
    ],
    ids=["compose", "nested", "v2", "hidden", "none"],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_normalisations_are_found_in_transforms(folder, transform, wrapped):
    data = ImageFolder(folder, transform)
    if wrapped:
        data = ConcatDataset([Subset(data, range(9)), Subset(data, range(9, 18))])
    found = open_images(data)
    known = hasattr(transform, "transforms")
    assert found.normalisation == ((MEAN, STD) if known else None)
    assert found.class_names == CLASSES
    told = open_images(data, normalisation=((0.5,), (0.25,)))
    assert told.normalisation == ((0.5,), (0.25,)), "what is told is believed"


def test_parts_that_are_normalised_otherwise_have_no_normalisation(folder):
    data = ConcatDataset(
        [ImageFolder(folder, TO_TENSOR), ImageFolder(folder, transforms.ToTensor())]
    )
    assert open_images(data).normalisation is None


def test_labels_that_a_transform_changes(folder):
    swapped = ImageFolder(folder, TO_TENSOR, target_transform=lambda label: 2 - label)
    found = open_images(swapped)
    assert found.labels.tolist() == [2] * 6 + [1] * 6 + [0] * 6
    assert found.class_names == ("0", "1", "2"), "its names are those of other labels"


def test_pillow_images_need_a_view(folder):
    data = ImageFolder(folder)
    with pytest.raises(
        UserError, match=r"gives objects of PIL\..*; say by a view how they are nor"
    ):
        open_images(data)
    found = open_images(data, View(None, None, mean=MEAN, std=STD))
    wanted = torch.stack([ImageFolder(folder, TO_TENSOR)[n][0] for n in (0, 9)])
    batch = next(found.batches([[0, 9]], torch.device("cpu")))
    torch.testing.assert_close(batch, wanted)


def test_tensors_of_whole_numbers_need_a_view_too():
    x = torch.as_tensor(np.stack([pixels(n).transpose(2, 0, 1) for n in range(4)]))
    data = TensorDataset(x, torch.tensor([0, 0, 1, 1]))
    with pytest.raises(
        UserError, match="gives tensors of uint8, not tensors of floats; say by a v"
    ):
        open_images(data)
    found = open_images(data, View(None, None, mean=MEAN, std=STD))
    batch = next(found.batches([[2]], torch.device("cpu")))
    mean, std = (torch.tensor(part)[:, None, None] for part in (MEAN, STD))
    torch.testing.assert_close(batch[0], (x[2] / 255 - mean) / std)
    with pytest.raises(UserError, match="is a tensor, which a view does not scale"):
        open_images(data, View(8, 8))


def flipped(image):
    return image.flip(-1) if torch.rand(()) < 0.5 else image


@pytest.mark.parametrize(
    "transform",
    [
        transforms.Compose([TO_TENSOR, transforms.RandomHorizontalFlip()]),
        transforms.Compose([transforms.RandomCrop(4), TO_TENSOR]),
        transforms.Compose([TO_TENSOR, flipped]),
        transforms.RandomHorizontalFlip(),
    ],
    ids=["flip", "crop", "own", "of Pillow images"],
)
@pytest.mark.parametrize("seed", range(5))
def test_chance_in_a_transform_is_found(folder, transform, seed):
    torch.manual_seed(seed)
    view = View(None, None) if not isinstance(transform, transforms.Compose) else None
    with pytest.raises(UserError) as caught:
        open_images(ImageFolder(folder, transform), view)
    assert str(caught.value) == (
        "images: the data set gives another image each time the same one is asked for: its "
        "transform holds a random augmentation; measure without it"
    )


class Stream(IterableDataset):
    def __iter__(self):
        return iter(())


IMAGE = torch.zeros(3, 2, 2)
REFUSED = {
    "label -1": (Items([(IMAGE, 0), (IMAGE, -1)]), "labels: of image 1; every image needs one cla"),
    "float label": (Items([(IMAGE, 0.0)]), "labels: of image 0; every image needs one class, num"),
    "float tensor": (Items([(IMAGE, torch.tensor(1.5))]), "labels: of image 0; every image needs"),
    "one-hot": (Items([(IMAGE, torch.tensor([0, 1]))]), "labels: of image 0; every image needs"),
    "bool": (Items([(IMAGE, torch.tensor(True))]), "labels: of image 0; every image needs one"),
    "float labels": (TensorDataset(IMAGE[None], torch.tensor([1.0])), "labels: of image 0; every"),
    "no labels": (TensorDataset(IMAGE[None]), "images: item 0 of the data set is tuple, not (imag"),
    "an image alone": (Items([IMAGE]), "images: item 0 of the data set is Tensor, not (image, lab"),
    "dicts": (Items([{"image": IMAGE}]), "images: item 0 of the data set is dict, not (image, lab"),
    "empty": (Items([]), "images: the data set is empty"),
    "a stream": (Stream(), "images: Stream is no map-style data set; give one with len() and"),
    "a number": (7, "images: int is no map-style data set; give one with len() and [index]"),
    "flat": (Items([(IMAGE[0], 0)]), "image 0: is (2, 2), not an image of shape (channels, height"),
}


@pytest.mark.parametrize(("source", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_data_set_of_labelled_images(source, said):
    with pytest.raises(UserError) as caught:
        open_images(source)
    assert str(caught.value).startswith(said)


def test_other_refusals(folder):
    with pytest.raises(UserError, match="labels: none for 3 images; give one for each image"):
        open_images(torch.zeros(3, 3, 2, 2))
    with pytest.raises(UserError, match="labels: 2 for 3 images; give one for each image"):
        open_images(torch.zeros(3, 3, 2, 2), labels=[0, 1])
    with pytest.raises(UserError, match="say how the network's images are normalised"):
        open_images(folder)
    with pytest.raises(
        UserError, match="view: the data set gives tensors of floats, which are tak"
    ):
        open_images(random_images(2), View(None, None))
    with pytest.raises(UserError, match="no such folder; name one that holds <class>/ and images"):
        open_images(folder / "gone", View(None, None))


def test_an_item_that_fails_is_left_out_or_an_error(folder):
    class Failing(Items):
        def __getitem__(self, index):
            if index == 5:
                raise OSError("disk\nproblem")
            return super().__getitem__(index)

    data = Failing(items())
    data.targets = [label for _, label in items()]
    found = measure(linear_network(), data, pairs=None, points=8)
    assert found.facts["images"]["skipped"] == ["5"]
    said = "1 image could not be read and others were taken: image 5: cannot be read (disk problem)"
    assert any(note.startswith(said) for note in found.notes)
    with pytest.raises(UserError, match=r"image 5: cannot be read \(disk problem\)"):
        measure(linear_network(), data, pairs=None, points=8, strict=True)


def test_images_of_several_sizes(folder):
    Image.fromarray(pixels(side=9)).save(folder / "fox" / "5.png")
    with pytest.raises(UserError, match=r"3×9×9 numbers where .* has 3×6×6; give a size"):
        measure(linear_network(), folder, view=View(None, None), points=8)


def test_a_cut_larger_than_an_image_is_no_image(folder):
    with pytest.raises(UserError, match=r"is 6×6 pixels, too small to cut 8×8 out of it; give a s"):
        measure(linear_network(), folder, view=View(None, 8), points=8, strict=True)
