"""Trains one classifier on a folder of images, which is never whole in memory.

Input: index of the folder. Params: run (resolved settings), scale. Output: model, parameters of
kept epochs, history, metrics, record.
"""

from functools import partial
from pathlib import Path

from spectral_bias.runtime.job import job
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.classifier.folder_source import folder_images
from spectral_bias.training.classifier.job import train_classifier_run

with job(snakemake.log[0]):
    workers = snakemake.threads - 1
    train_classifier_run(
        snakemake.params.run,
        partial(folder_images, snakemake.params.run, snakemake.input.index, workers),
        Path(snakemake.output.record).parent,
        JobContext.of(snakemake),
    )
