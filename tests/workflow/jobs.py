"""The jobs that train and measure the classifiers of the second paper, by the names of the runs."""

from collections.abc import Collection, Iterable
from typing import Any

PAPER = "fridovichkeil2021"


def training_jobs(settings: Any, runs: Collection[str]) -> set[str]:
    """The jobs that train some runs, as `Project.jobs` calls them."""
    imagenet = {run for run in runs if run in settings.fridovichkeil2021.imagenet.runs()}
    batches = settings.fridovichkeil2021.cifar10.batches()
    trained = _jobs(batches, runs, "train_classifiers", f"train_classifier {PAPER}/")
    return trained | {f"train_folder_classifier {run}" for run in imagenet}


def measuring_jobs(settings: Any, runs: Collection[str]) -> set[str]:
    """The jobs that measure the paths of some runs; others are not measured."""
    section = settings.fridovichkeil2021.cifar10
    measured = {*section.measured_runs()}
    batches = [[run for run in batch if run in measured] for batch in section.batches()]
    return _jobs(filter(None, batches), runs, "measure_interpolation", "measure_interpolation ")


def _jobs(batches: Iterable[list[str]], runs: Collection[str], several: str, one: str) -> set[str]:
    return {
        f"{several}_{number}" if len(batch) > 1 else f"{one}{batch[0]}"
        for number, batch in enumerate(batches, start=1)
        if {*batch} & {*runs}
    }
