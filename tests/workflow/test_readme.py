"""What the README.md files say can be done, done: snippets, commands, links, and the example."""

import ast
import json
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from spectral_bias.config.load import load_settings
from spectral_bias.experiments import training_runs
from spectral_bias.report.pages import PUBLISHED
from tests.conftest import REPOSITORY

NOT_OURS = {".venv", ".git", ".snakemake", ".pytest_cache", ".ruff_cache"}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SHOWN_RESULT = re.compile(r"^(?P<call>\S.*?) +# = (?P<result>.+)$", re.MULTILINE)
PROGRAM = ".venv/bin/"
PLACEHOLDER = "/where/they/are"
EXAMPLE = REPOSITORY / "src/spectral_bias/experiments/README.md"
IN_CONFIG = "# config.yaml, below rahaman2018\n"


def pages() -> list[Path]:
    """All README.md of the project, without what is generated or installed."""

    def ours(page: Path) -> bool:
        parts = page.relative_to(REPOSITORY).parts
        generated = parts[0] == "results" and len(parts) > 2 and parts[1] != PUBLISHED.name
        return not generated and not NOT_OURS & {*parts}

    return sorted(filter(ours, REPOSITORY.rglob("README.md")))


PAGES = {str(page.relative_to(REPOSITORY)): page.read_text() for page in pages()}
each_page = pytest.mark.parametrize("page", PAGES)


def blocks(page: str, language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(PAGES[page]) if name == language]


def code(page: str) -> list[str]:
    """Commands and names: the lines of blocks without a language, and code within the text."""
    text = BLOCK.sub("", PAGES[page])
    lines = [line.partition("  #")[0] for body in blocks(page, "") for line in body.splitlines()]
    return [line.strip() for line in [*lines, *re.findall(r"`([^`\n]+)`", text)]]


@cache
def commands() -> tuple[str, ...]:
    """Each distinct command of all pages that starts a program of ours."""
    found = [line for page in PAGES for line in code(page)]
    starts = (PROGRAM, "python ", "make ", "snakemake ")
    return tuple(dict.fromkeys(line for line in found if line.startswith(starts)))


def named_by_first_line(page: str, pattern: str, language: str) -> dict[str, str]:
    """Snippets whose first line is a comment that names a file."""
    matches = ((re.match(pattern, body), body) for body in blocks(page, language))
    return {match[1]: body for match, body in matches if match}


def scale_files() -> dict[str, str]:
    """All scale files of all pages by name."""
    found = [named_by_first_line(page, r"# (\w+\.yaml)\n", "yaml") for page in PAGES]
    return {name: body for files in found for name, body in files.items()}


# --- the finder finds ---------------------------------------------------------------------------


def test_the_pages_that_readers_need_are_there():
    folders = ("results/published", "profiles", "src/spectral_bias/spectra")
    folders += ("src/spectral_bias/tracking", "src/spectral_bias/experiments", "tests/benchmarks")
    assert {"README.md", *(f"{folder}/README.md" for folder in folders)} <= PAGES.keys()


def test_commands_of_every_kind_are_found():
    for start in (".venv/bin/snakemake", ".venv/bin/python -m", "make reproduce", "make publish"):
        assert any(command.startswith(start) for command in commands()), start


def test_the_two_commands_stand_at_the_very_top():
    title, block = PAGES["README.md"].split("\n\n")[:2]
    assert title.startswith("# ") and "\n" not in title
    called = [line.split("  ")[0].strip() for line in block.strip("`\n").splitlines()]
    assert called == ["make reproduce", "make test"]


# --- links and names ----------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """Anchors that headings get: small letters, hyphens for spaces, no other signs."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_links_lead_to_files_and_headings(page):
    broken = []
    for link in LINK.findall(PAGES[page]):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (REPOSITORY / page).parent / name if name else REPOSITORY / page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            broken.append(link)
    assert broken == []


@each_page
def test_files_that_are_named_exist(page):
    own = named_by_first_line(page, r"# (\S+)\n", "python")
    example = {str(Path(name).parent) for name in own}
    missing = [
        name
        for name in code(page)
        if re.match(r"(src|tests|workflow|profiles)/[\w/.-]+$", name)
        and not (REPOSITORY / name).exists()
        and name.rstrip("/") not in example
    ]
    assert missing == []


@each_page
def test_no_verdict_is_typed(page):
    """Verdicts stand in the pages and rows that `make publish` writes, and nowhere else."""
    if re.fullmatch(rf"{PUBLISHED}/\w+/README\.md", page):
        return
    text = re.sub(r"<!-- verdicts of .*?<!-- end -->", "", PAGES[page], flags=re.DOTALL)
    assert re.findall(r"\*\*(?:holds|fails|not tested)\*\*", text) == []


# --- snippets -----------------------------------------------------------------------------------


def given() -> dict[str, object]:
    """What a reader has: images, and a network that takes them."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(3 * 8 * 8, 4, generator=generator)
    return {
        "x": torch.randn(4, 3, 8, 8, generator=generator),
        "predict": lambda images: images.flatten(1) @ weights,
    }


def own_snippets(page: str) -> list[str]:
    """Python snippets that are no file of the worked example."""
    return [body for body in blocks(page, "python") if not body.startswith("# src/")]


@pytest.mark.parametrize("page", [page for page in PAGES if own_snippets(page)])
def test_python_snippets_run_and_give_what_they_say(page):
    names = given()
    for number, snippet in enumerate(own_snippets(page)):
        exec(compile(snippet, f"{page}, snippet {number}", "exec"), names)
        for shown in SHOWN_RESULT.finditer(snippet):
            found = np.asarray(eval(shown["call"], names))
            np.testing.assert_allclose(found, ast.literal_eval(shown["result"]), atol=1e-6)


def test_yaml_snippets_are_scale_files(tmp_path):
    files = scale_files()
    every = [body for page in PAGES for body in blocks(page, "yaml")]
    assert {*files.values()} == {body for body in every if not body.startswith(IN_CONFIG)}
    for name, body in files.items():
        (tmp_path / name).write_text(body)
        settings = load_settings({"scale": str(tmp_path / name)}, REPOSITORY)
        assert settings.scale == Path(name).stem
        without = load_settings({"scale": yaml.safe_load(body)["extends"]}, REPOSITORY)
        assert settings.model_dump(exclude={"scale"}) != without.model_dump(exclude={"scale"})


def test_the_changed_scale_trains_what_it_changes(tmp_path):
    """All other runs are those of quick scale, so that they are taken over where it has them."""
    (tmp_path / "wide.yaml").write_text(scale_files()["wide.yaml"])
    wide, quick = (
        training_runs(load_settings({"scale": scale}, REPOSITORY))
        for scale in (str(tmp_path / "wide.yaml"), "quick")
    )
    trained = {name for name, run in wide.items() if run != quick.get(name)}
    assert trained == {"sinusoids_equal", "sinusoids_increasing", "sinusoids_low"}
    assert {name.split(".")[1] for name in quick.keys() - wide.keys()} == {"mixup_1"}


# --- commands -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A command of Snakemake: what it would build, and how it is called."""

    targets: tuple[str, ...]
    options: tuple[str, ...]
    config: tuple[str, ...]

    @classmethod
    def of(cls, command: str) -> "Call":
        words, _, config = command.partition(" --config ")
        _, *rest = shlex.split(words)
        options, targets = [], []
        while rest:
            word = rest.pop(0)
            if not word.startswith("-"):
                targets.append(word)
            elif word in ("--cores", "--workflow-profile"):
                options += [word, rest.pop(0)]
            elif word != "--dry-run":
                options.append(word)
        return cls(tuple(targets) or ("all",), tuple(options), tuple(config.split()))

    @property
    def scale(self) -> str:
        named = [word for word in self.config if word.startswith("scale=")]
        return named[0] if named else "scale=quick"


def calls() -> list[Call]:
    """The distinct calls of Snakemake; those that differ in their targets alone are one.

    `all` takes most of the time. It is planned once for each scale, for paper scale in
    test_workflow.py; further calls differ in what no target matters for, such as the profile, so
    that one figure stands for it.
    """
    together: dict[tuple, dict[str, None]] = {}
    for command in commands():
        if command.startswith(f"{PROGRAM}snakemake"):
            call = Call.of(command)
            cores = [word for word in call.options if word.isdigit() or word == "all"]
            options = tuple("2" if word in cores else word for word in call.options)
            together.setdefault((options, call.config), {}).update(dict.fromkeys(call.targets))
    every = [Call(tuple(targets), *key) for key, targets in together.items()]
    found, planned = [], {"scale=paper"}
    for call in sorted(every, key=lambda call: -len(call.targets)):
        figure = f"results/{call.scale.removeprefix('scale=')}/figures/rahaman2018/fig03.png"
        names = {"all": figure} if call.scale in planned else {}
        found.append(replace(call, targets=tuple(names.get(name, name) for name in call.targets)))
        planned |= {call.scale} if "all" in call.targets else set()
    return found


def test_snakemake_commands_are_accepted(fresh):
    """One dry run for each; a folder that stands for the reader's own is looked for and missed.

    Figure 28 is the worked example's, which has a test of its own.
    """
    for name, body in scale_files().items():
        (fresh.root / name).write_text(body)

    def dry_run(call: Call) -> tuple[Call, subprocess.CompletedProcess]:
        targets = [target for target in call.targets if not target.endswith("fig28.png")]
        config = " ".join(call.config) or "scale=quick"
        return call, fresh.snakemake("--dry-run", *call.options, *targets, config=config)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(dry_run, calls()))
    assert len(done) >= 6
    for call, run in done:
        if f"data_root={PLACEHOLDER}" in call.config:
            assert f"error: --config: data_root: no folder '{PLACEHOLDER}'" in run.stderr
        else:
            assert run.returncode == 0, f"{call}: {run.stderr[-2000:]}"


def help_of(module: str) -> str:
    run = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_python_commands_name_modules_with_these_options():
    called = [c for c in commands() if re.match(r"(\.venv/bin/)?python -m", c)]
    assert called
    for command in called:
        module, *arguments = shlex.split(command.partition(" > ")[0].partition(" -m ")[2])
        assert (REPOSITORY / "src" / module.replace(".", "/")).with_suffix(".py").is_file() or (
            REPOSITORY / "src" / module.replace(".", "/") / "__main__.py"
        ).is_file(), command
        options = [word for word in arguments if word.startswith("-")]
        assert all(option in help_of(module) for option in options), command


MODULES = {
    "browse": ["spectral_bias.tracking", "browse"],
    "benchmark": ["tests.benchmarks.engine"],
    "publish": ["spectral_bias.report.published"],
}
"""The program behind a target whose ARGS a page uses."""


def test_make_commands_exist_and_pass_their_options_on():
    makefile = (REPOSITORY / "Makefile").read_text()
    variables = set(re.findall(r"^([A-Z]+) =", makefile, re.MULTILINE))
    called = [command for command in commands() if command.startswith("make ")]
    wanted: dict[str, set[str]] = {}
    for command in called:
        _, target, *settings = shlex.split(command)
        run = ["make", "--dry-run", target, *settings]
        made = subprocess.run(run, cwd=REPOSITORY, capture_output=True, text=True)
        assert made.returncode == 0, f"{command}: {made.stderr}"
        given = dict(setting.split("=", 1) for setting in settings)
        assert given.keys() <= variables, command
        options = [word for word in given.get("ARGS", "").split() if word.startswith("-")]
        wanted.setdefault(target, set()).update(options)
    for target, options in wanted.items():
        if options:
            run = [sys.executable, "-m", *MODULES[target], "--help"]
            said = subprocess.run(run, cwd=REPOSITORY, capture_output=True, text=True)
            assert all(option in said.stdout for option in options), (target, said.stderr)


# --- the worked example -------------------------------------------------------------------------

EVALUATE = """
import json
from spectral_bias.artefacts import read_table
from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments import all_claims

claims = [claim for claim in all_claims() if claim.figures == ("fig28",)]
table = read_table("results/tiny/rahaman2018/tables/fourier_features.csv")
print(json.dumps(evaluate(claims, {"fourier_features": table})))
"""


def test_the_worked_example_builds_its_figure_and_decides_its_claim(fresh):
    page = str(EXAMPLE.relative_to(REPOSITORY))
    files = named_by_first_line(page, r"# (src/\S+\.py)\n", "python")
    for name, body in files.items():
        (fresh.root / name).parent.mkdir(exist_ok=True)
        (fresh.root / name).write_text(body.partition("\n")[2])
    (section,) = [body for body in blocks(page, "yaml") if body.startswith(IN_CONFIG)]
    config = (fresh.root / "config.yaml").read_text()
    changed = config.replace("\nrahaman2018:\n", f"\nrahaman2018:\n{section[len(IN_CONFIG) :]}", 1)
    (fresh.root / "config.yaml").write_text(changed)

    figure = "results/tiny/figures/rahaman2018/fig28.png"
    done = fresh.snakemake(figure)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (fresh.root / figure).read_bytes().startswith(b"\x89PNG")
    evaluated = subprocess.run(
        [sys.executable, "-c", EVALUATE],
        cwd=fresh.root,
        env={"PYTHONPATH": str(fresh.root / "src")},
        capture_output=True,
        text=True,
    )
    assert evaluated.returncode == 0, evaluated.stderr
    (claim,) = json.loads(evaluated.stdout)
    assert claim["n_runs"] == 5 and claim["verdict"] == "holds"
    assert 0.9 < claim["value"] < 1.3
