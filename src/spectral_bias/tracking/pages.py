"""Addresses inside MLflow's pages, and which runs and columns they show. Needs no MLflow.

MLflow reads the columns of a list of runs from a saved view, the tag of an experiment that its
"share" button would write; `viewStateShareKey` in an address names it. A filter in the address
would turn the view off, so filter and order stand in the view, too.
"""

import json
from urllib.parse import quote

MODEL_TRAINING = "workflowType=machine_learning"
"""Without this MLflow's pages show tools for language models around a run. It belongs to the
query behind the #, which is the one that the pages read."""
VIEW = "mlflow.sharedViewState."
CURRENT = "tags.superseded = 'false'"
NAME_WIDTH = 360
"""Pixels; MLflow's own 190 cut most names of runs."""

WITHIN, BETWEEN = (f"high_frequency_fraction/{where}_classes" for where in ("within", "between"))
"""Metrics of a classifier: see `interpolation_summary.csv`."""
CLAIM_COUNTS = {
    "holds": "claims_hold",
    "fails": "claims_fail",
    "not tested": "claims_not_tested",
}
"""Metrics of a figure: how many of its claims have which verdict."""
# MLflow leaves out the metrics and settings that no run of the list has.
TRAINING_METRICS = (
    "accuracy/test",
    "loss/test",
    "loss/validation",
    "loss/training",
    WITHIN,
    BETWEEN,
)
TRAINING_PARAMS = ("experiment", "problem", "architecture", "n_train", "network.depth", "n_runs")


def _columns(kind: str, names: tuple[str, ...]) -> list[str]:
    return [f"{kind}.`{name}`" for name in names]


def _view(kind: str, columns: list[str], order: str, ascending: bool) -> dict:
    name = "attributes.`Run Name`"
    return {
        "searchFilter": f"{CURRENT} and tags.kind = '{kind}'",
        "orderByKey": order,
        "orderByAsc": ascending,
        "selectedColumns": columns,
        "columnOrder": [name],
        "columnWidths": {name: NAME_WIDTH},
    }


VIEWS = {
    "training": _view(
        "training",
        [
            *_columns("attributes", ("Dataset",)),
            *_columns("metrics", TRAINING_METRICS),
            *_columns("params", TRAINING_PARAMS),
        ],
        "attributes.start_time",
        ascending=False,
    ),
    "figures": _view(
        "figure",
        [
            *_columns("metrics", tuple(CLAIM_COUNTS.values())),
            *_columns("tags", ("source_runs",)),
        ],
        "tags.`mlflow.runName`",
        ascending=True,
    ),
}


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
