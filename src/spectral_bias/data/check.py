"""Finds out before any job runs whether the data that the settings name are there."""

from spectral_bias.config.schema import Settings
from spectral_bias.data.cifar10 import cifar10_folder
from spectral_bias.data.digits import mnist_folder
from spectral_bias.data.imagefolder import check_imagefolder


def check_data_root(settings: Settings) -> None:
    """Does nothing where data are fetched by a rule of their own, that is without `data_root`.

    Raises:
        UserError: if files of a data set that an experiment needs are missing or damaged.
    """
    paper = settings.rahaman2018
    users = (paper.label_noise, paper.kernel_spectra, paper.random_labels.autoencoder)
    sources = {user.data.source for user in users}
    if settings.data_root is not None and "mnist" in sources:
        mnist_folder(settings.data_root)
    if settings.data_root is not None and paper.adversarial.data.source == "cifar10":
        cifar10_folder(settings.data_root)
    if paper.adversarial.data.folder is not None:
        check_imagefolder(paper.adversarial.data.folder)
