"""Trains one autoencoder of images and reconstructs images with it, unless another scale did.

Input: images (a prepared data set of digits). Params: run (resolved settings), scale. Output:
reconstructions, model, history, metrics, record.
"""

from pathlib import Path

from spectral_bias.artefacts import read_array_meta
from spectral_bias.provenance import run_key
from spectral_bias.runtime.job import job, part
from spectral_bias.runtime.lock import alone
from spectral_bias.runtime.reuse import taken_over
from spectral_bias.training.runs import AutoencoderRun

with job(snakemake.log[0]):
    settings, images = snakemake.params.run, snakemake.input.images
    checksum = read_array_meta(images)["data_checksum"]
    folder = Path(snakemake.output.record).parent
    with alone(folder):
        if not taken_over(run_key(settings, snakemake.params.code, checksum), snakemake.output):
            from spectral_bias.runtime.record import JobContext
            from spectral_bias.training.autoencoder.job import train_autoencoder_run

            run = AutoencoderRun.of(settings)
            with part(run.run):
                train_autoencoder_run(run, images, folder, JobContext.of(snakemake))
