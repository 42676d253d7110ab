"""Measurement B of Fridovich-Keil et al. 2021: paths between images (figures 2, 4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from spectral_bias.experiments.experiment import (
    CLASSIFIER,
    Experiment,
    Figure,
    Measurement,
    run_files,
)
from spectral_bias.experiments.fridovichkeil2021 import choices

TABLES = (
    "interpolation_summary",
    "interpolation_fractions",
    "interpolation_spectra",
    "class_accuracy",
)
PATHS = "interpolation_paths"
"""Of each network by itself: together they would have millions of rows."""
EXAMPLE = (
    "interpolation_example",
    "interpolation_example_spectrum",
    "interpolation_images.npz",
)
SHOWN = ("interpolation_spectra", "interpolation_summary")


def _section(settings: Any) -> Any:
    return settings.fridovichkeil2021.cifar10


def _classifier(settings: Any, run: str) -> Mapping[str, Sequence[str]]:
    return {
        "run": run_files(choices.PAPER, run, CLASSIFIER),
        "images": ["data/cifar10.npz"],
    }


def _params(settings: Any, *_: str) -> dict[str, Any]:
    section = _section(settings)
    return {"settings": section.interpolation.model_dump(), "seed": settings.seed}


def _networks(settings: Any, run: str) -> list[str]:
    return [_section(settings).plan().runs[run].network.callable]


EXPERIMENT = Experiment(
    measurements=(
        Measurement(
            "measure_interpolation",
            "measure:measured",
            (*TABLES, PATHS),
            items=lambda settings: _section(settings).measured_runs(),
            batches=lambda settings: _section(settings).batches(),
            inputs=lambda settings, run: (
                _classifier(settings, run) | {"shifted": ["data/shifted.npz"]}
            ),
            params=_params,
            networks=_networks,
            mem_mb=3000,
            minutes=120,
            gpu=True,
        ),
        Measurement(
            "measure_interpolation_example",
            "measure:shown",
            EXAMPLE,
            inputs=lambda settings: _classifier(settings, _section(settings).baseline),
            params=_params,
            networks=lambda settings: _networks(settings, _section(settings).baseline),
            mem_mb=3000,
            minutes=30,
            gpu=True,
        ),
        Measurement(
            "collect_interpolation",
            "measure:collected",
            TABLES,
            inputs=lambda settings: {
                table: [
                    f"{choices.PAPER}/{run}/{table}.csv"
                    for run in _section(settings).measured_runs()
                ]
                for table in TABLES
            },
            made_from={table: (table,) for table in TABLES},
            mem_mb=1000,
            minutes=5,
        ),
        Measurement(
            "measure_trajectory",
            "trajectory:measured",
            ("trajectory_changes",),
            inputs=lambda settings: {
                "interpolation_summary": [
                    file
                    for run in choices.trajectory_runs(settings)
                    for file in run_files(choices.PAPER, run, ["interpolation_summary.csv"])
                ]
            },
            params=lambda settings: {
                "runs": choices.trajectory_runs(settings),
                "start": choices.trajectory_start(settings),
            },
            minutes=5,
        ),
    ),
    figures={
        "fig02": Figure("cifar10", EXAMPLE),
        "fig04": Figure(
            "cifar10",
            SHOWN,
            items=lambda settings: {
                "interpolation_spectra": choices.trajectory_runs(settings)[:1],
                "interpolation_summary": choices.trajectory_runs(settings),
            },
        ),
    },
    claims=("claims",),
)
