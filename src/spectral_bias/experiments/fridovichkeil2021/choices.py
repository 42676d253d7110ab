"""Which training runs each figure of Fridovich-Keil et al. 2021 is drawn from.

A figure depends on the runs that it draws and on no others, so tables are made for each figure.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spectral_bias.experiments.experiment import run_files

if TYPE_CHECKING:
    from spectral_bias.training.runs import ClassifierRun

PAPER = "fridovichkeil2021"
NOISE_FILES = ("run.json", "history.npz")
INTERVENTIONS = {
    "fig05": "architecture",
    "fig06": "train_size",
    "fig07": "augmentation",
    "fig08": "distillation",
    "fig09": "weight_decay",
    "fig13": "image_frequency",
}
"""The intervention that each figure of one intervention shows."""
DIRECTIONS = {"fig11": ("fourier",), "fig12": ("1/f2", "f2", "random", "radial")}
"""Kinds of waves of the figures on directions of input space."""


def noise_runs(settings: Any, figure: str) -> list[str]:
    """The runs whose noise fitting a figure shows, in the order of the plan."""
    section = settings.fridovichkeil2021.cifar10
    runs, bases = section.plan().runs, section.plan().bases
    if figure == "fig13":
        return []
    if figure == "fig17":
        return [name for name in runs if _noised_class(runs[name]) is not None]
    if figure in INTERVENTIONS:
        variants = [row["run"] for row in intervention_rows(settings, figure)]
        among, kinds, frequencies = _with_seeds(runs, variants), ("radial",), section.wave.compared
    else:
        among = _with_seeds(runs, [section.baseline])
        kinds = (*DIRECTIONS.get(figure, ("radial",)), "uniform")
        frequencies = [shown_frequency(settings)] if figure == "fig01" else None
    wanted = {*among} if figure == "fig01" else set()
    for name, base in bases.items():
        wave = runs[name].wave
        shown = frequencies is None or wave.kind == "uniform" or wave.frequency in frequencies
        if base in among and wave.noise_class is None and wave.kind in kinds and shown:
            wanted.add(name)
    return [name for name in runs if name in wanted]


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
    plan = section.plan()
    if figure in INTERVENTIONS:
        chosen = [row["run"] for row in intervention_rows(settings, figure)]
        wanted = {*_with_seeds(plan.runs, chosen)}
    else:
        wanted = {section.baseline}
    return [name for name in section.measured_runs() if name in wanted]


def trajectory_runs(settings: Any) -> list[str]:
    """The trainings that are followed over their epochs, one for each seed: Figure 4."""
    return settings.fridovichkeil2021.cifar10.trajectory_runs()


def trajectory_start(settings: Any) -> list[int]:
    """The epochs, named beforehand, whose mean is the start of these trainings."""
    return settings.fridovichkeil2021.cifar10.trajectory.start


def compared_rows(settings: Any) -> list[dict[str, Any]]:
    """The variants of all interventions of Figures 5 to 9, as rows of the table interventions."""
    rows = settings.fridovichkeil2021.cifar10.plan().interventions
    return [row for row in rows if row["intervention"] != "image_frequency"]


def compared_runs(settings: Any) -> list[str]:
    """The noise-free runs of `compared_rows`, and the baseline."""
    section = settings.fridovichkeil2021.cifar10
    wanted = {section.baseline, *(row["run"] for row in compared_rows(settings))}
    return [name for name in section.measured_runs() if name in wanted]


def noise_files(settings: Any, runs: Sequence[str]) -> dict[str, list[str]]:
    """Records and histories of runs, as the input of a measurement."""
    return {"runs": [file for run in runs for file in run_files(PAPER, run, NOISE_FILES)]}


def _noised_class(run: "ClassifierRun") -> int | None:
    return run.wave and run.wave.noise_class


def _with_seeds(runs: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Runs, and those that differ from them in their seed alone."""
    patterns = [re.compile(rf"{re.escape(name)}(\.seed\d+)?") for name in dict.fromkeys(names)]
    return [run for run in runs if any(pattern.fullmatch(run) for pattern in patterns)]
