"""Which part of the library may import which; read from the source, nothing is run."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

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


def test_only_figures_draw():
    assert offenders("matplotlib", but="spectral_bias.figures") == []


def test_figures_and_claims_work_on_tables_alone():
    heavy = ("torch", "spectral_bias.training", "spectral_bias.models", "spectral_bias.tracking")
    assert offenders(*heavy, within="spectral_bias.figures") == []
    assert offenders(*heavy, within="spectral_bias.claims") == []


@pytest.mark.parametrize("part", ["spectra", "models"])
def test_mathematics_does_not_depend_on_its_uses(part):
    uses = ("training", "measurements", "figures", "claims", "tracking")
    names = [f"spectral_bias.{use}" for use in uses]
    assert offenders(*names, within=f"spectral_bias.{part}") == []


def test_no_module_imports_itself_by_way_of_others():
    graph = {}
    for module in MODULES:
        names = imports_of(module, at_import_time=True)
        # `from a.b import c` loads a.b.c if that is a module, else a.b.
        loaded = {name if name in MODULES else name.rpartition(".")[0] for name in names}
        graph[module] = loaded & MODULES.keys() - {module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
