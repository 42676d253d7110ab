"""Measurement B of Fridovich-Keil et al. 2021 on finished classifiers, over their epochs."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spectral_bias.data.shift import read_shifted
from spectral_bias.experiments.fridovichkeil2021.interpolation.example import example
from spectral_bias.experiments.fridovichkeil2021.interpolation.tables import (
    Interpolation,
    tables_of,
)
from spectral_bias.measurements.classifier import FinishedClassifier, LabelledImages, State
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.path_points import points_at_once


def measured(job: MeasuringJob, settings: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """The tables of one classifier, see `tables.tables_of`, for every epoch that was kept.

    Args:
        job: inputs run, images and shifted.
        settings: of the measurement, see `Interpolation.of`.
        seed: of the pairs.
    """
    run = _classifier(job)
    other = read_shifted(job.file("shifted"))[0]
    shifted = run.normalised(other.images, other.labels) if other else None
    states = run.states()
    progress = job.progress(len(states), "epochs")
    wanted = Interpolation.of(settings, seed, points_at_once(run.device, run.test.x.shape))
    tables = over_epochs(run, states, wanted, shifted, progress.update)
    progress.close()
    return tables


def shown(job: MeasuringJob, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """One path within a class and one between two, as Figure 2 shows them; see `example`."""
    run = _classifier(job)
    wanted = Interpolation.of(settings, seed, points_at_once(run.device, run.test.x.shape))
    found = tables_of(run.network, run.test, wanted, run=run.name, epoch=run.last_epoch)
    paths = found["interpolation_paths"]
    tables, images = example(run.network, run.test, run.images.test_images, paths, wanted)
    return {**tables, "interpolation_images.npz": images}


def collected(job: MeasuringJob) -> dict[str, pd.DataFrame]:
    """The tables of all classifiers, each one below the other."""
    return {name: job.table(name) for name in job.files}


def over_epochs(
    run: FinishedClassifier,
    states: Mapping[int, State],
    settings: Interpolation,
    shifted: LabelledImages | None = None,
    on_epoch: Callable[[int], None] = lambda done: None,
) -> dict[str, pd.DataFrame]:
    """The tables of `tables_of` for all `states`, joined by name."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for done, (epoch, state) in enumerate(states.items(), start=1):
        run.network.load_state_dict(state)
        found = tables_of(
            run.network, run.test, settings, run=run.name, epoch=epoch, shifted=shifted
        )
        for name, table in found.items():
            parts.setdefault(name, []).append(table)
        on_epoch(done)
    return {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}


def _classifier(job: MeasuringJob) -> FinishedClassifier:
    folder = job.file("run", "run.json").parent
    return FinishedClassifier.of(folder, job.file("images"), job.device)
