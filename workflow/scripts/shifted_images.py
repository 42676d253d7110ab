"""Prepares test images of another distribution.

Input: images that the networks are trained on. Params: shift (source, folder), data_root. Output:
images, labels, class names in one .npz.
"""

from spectral_bias.data.images import read_images
from spectral_bias.data.shift import shifted_images, write_shifted
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    shift = snakemake.params.shift
    images, _ = read_images(snakemake.input.images)
    shifted = shifted_images(shift, images, snakemake.params.data_root)
    write_shifted(snakemake.output[0], shifted, shift["source"])
