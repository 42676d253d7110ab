"""Finds out before any job runs whether the data that the settings name are there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spectral_bias.data.cifar10 import cifar10_folder
from spectral_bias.data.cifar10_1 import cifar10_1_folder
from spectral_bias.data.digits import mnist_folder
from spectral_bias.data.image_files import TEST, TRAIN, part_folder
from spectral_bias.data.imagefolder import check_imagefolder, require_test_images
from spectral_bias.data.shift import check_shift
from spectral_bias.errors import UserError
from spectral_bias.experiments.schema import Settings
from spectral_bias.tracking import public_uri, shared_disk, tracking_uri


def check_data_root(settings: Settings) -> None:
    """Does nothing where data are fetched by a rule of their own, that is without `data_root`.

    What the second paper lacks in `data_root` is not an error, since the first one can do without:
    `warnings` names it.

    Raises:
        UserError: if files of a data set that an experiment needs are missing or damaged.
    """
    paper = settings.rahaman2018
    users = (paper.label_noise, paper.kernel_spectra, paper.random_labels.autoencoder)
    sources = {user.data.source for user in users}
    if settings.data_root is not None and "mnist" in sources:
        mnist_folder(settings.data_root)
    data = paper.adversarial.data
    if settings.data_root is not None and data.source == "cifar10" and data.folder is None:
        cifar10_folder(settings.data_root)
    if data.folder is not None:
        with _section("rahaman2018.adversarial"):
            check_imagefolder(data.folder)
    with _section("fridovichkeil2021.cifar10"):
        _check_cifar10(settings)
    with _section("fridovichkeil2021.imagenet"):
        _check_imagenet(settings)


def warnings(settings: Settings) -> list[str]:
    """What the user should know of the settings before anything runs, one line each."""
    lines = [
        f"{key}.data.folder: {folder} has no {TEST}/, so its test/ is read as such"
        for key, folder in _image_folders(settings)
        if part_folder(folder, TEST).name != TEST
    ]
    lines += _lacking(settings)
    if settings.fridovichkeil2021.imagenet.lacks_folder():
        lines.append(
            "fridovichkeil2021.imagenet.data.folder: ImageNet cannot be downloaded and no folder "
            "is named, so figures 14 and 15 show nothing; name the one that holds val/<class>/"
        )
    store = tracking_uri("results", settings.tracking.uri)
    if kind := shared_disk(store):
        lines.append(
            f"tracking.uri: {public_uri(store)} lies on {kind}, where jobs of several machines "
            "would damage it: runs are shown at the end and not while they train; name an MLflow "
            "server, or sqlite:///<file> on a disk of this machine"
        )
    return lines


def _lacking(settings: Settings) -> list[str]:
    """What `data_root` lacks for the second paper, whose jobs will fail unless it is put there."""
    section = settings.fridovichkeil2021.cifar10
    if settings.data_root is None:
        return []
    found = []
    for needed, check in (
        (section.data.source == "cifar10" and section.data.folder is None, cifar10_folder),
        (section.shift.source == "cifar10.1", cifar10_1_folder),
    ):
        try:
            if needed:
                check(settings.data_root)
        except UserError as error:
            found.append(f"only the first paper can be built: {error}")
    return found


def _image_folders(settings: Settings) -> list[tuple[str, str]]:
    """Key of the settings and folder, of each folder of images that is there."""
    second = settings.fridovichkeil2021
    sections = {
        "rahaman2018.adversarial": settings.rahaman2018.adversarial,
        "fridovichkeil2021.cifar10": second.cifar10,
        "fridovichkeil2021.imagenet": second.imagenet,
    }
    named = ((key, section.data.folder) for key, section in sections.items())
    return [(key, folder) for key, folder in named if folder and Path(folder).is_dir()]


def _check_cifar10(settings: Settings) -> None:
    """Images of Fridovich-Keil et al. 2021, and those of another distribution."""
    section = settings.fridovichkeil2021.cifar10
    if section.data.folder is not None:
        check_imagefolder(section.data.folder)
        paths = section.interpolation
        wanted = {"n_within": (paths.n_within, 2), "n_between": (paths.n_between, 1)}
        for key, counts in wanted.items():
            setting = f"interpolation.{key}"
            require_test_images(section.data.folder, *counts, setting)
    check_shift(section.shift.model_dump(), None)


def _check_imagenet(settings: Settings) -> None:
    """Images of the folder, and files of networks that others trained."""
    section = settings.fridovichkeil2021.imagenet
    if not section.enabled or section.lacks_folder():
        return
    folder = section.data.folder
    if folder is not None:
        parts = (TRAIN, TEST) if section.trained else (TEST,)
        for part in parts:
            try:
                part_folder(folder, part)
            except UserError as error:
                raise UserError(f"data.folder: {error}") from None
    for name, checkpoint in section.checkpoints.items():
        if not Path(checkpoint.file).is_file():
            raise UserError(
                f"checkpoints.{name}.file: no file {checkpoint.file!r}; name the file that holds "
                "the network"
            )


@contextmanager
def _section(key: str) -> Iterator[None]:
    """Completes the keys that errors start with by that of their section."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{key}.{error}") from None
