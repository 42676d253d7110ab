"""Brings everything that was finished at one scale from files into the store."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from spectral_bias import artefacts
from spectral_bias.errors import UserError
from spectral_bias.tracking import facts as fact
from spectral_bias.tracking.claims import Claims, claims_of_figures
from spectral_bias.tracking.copies import (
    Finished,
    RunsAt,
    Trained,
    original_folder,
    record_finished,
)
from spectral_bias.tracking.figures import record_figure
from spectral_bias.tracking.links import link_runs
from spectral_bias.tracking.liveness import end_gone
from spectral_bias.tracking.location import public_uri, tracking_uri
from spectral_bias.tracking.store import Papers, Store, one_line, open_store, search

MAX_ARTIFACT_BYTES = 50_000_000
RUN_FACTS = ("paper", "run", "scale", "run_key", "settings", "started", "finished", "result_path")
FIGURE_FACTS = ("figure", "title", "caption", "scale", "sources")


@dataclass
class Outcome:
    """What `track` has done so far."""

    runs: dict[str, str]
    figures: dict[str, dict]
    problems: list[str]


def track(
    results: str | Path,
    scale: str,
    papers: Papers,
    uri: str | None = None,
    claims: str | Path | None = None,
    max_artifact_bytes: int = MAX_ARTIFACT_BYTES,
) -> dict[str, Any]:
    """Brings all finished runs and figures of a scale into the store; again adds nothing.

    Nothing that goes wrong with the store is raised: the results are complete without it.

    Args:
        results: Folder of all results.
        scale: Name of the scale, a folder in `results`.
        papers: Titles of the papers by name, in the order in which to show them.
        uri: The store; by default what `tracking_uri` says.
        claims: The claims with their verdicts; by default results/<scale>/claims.json. Where there
            is no such file, nothing is said of claims.
        max_artifact_bytes: Larger files are not copied into the store, only named.

    Returns:
        {"tracking_uri": str,
         "runs": {run_key: run id},
         "figures": {"<paper>/<figure>": {"run_id": str, "source_run_ids": [str, ...]}},
         "problem": one line, or None if all went well}
    """
    uri, done = uri or tracking_uri(results), Outcome({}, {}, [])
    folder = Path(results) / scale
    try:
        store = open_store(uri, papers)
        verdicts = _claims(Path(claims or folder / "claims.json"), done)
        for paper in papers:
            _track_paper(store, folder, paper, verdicts, max_artifact_bytes, done)
    except Exception as error:
        done.problems.append(one_line(error))
    return {
        "tracking_uri": public_uri(uri),
        "runs": done.runs,
        "figures": done.figures,
        "problem": "; ".join(done.problems) or None,
    }


def track_runs(
    results: str | Path, scale: str, papers: Papers, paper: str, uri: str | None = None
) -> dict[str, Any]:
    """Brings the finished training runs of one paper into the store, ahead of `track`.

    `track` finds them there: it adds the figures, the links, and what failed here.

    Args:
        results: Folder of all results.
        scale: Name of the scale, a folder in `results`.
        papers: Titles of all papers by name, in the order in which to show them.
        paper: The one whose runs to bring in.
        uri: The store; by default what `tracking_uri` says.

    Returns:
        {"runs": {run_key: run id}, "problem": one line, or None if all went well}
    """
    done = Outcome({}, {}, [])
    try:
        store = open_store(uri or tracking_uri(results), papers)
        runs_at = cache(partial(search, store, paper, "scale"))
        _track_runs(store, Path(results) / scale, paper, runs_at, MAX_ARTIFACT_BYTES, done)
    except Exception as error:
        done.problems.append(one_line(error))
    return {"runs": done.runs, "problem": "; ".join(done.problems) or None}


def _track_runs(
    store: Store, folder: Path, paper: str, runs_at: RunsAt, max_bytes: int, done: Outcome
) -> dict[str, Trained]:
    """The finished training jobs of a paper by run key, each complete in the store."""
    trained = {}
    for path, job in _readable(folder.glob(f"{paper}/*/run.json"), _run, done):
        key = job.facts["run_key"]
        trained[key] = record_finished(store, path.parent, job, runs_at, max_bytes)
        done.runs[key] = trained[key].run.run_id
    return trained


def _track_paper(
    store: Store,
    folder: Path,
    paper: str,
    claims: Mapping[tuple[str, str], Claims] | None,
    max_bytes: int,
    done: Outcome,
) -> None:
    runs_at = cache(partial(search, store, paper, "scale"))
    runs = runs_at(folder.name)
    end_gone(store, runs)
    trained = _track_runs(store, folder, paper, runs_at, max_bytes, done)

    figures_of = defaultdict(list)
    for path, meta in _readable(folder.glob(f"figures/{paper}/*.json"), _figure, done):
        sources = {key: trained[key].run for key in meta["sources"] if key in trained}
        if lost := [key for key in meta["sources"] if key not in sources]:
            done.problems.append(f"{path}: no finished run has the key {lost[0]}")
        carried = None if claims is None else claims.get((paper, path.stem), [])
        figure = record_figure(store, path.with_suffix(""), meta, runs, sources, carried)
        for key in sources:
            figures_of[key].append(figure)
        ids = [source.run_id for source in sources.values()]
        done.figures[f"{paper}/{figure.name}"] = {"run_id": figure.run_id, "source_run_ids": ids}
    link_runs(store, folder.name, trained.values(), figures_of)


def _readable(
    paths: Iterator[Path], read: Callable[[Path], Any], done: Outcome
) -> Iterator[tuple[Path, Any]]:
    """(path, content) of each file; one that cannot be read is noted and does not stop the rest."""
    for path in sorted(paths):
        try:
            content = read(path)
        except (OSError, ValueError, UserError) as error:
            done.problems.append(f"{path}: {one_line(error)}")
        else:
            yield path, content


def _claims(path: Path, done: Outcome) -> dict[tuple[str, str], Claims] | None:
    """The claims by figure; None, as for a file that is missing, if it cannot be read."""
    for _, claims in _readable(iter([path]), claims_of_figures, done):
        return claims
    return None


def _run(path: Path) -> Finished:
    """A finished training job, read from where its files were made if they are still there."""
    facts, folder = _with(artefacts.read_json(path), RUN_FACTS), path.parent
    if original := original_folder(folder, facts):
        folder = original
        facts = _with(artefacts.read_json(folder / "run.json"), RUN_FACTS)
    table = artefacts.read_table(folder / "metrics.csv")
    _with({name: None for name in table.columns}, ("iteration", "metric", "value"))
    summary = folder / "interpolation_summary.csv"
    if summary.exists():
        table = pd.concat([table, fact.fractions(artefacts.read_table(summary))])
    return Finished(folder, facts, table)


def _figure(path: Path) -> dict:
    return _with(artefacts.read_json(path), FIGURE_FACTS)


def _with(content: Mapping, names: tuple[str, ...]) -> Mapping:
    if lost := [name for name in names if name not in content]:
        raise ValueError(f"{lost[0]!r} is missing; remove the file and let it be made again")
    return content
