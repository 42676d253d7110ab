"""Cuts images of ten classes from ten photographs.

Params: counts (n_train and n_val of each class), seed. Output: folder of image files.
"""

from pathlib import Path

from spectral_bias.data.photograph_folder import write_photographs
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    write_photographs(
        Path(snakemake.output[0]), **snakemake.params.counts, seed=snakemake.params.seed
    )
