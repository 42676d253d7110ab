"""Trains one classifier on a folder of images, which is never whole in memory, unless it exists.

Input: index of the folder. Params: run (resolved settings), scale. Output: model, parameters of
kept epochs, history, metrics, record.
"""

from functools import partial
from pathlib import Path

from spectral_bias.artefacts import read_json
from spectral_bias.provenance import run_key
from spectral_bias.runtime.job import job, part
from spectral_bias.runtime.lock import alone
from spectral_bias.runtime.reuse import taken_over
from spectral_bias.training.runs import ClassifierRun

with job(snakemake.log[0]):
    settings, index = snakemake.params.run, snakemake.input.index
    checksum = read_json(index)["checksum"]
    folder = Path(snakemake.output.record).parent
    with alone(folder):
        if not taken_over(run_key(settings, snakemake.params.code, checksum), snakemake.output):
            from spectral_bias.runtime.record import JobContext
            from spectral_bias.training.classifier.folder_source import folder_images
            from spectral_bias.training.classifier.job import train_classifier_run

            run, workers = ClassifierRun.of(settings), snakemake.threads - 1
            with part(run.run):
                train_classifier_run(
                    run,
                    partial(folder_images, run, index, workers),
                    folder,
                    JobContext.of(snakemake),
                )
