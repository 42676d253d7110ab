"""Which training runs each figure of Fridovich-Keil et al. 2021 is drawn from.

A figure depends on the runs that it draws and on no others, so tables are made for each figure.
"""

from collections.abc import Sequence
from typing import Any

from spectral_bias.experiments.experiment import run_files
from spectral_bias.experiments.fridovichkeil2021 import purposes

PAPER = "fridovichkeil2021"
NOISE_FILES = ("run.json", "history.npz")
INTERVENTIONS = {
    "fig05": "architecture",
    "fig06": "train_size",
    "fig07": "augmentation",
    "fig08": "distillation",
    "fig09": "weight_decay",
    "fig13": purposes.IMAGES,
}
"""The intervention that each figure of one intervention shows."""
PURPOSES = {
    "fig01": purposes.SWEEP,
    "fig03": purposes.SWEEP,
    "fig11": purposes.FOURIER,
    "fig12": purposes.NATURAL,
    "fig17": purposes.SINGLE_CLASS,
}
"""What the waves of the figures on the baseline are for, see `Plan.waves`."""


def _plan(settings: Any) -> Any:
    return settings.fridovichkeil2021.cifar10.plan()


def wave_rows(settings: Any, figure: str) -> list[dict[str, Any]]:
    """The trainings on waves that a figure shows, as rows of `Plan.waves`; Figure 13 shows none."""
    plan = _plan(settings)
    if figure in PURPOSES:
        rows = [row for row in plan.waves if row["purpose"] == PURPOSES[figure]]
        if figure == "fig01":
            f = shown_frequency(settings)
            rows = [row for row in rows if plan.runs[row["run"]].wave.frequency == f]
        return rows
    if figure not in INTERVENTIONS or INTERVENTIONS[figure] not in purposes.INTERVENTIONS:
        return []
    bases = {
        run
        for row in intervention_rows(settings, figure)
        for run in with_seeds(settings, row["run"])
    }
    compared = [row for row in plan.waves if row["purpose"] == purposes.COMPARED]
    return [row for row in compared if row["base"] in bases]


def noise_runs(settings: Any, rows: Sequence[dict[str, Any]]) -> list[str]:
    """The trainings of some rows of `Plan.waves` and their floors, in the order of the plan."""
    wanted = {run for row in rows for run in (row["run"], *row["floors"], *row["spread"])}
    return [name for name in _plan(settings).runs if name in wanted]


def shown_frequency(settings: Any) -> float:
    """The frequency of Figure 1: the default one, or the lowest where it is none of the waves'."""
    section = settings.fridovichkeil2021.cifar10
    default, frequencies = section.single_class.frequency, section.wave.frequencies
    return default if default in frequencies else min(frequencies)


def intervention_rows(settings: Any, figure: str) -> list[dict[str, Any]]:
    """The variants that a figure compares, as rows of the table interventions."""
    rows = settings.fridovichkeil2021.cifar10.plan().interventions
    return [row for row in rows if row["intervention"] == INTERVENTIONS.get(figure)]


def measured_runs(settings: Any, figure: str) -> list[str]:
    """The noise-free runs whose paths between images a figure shows, in the order of the plan."""
    section = settings.fridovichkeil2021.cifar10
    if figure not in INTERVENTIONS:
        return trajectory_runs(settings)
    wanted = {
        run
        for row in intervention_rows(settings, figure)
        for run in with_seeds(settings, row["run"])
    }
    return [name for name in section.measured_runs() if name in wanted]


def trajectory_runs(settings: Any) -> list[str]:
    """The trainings that are followed over their epochs, one for each seed: Figure 4."""
    return settings.fridovichkeil2021.cifar10.trajectory_runs()


def trajectory_start(settings: Any) -> list[int]:
    """The epochs, named beforehand, whose mean is the start of these trainings."""
    return settings.fridovichkeil2021.cifar10.trajectory.start


def compared_rows(settings: Any) -> list[dict[str, Any]]:
    """The networks of all interventions of Figures 5 to 9: variants, once for each seed.

    Returns:
        Rows with intervention, variant, value, seed, run.
    """
    plan = _plan(settings)
    return [
        row | {"seed": plan.runs[run].replicate, "run": run}
        for row in plan.interventions
        if row["intervention"] in purposes.INTERVENTIONS
        for run in with_seeds(settings, row["run"])
    ]


def compared_runs(settings: Any) -> list[str]:
    """The noise-free runs of Figures 10 and 16: all variants with their seeds, those that end at
    the same accuracy, and trajectories."""
    section, plan = settings.fridovichkeil2021.cifar10, _plan(settings)
    wanted = {row["run"] for row in (*compared_rows(settings), *plan.matched)}
    wanted |= {*plan.trajectory}
    return [name for name in section.measured_runs() if name in wanted]


def with_seeds(settings: Any, name: str) -> list[str]:
    """A run, and those that differ from it in their seed alone."""
    return [run for run in _plan(settings).runs if purposes.split_seed(run)[0] == name]


def noise_files(settings: Any, runs: Sequence[str]) -> dict[str, list[str]]:
    """Records and histories of runs, as the input of a measurement."""
    return {"runs": [file for run in runs for file in run_files(PAPER, run, NOISE_FILES)]}
