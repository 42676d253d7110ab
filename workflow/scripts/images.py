"""Prepares images for classifiers.

Params: data (source and sizes), seed (of patches), data_root. Output: images, labels, class names
in one .npz.
"""

from pathlib import Path

from spectral_bias.data.cifar10 import (
    cifar10_folder,
    download_cifar10,
    read_cifar10,
    read_cifar10_files,
)
from spectral_bias.data.imagefolder import read_imagefolder
from spectral_bias.data.images import ImageSet, write_images
from spectral_bias.data.patches import patches
from spectral_bias.runtime.job import job


def cifar10(data_root: str | None) -> ImageSet:
    """From the user's own folder, else downloaded; the download serves all scales."""
    downloads = Path("results/data/download")
    if data_root is None:
        download_cifar10(downloads)
    return read_cifar10(cifar10_folder(data_root or downloads))


with job(snakemake.log[0]):
    source, folder, n_train, n_test, size = (
        snakemake.params.data[name] for name in ("source", "folder", "n_train", "n_test", "size")
    )
    if source == "patches":
        images = patches(n_train, n_test, size, snakemake.params.seed)
    elif folder is not None:
        read = read_cifar10_files if source == "cifar10" else read_imagefolder
        images = read(folder, n_train, n_test)
    else:
        images = cifar10(snakemake.params.data_root).first(n_train, n_test)
    write_images(snakemake.output[0], images, source)
