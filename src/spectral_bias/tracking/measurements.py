"""Measurements of users' own networks, recorded in a store of theirs."""

import time
from pathlib import Path
from typing import Any

from spectral_bias.artefacts import read_json
from spectral_bias.errors import UserError
from spectral_bias.tracking.facts import MAX_PARAM, NOTE, as_text, flatten, valid_key
from spectral_bias.tracking.location import public_uri
from spectral_bias.tracking.store import Store, one_line, open_store

EXPERIMENT = "spectral-bias measure"


def record_measurement(uri: str, folder: Path) -> str:
    """Records a folder that `Measurement.save` wrote as a run: settings, numbers and all files.

    Args:
        uri: of the store, http(s)://… or sqlite:///….
        folder: of the measurement.

    Returns:
        The run's id.

    Raises:
        UserError: the store cannot be reached, or is of another kind.
    """
    try:
        store = open_store(uri, {EXPERIMENT: None})
        return _recorded(store, folder)
    except Exception as error:  # whatever it is, the results are there already
        raise UserError(
            f"--track: {public_uri(uri)} did not take the measurement ({one_line(error)}); the "
            f"results are in {folder}"
        ) from None


def _recorded(store: Store, folder: Path) -> str:
    from mlflow.entities import Metric, Param, RunTag

    content = read_json(folder / "measurement.json")
    known = {name: content[name] for name in ("network", "sampling", "versions") if name in content}
    settings = flatten(known | {"images": _without_lists(content["images"])})
    now = int(1000 * time.time())
    client = store.client
    run = client.create_run(store.experiments[EXPERIMENT], run_name=content["name"]).info.run_id
    client.log_batch(
        run,
        [Metric(name, value, now, 0) for name, value in _metrics(content).items()],
        [Param(valid_key(name), as_text(value, MAX_PARAM)) for name, value in settings],
        [RunTag(NOTE, "\n\n".join(content["sentences"]))],
    )
    client.log_artifacts(run, str(folder))
    client.set_terminated(run)
    return run


def _metrics(content: dict[str, Any]) -> dict[str, float]:
    found = {f"{row['kind']}_{row['quantity']}": row["value"] for row in content["summary"]}
    if content["accuracy"] is not None:
        found["accuracy"] = content["accuracy"]["value"]
    return found


def _without_lists(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if not isinstance(value, list)}
