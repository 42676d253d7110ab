"""Trains one image classifier, unless another scale has trained it.

Input: images; model and record of a teacher, if there is one. Params: run (resolved settings),
scale. Output: model, parameters of kept epochs, history, metrics, record.
"""

from functools import partial
from pathlib import Path

from spectral_bias.artefacts import read_array_meta, read_json
from spectral_bias.provenance import data_key, run_key
from spectral_bias.runtime.job import job
from spectral_bias.runtime.reuse import taken_over
from spectral_bias.training.runs import ClassifierRun

with job(snakemake.log[0]):
    settings, images = snakemake.params.run, snakemake.input.images
    teacher = snakemake.input.get("teacher_record")
    checksum = data_key(
        read_array_meta(images)["data_checksum"], teacher and read_json(teacher)["run_key"]
    )
    if not taken_over(run_key(settings, snakemake.params.code, checksum), snakemake.output):
        from spectral_bias.runtime.record import JobContext
        from spectral_bias.training.classifier.job import train_classifier_run
        from spectral_bias.training.classifier.sources import loaded_images

        run = ClassifierRun.of(settings)
        train_classifier_run(
            run,
            partial(loaded_images, run, images),
            Path(snakemake.output.record).parent,
            JobContext.of(snakemake),
            teacher_folder=teacher and Path(teacher).parent,
        )
