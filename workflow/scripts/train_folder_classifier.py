"""Trains one classifier on a folder of images, which is never whole in memory.

Input: index of the folder. Params: run (resolved settings), scale. Output: model, parameters of
kept epochs, history, metrics, record.
"""

from functools import partial
from pathlib import Path

from spectral_bias.jobs import job
from spectral_bias.tracking import tracking_uri
from spectral_bias.training.classifier_job import train_classifier_run
from spectral_bias.training.folder_source import folder_images

with job(snakemake.log[0]):
    workers = snakemake.threads - 1
    train_classifier_run(
        snakemake.params.run,
        partial(folder_images, snakemake.params.run, snakemake.input.index, workers),
        Path(snakemake.output.record).parent,
        teacher_folder=None,
        scale=snakemake.params.scale,
        code_version=snakemake.params.code,
        device=snakemake.config["device"],
        threads=snakemake.threads,
        tracking_uri=tracking_uri("results", snakemake.config["tracking"]["uri"]),
        live_after_seconds=snakemake.config["tracking"]["live_after_seconds"],
    )
