"""Trains one image classifier.

Input: images; model and record of a teacher, if there is one. Params: run (resolved settings),
scale. Output: model, parameters of kept epochs, history, metrics, record.
"""

from functools import partial
from pathlib import Path

from spectral_bias.runtime.job import job
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.classifier.job import train_classifier_run
from spectral_bias.training.classifier.sources import loaded_images

with job(snakemake.log[0]):
    teacher = snakemake.input.get("teacher_record")
    train_classifier_run(
        snakemake.params.run,
        partial(loaded_images, snakemake.params.run, snakemake.input.images),
        Path(snakemake.output.record).parent,
        JobContext.of(snakemake),
        teacher_folder=teacher and Path(teacher).parent,
    )
