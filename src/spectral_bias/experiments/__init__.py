"""The papers and their experiments, put together here and nowhere else.

`papers` and everything that reads only declarations is light; `settings_model` imports the
settings, `all_claims` the claims.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import PurePath
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement

if TYPE_CHECKING:
    from spectral_bias.claims.checks import Check
    from spectral_bias.claims.registry import Claim
    from spectral_bias.training.runs import Run

PAPERS = ("rahaman2018", "fridovichkeil2021")
LIBRARY = "spectral_bias."


@dataclass(frozen=True)
class Place:
    """An experiment where it stands.

    Attributes:
        paper: name of the paper.
        name: of its folder.
        experiment: what it declares.
    """

    paper: str
    name: str
    experiment: Experiment

    def dotted(self, name: str) -> str:
        """The whole name of something that the experiment names relative to its folder."""
        within = f"{LIBRARY}experiments.{self.paper}.{self.name}."
        return name if name.startswith(LIBRARY) else within + name


@cache
def titles() -> dict[str, str]:
    """Authors and title of every paper, by its name."""
    return {paper: import_module(f"{__name__}.{paper}").TITLE for paper in PAPERS}


@cache
def places() -> tuple[Place, ...]:
    """All experiments, paper by paper, in the order of their first figures.

    Every folder within that of a paper is an experiment. One without figures comes first.
    """
    found = []
    for paper in PAPERS:
        package = import_module(f"{__name__}.{paper}")
        names = [module.name for module in iter_modules(package.__path__) if module.ispkg]
        modules = {name: import_module(f"{package.__name__}.{name}") for name in names}
        own = [Place(paper, name, module.EXPERIMENT) for name, module in modules.items()]
        found += sorted(own, key=lambda place: min(place.experiment.figures, default=""))
    return tuple(found)


@cache
def figures() -> dict[str, dict[str, tuple[Place, Figure]]]:
    """By paper and name, in the order of their numbers."""
    found: dict[str, dict[str, tuple[Place, Figure]]] = {paper: {} for paper in PAPERS}
    for place in places():
        for name, figure in place.experiment.figures.items():
            if name in found[place.paper]:
                raise ValueError(f"{place.paper}: two experiments have a figure {name}")
            found[place.paper][name] = place, figure
    return {paper: dict(sorted(entries.items())) for paper, entries in found.items()}


@cache
def measurements() -> tuple[tuple[Place, Measurement], ...]:
    """All measurements, each with the experiment that it belongs to."""
    return tuple((place, m) for place in places() for m in place.experiment.measurements)


@cache
def tables() -> dict[str, tuple[str, Measurement]]:
    """Every table of a whole paper by its name: the paper, and the measurement that makes it."""
    found: dict[str, tuple[str, Measurement]] = {}
    for place, measurement in measurements():
        for name in measurement.tables if measurement.items is None else ():
            if name in found:
                raise ValueError(f"two measurements make a table {name}")
            found[name] = place.paper, measurement
    return found


def table_file(name: str) -> str:
    """Where a table of a whole paper lies, relative to results/<scale>.

    Raises:
        ValueError: no measurement makes it.
    """
    if name not in tables():
        raise ValueError(f"no measurement makes a table {name!r}; known: {', '.join(tables())}")
    return f"{tables()[name][0]}/tables/{with_suffix(name)}"


def item_files(paper: str, name: str, items: Sequence[str]) -> list[str]:
    """Where the tables of some items lie, relative to results/<scale>.

    Raises:
        ValueError: no measurement of the paper makes such tables item by item.
    """
    for place, measurement in measurements():
        if place.paper == paper and measurement.items is not None and name in measurement.tables:
            folders = (measurement.folder.format(item=item) for item in items)
            return [f"{paper}/{folder}/{with_suffix(name)}" for folder in folders]
    raise ValueError(f"no measurement makes a table {name!r} item by item")


def output_files(place: Place, measurement: Measurement, *items: str) -> list[str]:
    """Where the tables of some items, each after the other, lie relative to results/<scale>."""
    folder = measurement.folder if measurement.items is not None else "tables"
    places = [f"{place.paper}/{folder.format(item=item)}" for item in items]
    return [f"{folder}/{with_suffix(name)}" for folder in places for name in measurement.tables]


def measured_files(settings: Any) -> list[str]:
    """Where all tables lie, relative to results/<scale>."""
    return [
        file
        for place, measurement in measurements()
        for item in ([""] if measurement.items is None else measurement.items(settings))
        for file in output_files(place, measurement, item)
    ]


def with_suffix(name: str) -> str:
    """Name of the file of a table; a name that has a suffix keeps it."""
    return name if PurePath(name).suffix else f"{name}.csv"


@cache
def problems() -> dict[str, str]:
    """The module that builds the data of an ensemble, by the name of the problem."""
    return {
        name: place.dotted(module)
        for place in places()
        for name, module in place.experiment.problems.items()
    }


@cache
def claim_modules() -> tuple[str, ...]:
    """All modules with claims and checks."""
    return tuple(place.dotted(name) for place in places() for name in place.experiment.claims)


@cache
def all_claims() -> "tuple[Claim, ...]":
    """All claims of all papers.

    Raises:
        ValueError: two claims have one id, or a claim names a table that no measurement makes.
    """
    claims = tuple(claim for name in claim_modules() for claim in import_module(name).CLAIMS)
    _require_sound("claim", claims)
    return claims


@cache
def all_checks() -> "tuple[Check, ...]":
    """All checks of all papers; a module with claims need not have any.

    Raises:
        ValueError: two checks have one id, or a check names a table that no measurement makes.
    """
    modules = map(import_module, claim_modules())
    checks = tuple(check for module in modules for check in getattr(module, "CHECKS", ()))
    _require_sound("check", checks)
    return checks


def _require_sound(kind: str, found: "Sequence[Claim | Check]") -> None:
    """Of claims or checks: their ids differ, and their tables are made."""
    seen: set[str] = set()
    for item in found:
        if item.id in seen:
            raise ValueError(f"two {kind}s have the id {item.id}")
        seen.add(item.id)
        for name in item.tables:
            if name not in tables():
                raise ValueError(f"{kind} {item.id}: no measurement makes a table {name!r}")


def training_runs(settings: Any, *papers: str) -> "dict[str, Run]":
    """Every training run of some papers, of all unless named, by name.

    A section may have a precision of its own.

    Raises:
        ValueError: two sections train runs of one name; starts with the key of the second.
    """
    found: dict[str, Run] = {}
    trainer: dict[str, str] = {}
    for paper, section_name, section in _sections(settings, papers or PAPERS):
        place = f"{paper}.{section_name}"
        precision = getattr(section, "precision", None) or settings.precision
        for name, run in section.runs().items():
            # Some file systems take capitals and small letters for the same.
            if (other := trainer.setdefault(name.lower(), place)) != place:
                raise ValueError(
                    f"{place}: a run of it would be called {name!r}, as one of {other} is; give "
                    "its network another name"
                )
            found[name] = run.placed(paper, name, settings.seed, precision)
    return found


def _sections(settings: Any, papers: Iterable[str]) -> Iterator[tuple[str, str, Any]]:
    """(paper, name, settings) of every section."""
    for paper in papers:
        for name, section in getattr(settings, paper):
            yield paper, name, section


def section_classes() -> Iterator[tuple[str, str, str]]:
    """(paper, name, "<module>:<class>") of every section of the settings."""
    for place in places():
        for name, target in place.experiment.sections.items():
            yield place.paper, name, place.dotted(target)
