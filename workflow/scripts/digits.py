"""Prepares a data set of digits.

Params: source (mnist, mnist_5k or digits), data_root. Output: images and labels in one .npz.
"""

from pathlib import Path

from spectral_bias.data import digits
from spectral_bias.runtime.job import job


def mnist(data_root: str | None) -> tuple:
    """From the user's own folder, else downloaded beside the prepared file."""
    downloads = Path(snakemake.output[0]).parent / "download"
    if data_root is None:
        digits.download_mnist(downloads)
    return digits.read_mnist(digits.mnist_folder(data_root or downloads))


with job(snakemake.log[0]):
    source = snakemake.params.source
    bundled = {"mnist_5k": digits.bundled_mnist, "digits": digits.bundled_digits}
    loaded = bundled[source]() if source in bundled else mnist(snakemake.params.data_root)
    digits.write_digits(snakemake.output[0], source, *loaded)
