"""What each section of the settings costs: operations, memory of its largest job, disk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spectral_bias.cost.ensembles import autoencoder_bytes, autoencoder_flop, ensemble
from spectral_bias.cost.paths import PathWork
from spectral_bias.cost.training import Cost
from spectral_bias.training.runs import AutoencoderRun, ClassifierRun, MlpRun, Run


@dataclass(frozen=True)
class SectionCost:
    """The cost of a section.

    Attributes:
        name: paper and section.
        n_networks: that are trained.
        work: (FLOP, precision) of trainings and paths.
        memory_mb: that its largest training job asks for.
        disk_bytes: of the files of its runs at most, before compression.
    """

    name: str
    n_networks: int
    work: tuple[tuple[int, str], ...]
    memory_mb: int
    disk_bytes: int


def section_costs(
    sections: Mapping[str, Iterable[str]],
    runs: Mapping[str, Run],
    builders: Mapping[str, str],
    memory_mb: Mapping[str, int],
    classifiers: Sequence[Cost],
    paths: Sequence[PathWork],
) -> list[SectionCost]:
    """One for each section that trains or measures along paths.

    Args:
        sections: names of the runs of each section, by its name.
        runs: all of them, by name.
        builders: the module that builds each problem.
        memory_mb: that a training job asks for, by the kind of its run.
        classifiers: see `training.costs`.
        paths: see `paths.path_work`.
    """
    sources = {
        name: run.data["source"] for name, run in runs.items() if isinstance(run, AutoencoderRun)
    }
    found = []
    for section, names in sections.items():
        own = [runs[name] for name in names]
        costs = [cost for cost in classifiers if cost.name.startswith(f"{section}: ")]
        walked = [one for one in paths if one.name.startswith(f"{section}: ")]
        parts = [
            *((cost.n_runs, cost.flop, cost.precision, cost.disk_bytes) for cost in costs),
            *((0, one.flop(), one.precision, 0) for one in walked if not one.waits_for),
            *(_part(run, builders, sources) for run in own if not isinstance(run, ClassifierRun)),
        ]
        if parts:
            networks, flops, precisions, sizes = zip(*parts, strict=True)
            found.append(
                SectionCost(
                    name=section,
                    n_networks=sum(networks),
                    work=tuple(zip(flops, precisions, strict=True)),
                    memory_mb=max((memory_mb[run.KIND] for run in own), default=0),
                    disk_bytes=sum(sizes),
                )
            )
    return found


def _part(
    run: MlpRun | AutoencoderRun, builders: Mapping[str, str], sources: Mapping[str, str]
) -> tuple[int, int, str, int]:
    """Networks, FLOP, precision and bytes of one run."""
    precision = run.training.precision
    if isinstance(run, AutoencoderRun):
        return 1, autoencoder_flop(run), precision, autoencoder_bytes(run)
    one = ensemble(run, builders[run.problem], sources)
    return one.members, one.flop(), precision, one.disk_bytes()
