"""Which part of the library may import which, and what else; read from the source alone."""

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from spectral_bias.experiments import claim_modules, places

SOURCE = Path(__file__).parents[2] / "src"
FILES = sorted(SOURCE.rglob("*.py"))


def module_name(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in FILES}


def imported_names(node: ast.AST, package: str) -> list[str]:
    """Dotted names that an import statement may load; names from a module count as below it."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        up = package.rsplit(".", node.level - 1)[0] if node.level else ""
        base = ".".join(filter(None, [up, node.module]))
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def imports(source: str, package: str = "", at_import_time: bool = False) -> Iterator[str]:
    """All imports, or only those outside functions and `if TYPE_CHECKING`."""
    todo: list[ast.AST] = [ast.parse(source)]
    while todo:
        node = todo.pop()
        yield from imported_names(node, package)
        later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        later |= isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if not (at_import_time and later):
            todo.extend(ast.iter_child_nodes(node))


def imports_of(module: str, at_import_time: bool = False) -> set[str]:
    file = MODULES[module]
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    return set(imports(file.read_text(), package, at_import_time))


def is_within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def offenders(*forbidden: str, within: str = "spectral_bias", but: str = "") -> list[str]:
    """ "module imports name" for each forbidden import in modules of `within`, not in `but`."""
    return [
        f"{module} imports {name}"
        for module in MODULES
        if is_within(module, within) and not is_within(module, but)
        for name in sorted(imports_of(module))
        if is_within(name, *forbidden)
    ]


def test_the_reader_sees_every_kind_of_import():
    source = "import a.b\nfrom . import c\ndef f():\n    from ..d import e\n"
    assert set(imports(source, "p.q")) == {"a.b", "p.q.c", "p.d.e"}
    assert set(imports(source, "p.q", at_import_time=True)) == {"a.b", "p.q.c"}


def test_the_library_knows_nothing_of_the_workflow():
    assert offenders("snakemake", "workflow") == []


def test_only_tracking_imports_mlflow_and_only_when_it_is_used():
    assert offenders("mlflow", but="spectral_bias.tracking") == []
    eager = [m for m in MODULES if any(is_within(n, "mlflow") for n in imports_of(m, True))]
    assert eager == []


LAYERS = (
    (
        *("errors", "names", "plain_names", "seeds", "chance"),
        *("checksums", "artefacts", "provenance", "reference"),
    ),
    ("tracking",),
    ("runtime",),
    ("spectra", "models", "data", "statistics"),
    ("training",),
    ("figures", "claims", "measurements"),
    ("toolkit",),
    ("experiments",),
    ("config", "report", "cost", "commands"),
)
"""Each part may import those of the layers above it in this list, and its neighbours."""


def part_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def test_every_part_has_a_layer():
    parts = {part_of(module) for module in MODULES} - {""}
    assert parts == {part for layer in LAYERS for part in layer}


def test_imports_go_down_the_layers():
    height = {part: number for number, layer in enumerate(LAYERS) for part in layer}
    upward = [
        f"{module} imports {name}"
        for module in MODULES
        for name in sorted(imports_of(module))
        if part_of(module) and is_within(name, "spectral_bias") and part_of(name) in height
        and height[part_of(name)] > height[part_of(module)]
    ]  # fmt: skip
    assert upward == []


def test_no_part_imports_itself_by_way_of_others():
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        ours = {name for name in imports_of(module, True) if is_within(name, "spectral_bias")}
        graph.setdefault(part_of(module), set()).update(map(part_of, ours))
    for part, others in graph.items():
        others -= {part, ""}
    require_no_cycle(graph)


ROOMS = places()


def test_no_experiment_imports_another():
    found = []
    for place in ROOMS:
        own = f"spectral_bias.experiments.{place.paper}.{place.name}"
        others = [
            f"spectral_bias.experiments.{other.paper}.{other.name}"
            for other in ROOMS
            if other is not place
        ]
        found += offenders(*others, within=own)
    assert found == []


def test_what_experiments_of_a_paper_share_imports_none_of_them():
    rooms = [f"spectral_bias.experiments.{place.paper}.{place.name}" for place in ROOMS]
    shared = [m for m in MODULES if is_within(m, "spectral_bias.experiments")]
    shared = [m for m in shared if not is_within(m, *rooms)]
    assert [m for m in shared if any(is_within(n, *rooms) for n in imports_of(m))] == []


def test_declarations_are_light():
    """Every job of the workflow reads them, so they import nothing that takes time."""
    heavy = ("torch", "pandas", "numpy", "matplotlib", "pydantic", "scipy", "sklearn")
    eager = [
        f"{module} imports {name}"
        for module, file in MODULES.items()
        if is_within(module, "spectral_bias.experiments") and file.name == "__init__.py"
        for name in sorted(imports_of(module, at_import_time=True))
        if is_within(name, *heavy)
    ]
    assert eager == []


def test_slow_parts_of_libraries_are_imported_where_they_are_used():
    """Importing scipy.stats takes half as long as a small job does."""
    slow = ("scipy.stats", "torchvision", "sklearn", "mlflow", "skimage")
    eager = [
        f"{module} imports {name}"
        for module in MODULES
        for name in sorted(imports_of(module, at_import_time=True))
        if is_within(name, *slow) and not is_within(module, "spectral_bias.tracking")
        # A measurement that needs them is a job of its own.
        if not module.endswith(".measure")
    ]
    assert eager == []


def drawing_modules() -> list[str]:
    """Modules that draw: the library's, those of figures, and what figures share.

    Not those of the toolkit, whose results draw themselves.
    """
    drawing = [m for m in MODULES if any(is_within(n, "matplotlib") for n in imports_of(m))]
    return [m for m in drawing if not is_within(m, "spectral_bias.toolkit")]


def test_only_figures_draw():
    others = ("settings", "problem", "measure", "claims", "plan")
    for module in drawing_modules():
        assert is_within(module, "spectral_bias.figures", "spectral_bias.experiments"), module
        assert not module.endswith(others), module


def test_figures_and_claims_work_on_tables_alone():
    heavy = (
        *("torch", "spectral_bias.training", "spectral_bias.models", "spectral_bias.tracking"),
        "spectral_bias.runtime",
    )
    assert offenders(*heavy, within="spectral_bias.figures") == []
    assert offenders(*heavy, within="spectral_bias.claims") == []
    for module in [*drawing_modules(), *claim_modules()]:
        assert [name for name in imports_of(module) if is_within(name, *heavy)] == [], module


def test_figures_know_no_claims():
    """Rewording a claim must not draw a figure again."""
    for module in drawing_modules():
        found = [n for n in imports_of(module) if is_within(n, "spectral_bias.claims")]
        found += [n for n in imports_of(module) if n in claim_modules()]
        found += [n for n in imports_of(module) if n.rpartition(".")[0] in claim_modules()]
        assert found == [], module


def test_no_module_imports_itself_by_way_of_others():
    graph = {}
    for module in MODULES:
        names = imports_of(module, at_import_time=True)
        # `from a.b import c` loads a.b.c if that is a module, else a.b.
        loaded = {name if name in MODULES else name.rpartition(".")[0] for name in names}
        graph[module] = loaded & MODULES.keys() - {module}
    require_no_cycle(graph)


def require_no_cycle(graph: dict[str, set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def reached(*start: str) -> set[str]:
    """Modules of this project that these load, sooner or later, at any depth, and themselves."""
    found, waiting = set(), [module for module in MODULES if is_within(module, *start)]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            for name in imports_of(module):
                waiting += [known for known in (name, name.rpartition(".")[0]) if known in MODULES]
    return found


def declared(*extras: str) -> set[str]:
    """Names of the packages that pyproject.toml asks for, with those of some extras."""
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text())["project"]
    texts = project["dependencies"] + [
        text for extra in extras for text in project["optional-dependencies"][extra]
    ]
    return {canonicalize_name(Requirement(text).name) for text in texts}


ADAPTED = ("lightning", "pytorch_lightning", "transformers")
"""Training frameworks of users, who have installed them; imported when they are used, if at all."""


def test_frameworks_of_users_are_imported_only_when_they_are_used():
    eager = [m for m in MODULES if any(is_within(n, *ADAPTED) for n in imports_of(m, True))]
    assert eager == []
    assert offenders(*ADAPTED, but="spectral_bias.toolkit.noise.adapters") == []


def undeclared(modules: Iterable[str], *extras: str) -> dict[str, list[str]]:
    """Packages of others that these modules import and pyproject.toml does not ask for: by whom."""
    ours = {*sys.stdlib_module_names, "spectral_bias", *ADAPTED}
    providers, asked = packages_distributions(), declared(*extras)
    found: dict[str, list[str]] = {}
    for module in sorted(modules):
        for top in {name.partition(".")[0] for name in imports_of(module)} - ours:
            if asked.isdisjoint(map(canonicalize_name, providers[top])):
                found.setdefault(top, []).append(module)
    return found


def test_measuring_a_network_needs_declared_packages_only():
    modules = reached("spectral_bias.toolkit", "spectral_bias.commands")
    # Who records a measurement in MLflow has installed it.
    modules = {module for module in modules if not is_within(module, "spectral_bias.tracking")}
    assert "spectral_bias.spectra.exact" in modules
    assert undeclared(modules) == {}


def test_the_workflow_needs_declared_packages_only():
    assert undeclared(MODULES, "workflow") == {}
    assert {"mlflow", "sklearn"} <= undeclared(MODULES).keys(), "the reader sees them"
