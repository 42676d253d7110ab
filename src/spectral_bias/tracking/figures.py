"""Brings figures into an open store, each with the training runs it comes from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spectral_bias.tracking import facts as fact
from spectral_bias.tracking.claims import Claims, claim_points, claim_tags, other_claims
from spectral_bias.tracking.liveness import origin
from spectral_bias.tracking.pages import picture_address
from spectral_bias.tracking.record import (
    Recorded,
    create,
    log_artifacts,
    matching,
    supersede_others,
)
from spectral_bias.tracking.store import Store, log_batch, set_tags

SUFFIXES = (".png", ".pdf", ".csv", ".json")


def record_figure(
    store: Store,
    stem: Path,
    meta: Mapping,
    runs: Sequence[Any],
    sources: Mapping[str, Recorded],
    claims: Claims | None = None,
) -> Recorded:
    """Makes the run of a figure complete: files, agreement with the paper, claims, sources.

    Args:
        store: The open store.
        stem: Path of the figure without suffix, results/<scale>/figures/<paper>/<figure>.
        meta: The content of its .json.
        runs: Runs of this paper and scale as they are in the store.
        sources: The training runs it was drawn from, by run key.
        claims: The claims that it carries; None if they are not decided yet.
    """
    paper, results = stem.parent.name, stem.parents[3]
    files = [stem.with_suffix(suffix) for suffix in SUFFIXES if stem.with_suffix(suffix).exists()]
    path = f"{results.name}/{stem.relative_to(results)}"
    started, finished = fact.figure_times(meta, files)
    tags = fact.figure_tags(meta, fact.figure_key(meta, files), path, origin(store.uri, results))
    tags |= claim_tags(claims or [])
    points = [*_agreement(meta, finished), *claim_points(claims or [], finished)]
    same = matching(runs, tags, ("kind", "figure_key", "result_path", "origin", "superseded"))
    run = next((run for run in same if not other_claims(run, claims, finished)), None)
    is_new = run is None
    if run is None:
        run = create(store, paper, tags, started)
    log_artifacts(store, run, files, replace=is_new)
    log_batch(store, run.info.run_id, [p for p in points if p[0] not in run.data.metrics])
    if run.info.status != "FINISHED":
        store.client.set_terminated(run.info.run_id, "FINISHED", finished)
    set_tags(store, run, tags | _source_tags(meta, path, sources, run.info.run_id))
    supersede_others(store, runs, tags, keep=run.info.run_id)
    return Recorded(meta["figure"], run, store.experiments[paper])


def _source_tags(
    meta: Mapping, path: str, sources: Mapping[str, Recorded], run_id: str
) -> dict[str, str]:
    runs = sources.values()
    picture = picture_address(run_id, f"{meta['figure']}.png")
    return {
        "source_runs": fact.listed((run.name for run in runs), fact.MAX_TAG - 20),
        "source_run_keys": fact.listed(sources, fact.MAX_TAG - 20),
        "source_run_ids": fact.listed((run.run_id for run in runs), fact.MAX_TAG - 20),
        fact.NOTE: fact.figure_note(meta, path, [run.link for run in runs], picture),
    }


def _agreement(meta: Mapping, time_ms: int) -> list[tuple]:
    """The number that compares a figure with the authors', and how many quantities agree."""
    found = meta.get("agreement")
    if not found or found["value"] is None:
        return []
    verdicts = [quantity["verdict"] for quantity in found["quantities"]]
    numbers = {found["measure"]: found["value"]}
    numbers |= {name: verdicts.count(name) for name in ("inside", "outside")}
    return [
        (fact.valid_key(f"agreement/{name}"), 0, float(value), time_ms)
        for name, value in numbers.items()
    ]
