"""Trains one autoencoder of images and reconstructs images with it.

Input: images (a prepared data set of digits). Params: run (resolved settings), scale. Output:
reconstructions, model, history, metrics, record.
"""

from pathlib import Path

from spectral_bias.runtime.job import job
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.autoencoder.job import train_autoencoder_run

with job(snakemake.log[0]):
    train_autoencoder_run(
        snakemake.params.run,
        snakemake.input.images,
        Path(snakemake.output.record).parent,
        JobContext.of(snakemake),
    )
