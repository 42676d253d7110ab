"""Trains one image classifier.

Input: images; model and record of a teacher, if there is one. Params: run (resolved settings),
scale. Output: model, parameters of kept epochs, history, metrics, record.
"""

from functools import partial
from pathlib import Path

from spectral_bias.jobs import job
from spectral_bias.tracking import tracking_uri
from spectral_bias.training.classifier_job import train_classifier_run
from spectral_bias.training.sources import loaded_images

with job(snakemake.log[0]):
    teacher = snakemake.input.get("teacher_record")
    train_classifier_run(
        snakemake.params.run,
        partial(loaded_images, snakemake.params.run, snakemake.input.images),
        Path(snakemake.output.record).parent,
        teacher_folder=teacher and Path(teacher).parent,
        scale=snakemake.params.scale,
        code_version=snakemake.params.code,
        device=snakemake.config["device"],
        threads=snakemake.threads,
        tracking_uri=tracking_uri("results", snakemake.config["tracking"]["uri"]),
        live_after_seconds=snakemake.config["tracking"]["live_after_seconds"],
    )
