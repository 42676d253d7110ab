"""Addresses inside MLflow's pages, and which runs and columns they show. Needs no MLflow.

MLflow reads the columns of a list of runs from a saved view, the tag of an experiment that its
"share" button would write; `viewStateShareKey` in an address names it. A filter in the address
would turn the view off, so filter and order stand in the view, too.
"""

import json
from collections.abc import Mapping
from urllib.parse import quote

MODEL_TRAINING = "workflowType=machine_learning"
"""Without this MLflow's pages show tools for language models around a run. It belongs to the
query behind the #, which is the one that the pages read."""
VIEW = "mlflow.sharedViewState."
CURRENT = "tags.superseded = 'false'"
WITHIN, BETWEEN = (f"high_frequency_fraction/{where}" for where in ("within", "between"))
"""Metrics of a classifier, within a class and between classes."""
CLAIM_COUNTS = {
    "holds": "claims_hold",
    "fails": "claims_fail",
    "not tested": "claims_not_tested",
}
"""Metrics of a figure: how many of its claims have which verdict."""
RUN_NAME, DATASET = "attributes.`Run Name`", "attributes.`Dataset`"
ALWAYS_SHOWN = {RUN_NAME: 380, "runDateAndNestInfo": 150, DATASET: 280, "duration": 80}
"""Names of the grid's own columns and their widths in pixels, in order."""


def _metrics(*names: str) -> dict[str, int]:
    """Columns and widths such that the whole name can be read."""
    return {f"metrics.`{name}`": max(90, round(7.5 * len(name))) for name in names}


def _view(kind: str, columns: Mapping[str, int], order: str, ascending: bool) -> dict:
    """A list of the current runs of one kind; columns that no run has are left out by MLflow."""
    widths = ALWAYS_SHOWN | columns
    return {
        "searchFilter": f"{CURRENT} and tags.kind = '{kind}'",
        "orderByKey": order,
        "orderByAsc": ascending,
        "selectedColumns": list(columns),
        "columnOrder": list(widths),
        "columnWidths": widths,
    }


VIEWS = {
    "training": _view(
        "training",
        {
            DATASET: 280,
            **_metrics("accuracy/test", "loss/test", "loss/validation", "loss/training"),
            **_metrics(BETWEEN, WITHIN),
            "params.`experiment`": 110,
            "params.`problem`": 170,
            "params.`architecture`": 110,
            "params.`n_train`": 80,
            "params.`network.depth`": 110,
            "params.`n_runs`": 80,
        },
        "attributes.start_time",
        ascending=False,
    ),
    "figures": _view(
        "figure",
        {**_metrics(*CLAIM_COUNTS.values()), "tags.`source_runs`": 420},
        "tags.`mlflow.runName`",
        ascending=True,
    ),
}
VIEWS["figures"]["columnWidths"] |= {RUN_NAME: 560}


def view_tags() -> dict[str, str]:
    """The tags of an experiment that hold its views."""
    return {f"{VIEW}{name}": json.dumps(view) for name, view in VIEWS.items()}


def runs_page(experiment: str, view: str, charts: bool = False) -> str:
    """The list of runs of an experiment in one of `VIEWS`, or the charts of their metrics."""
    mode = "&compareRunsMode=CHART" if charts else ""
    return f"#/experiments/{experiment}/runs?{MODEL_TRAINING}&viewStateShareKey={view}{mode}"


def run_page(experiment: str, run_id: str) -> str:
    """The page of a run."""
    return f"#/experiments/{experiment}/runs/{run_id}?{MODEL_TRAINING}"


def picture_address(run_id: str, name: str) -> str:
    """Where the pages find an image among the artifacts of a run."""
    return f"get-artifact?path={quote(name)}&run_uuid={run_id}"
