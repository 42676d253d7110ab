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
    plan = section.plan()
    baselines = _with_seeds(plan.runs, [section.baseline])
    if figure in ("fig01", "fig03"):
        kinds, wanted = ("radial",), {*baselines}
        among = baselines
    elif figure in DIRECTIONS:
        kinds, wanted, among = DIRECTIONS[figure], set(), baselines
    elif figure == "fig17":
        own = {name for name, run in plan.runs.items() if _noised_class(run) is not None}
        return [name for name in plan.runs if name in own and plan.bases[name] == section.baseline]
    elif figure == "fig13":
        return []
    else:
        variants = [row["run"] for row in intervention_rows(settings, figure)]
        kinds, wanted, among = ("radial",), set(), _with_seeds(plan.runs, variants)
    compared = None if figure in ("fig01", "fig03", *DIRECTIONS) else section.wave.compared
    for name, base in plan.bases.items():
        wave = plan.runs[name].wave
        if base not in among or wave.noise_class is not None:
            continue
        floor = wave.kind == "uniform" and compared is None
        if floor or (wave.kind in kinds and (compared is None or wave.frequency in compared)):
            wanted.add(name)
    return [name for name in plan.runs if name in wanted]


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
        chosen += [section.baseline] if figure == "fig13" else []
        wanted = {*_with_seeds(plan.runs, chosen)}
    else:
        wanted = {section.baseline}
    return [name for name in section.measured_runs() if name in wanted]


def compared_runs(settings: Any) -> list[str]:
    """The noise-free runs of all interventions of Figures 5 to 9, and the baseline."""
    section = settings.fridovichkeil2021.cifar10
    rows = section.plan().interventions
    wanted = {row["run"] for row in rows if row["intervention"] != "image_frequency"}
    wanted.add(section.baseline)
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
