"""What an experiment is: the contract between its folder and the workflow.

An experiment declares what it has, in the `__init__.py` of its folder, and names everything heavy
by text (`"measure:spectrum_tables"`), so that a workflow of hundreds of jobs can read all
declarations without importing PyTorch, pandas or matplotlib. What is named belongs to the code
version of the jobs that use it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class Outside(str):
    """A file that does not belong to one scale, such as a download or a user's own."""

    __slots__ = ()


Files = Mapping[str, Sequence[str]]
"""Files by the name of an input, each relative to results/<scale> unless it is `Outside`."""

ENSEMBLE = ("problem.npz", "history.npz", "model.safetensors", "run.json")
"""The files of a finished ensemble that measurements read."""
CLASSIFIER = ("model.safetensors", "epochs.safetensors", "history.npz", "run.json")
"""The files of a finished classifier that measurements read."""


def run_files(paper: str, run: str, names: Sequence[str] = ENSEMBLE) -> list[str]:
    """Some files of a finished run."""
    return [f"{paper}/{run}/{name}" for name in names]


def _nothing(*_: Any) -> dict[str, Any]:
    return {}


def _no_network(*_: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Measurement:
    """One job, or one for each of several items, that makes tables of finished runs.

    Attributes:
        name: of the rule, such as "measure_sinusoids".
        function: "<module>:<function>", the module relative to the experiment's folder or, if its
            name starts with "spectral_bias.", of the library. It is called with a
            `measurements.measuring.MeasuringJob` and `params`, and returns tables (or, for names
            that end in .npz, arrays by name) under the names of `tables`.
        tables: what is made; names without suffix are tables, results/<scale>/<paper>/tables/*.csv.
        inputs: (settings) → `Files`; with `items` (settings, item) → `Files`.
        params: likewise; keyword arguments of the function.
        made_from: inputs that a table names as its sources, for tables that do not name all.
        items: settings → names of the things that are measured one by one, such as runs; None for
            a single job.
        batches: settings → items that one job measures one after another, for measurements that
            take less time than a process takes to start; None for one job each.
        folder: where the tables of an item go, relative to results/<scale>/<paper>.
        networks: (settings, item) → callables of networks that the job builds by name.
        threads: CPU cores.
        mem_mb: memory.
        minutes: time limit on a cluster.
        gpu: whether it computes on a GPU where there is one.
    """

    name: str
    function: str
    tables: tuple[str, ...]
    inputs: Callable[..., Files] = _nothing
    params: Callable[..., Mapping[str, Any]] = _nothing
    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    items: Callable[[Any], Sequence[str]] | None = None
    batches: Callable[[Any], Sequence[Sequence[str]]] | None = None
    folder: str = "{item}"
    networks: Callable[..., Sequence[str]] = _no_network
    threads: int = 1
    mem_mb: int = 2000
    minutes: int = 20
    gpu: bool = False


@dataclass(frozen=True)
class Figure:
    """One figure; the module of its name in the experiment's folder draws it.

    Attributes:
        section: the section of the paper's settings that its caption states.
        tables: names of the tables that it is drawn from, as in `Measurement.tables`.
        items: settings → for tables that are made item by item, the items whose own tables it is
            drawn from; other tables are those of the whole paper.
    """

    section: str
    tables: tuple[str, ...]
    items: Callable[[Any], Mapping[str, Sequence[str]]] = _nothing


@dataclass(frozen=True)
class Experiment:
    """One experiment of a paper.

    Attributes:
        sections: sections of the paper's settings, each with "<module>:<class>".
        problems: data of ensembles by the name that runs give, each with the module that builds it:
            build(run, **files) → (Problem, Facts).
        measurements: what is measured on finished runs.
        figures: by name, "figNN".
        claims: modules with a tuple CLAIMS and, where there are any, a tuple CHECKS.
        checks: functions of the paper's settings that raise ValueError, starting with the key,
            where sections do not go together.
    """

    sections: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
