"""Which images a classifier is trained on: what may be asked of each source."""

import pytest
from pydantic import ValidationError

from spectral_bias.experiments.image_sections import ImageData, Shift


def data(**values):
    return ImageData.model_validate(
        {"source": "patches", "folder": None, "n_train": 20, "n_test": 10, "size": 32} | values
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"source": "cifar10"},
        {"source": "cifar10", "n_train": None, "n_test": None},
        {"source": "cifar10", "folder": "/data/cifar10"},
        {"source": "imagefolder", "folder": "/data/birds", "n_train": 7, "n_test": None},
    ],
)
def test_sources_with_what_they_take(values):
    given = data(**values)
    assert given.model_dump().items() >= values.items()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"folder": "x"}, "folder: source patches takes no folder; set null, or source: imagefo"),
        ({"source": "imagefolder"}, "folder: source imagefolder needs a folder with train/<class>"),
        ({"n_train": None}, "n_train: how many patches? Write a multiple of 10"),
        ({"n_test": 15}, "n_test: 15 images cannot be shared out evenly to 10 classes; choose a"),
        ({"source": "cifar10", "n_train": 25}, "n_train: 25 images cannot be shared out evenly"),
        (
            {"source": "cifar10", "folder": "/data/cifar10", "n_test": 25},
            "n_test: 25 images cannot be shared out evenly",
        ),
    ],
)
def test_what_a_source_cannot_give_is_refused_by_its_key(values, said):
    with pytest.raises(ValidationError) as caught:
        data(**values)
    (error,) = caught.value.errors()
    assert str(error["ctx"]["error"]).startswith(said)


@pytest.mark.parametrize("size", [30, 4, 0, None])
def test_patches_are_large_enough_and_can_be_halved_twice(size):
    with pytest.raises(ValidationError, match="size"):
        data(size=size)


def test_test_images_of_another_distribution_have_the_classes_of_the_others():
    shift = Shift(source="cifar10.1", folder=None)
    for folder in (None, "/data/cifar10"):
        shift.require_classes_of(data(source="cifar10", folder=folder))
    for other in (data(), data(source="imagefolder", folder="/data/birds")):
        with pytest.raises(ValueError, match=r"^shift\.source: cifar10\.1 holds the classes of"):
            shift.require_classes_of(other)
        Shift(source="zoom", folder=None).require_classes_of(other)
