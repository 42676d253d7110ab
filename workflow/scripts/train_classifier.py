"""Trains image classifiers one after another, each unless another scale has trained it.

Input: images; models and records of teachers, if there are some. Params: runs (resolved settings),
scale. Output: of each run model, parameters of kept epochs, history, metrics, record.
"""

from functools import partial
from pathlib import Path
from typing import Any

from spectral_bias.artefacts import read_array_meta, read_json
from spectral_bias.provenance import data_key, run_key
from spectral_bias.runtime.job import job, part
from spectral_bias.runtime.lock import alone
from spectral_bias.runtime.reuse import taken_over
from spectral_bias.training.runs import ClassifierRun


def train(settings: dict[str, Any], outputs: list[str]) -> None:
    """Trains one run, or takes it over."""
    folder, images = Path(outputs[0]).parent, snakemake.input.images
    teacher = settings["teacher"] and folder.parent / settings["teacher"]
    checksum = data_key(
        read_array_meta(images)["data_checksum"],
        teacher and read_json(teacher / "run.json")["run_key"],
    )
    with alone(folder):
        if not taken_over(run_key(settings, snakemake.params.code, checksum), outputs):
            from spectral_bias.runtime.record import JobContext
            from spectral_bias.training.classifier.job import train_classifier_run
            from spectral_bias.training.classifier.sources import loaded_images

            run = ClassifierRun.of(settings)
            train_classifier_run(
                run,
                partial(loaded_images, run, images),
                folder,
                JobContext.of(snakemake),
                teacher_folder=teacher,
            )


with job(snakemake.log[0]):
    made = {run["run"]: [] for run in snakemake.params.runs}
    for file in snakemake.output:
        made[Path(file).parent.name].append(file)
    for run in snakemake.params.runs:
        with part(run["run"]):
            train(run, made[run["run"]])
