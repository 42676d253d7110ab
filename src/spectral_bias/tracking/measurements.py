"""Measurements of users' own networks, recorded in a store of theirs."""

from pathlib import Path
from typing import Any

from spectral_bias.artefacts import read_json
from spectral_bias.errors import UserError
from spectral_bias.tracking.location import checked, masked, public_uri

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
        checked(uri)
    except ValueError as error:
        raise UserError(f"--track: {error}") from None
    from spectral_bias.tracking.facts import flatten
    from spectral_bias.tracking.store import prepare_environment

    prepare_environment()
    import mlflow
    from mlflow.exceptions import MlflowException

    content = read_json(folder / "measurement.json")
    try:
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run(run_name=content["name"]) as run:
            settings = {name: content[name] for name in ("network", "sampling", "versions")
                        if name in content}  # fmt: skip
            settings["images"] = _without_lists(content["images"])
            mlflow.log_params(dict(flatten(settings)))
            mlflow.log_metrics(_metrics(content))
            mlflow.set_tag("mlflow.note.content", "\n\n".join(content["sentences"]))
            mlflow.log_artifacts(str(folder))
    except (MlflowException, OSError) as error:
        reason = masked(" ".join(str(error).split()))[:200]
        raise UserError(
            f"--track: {public_uri(uri)} did not take the measurement ({reason}); the results are "
            f"in {folder}"
        ) from None
    return run.info.run_id


def _metrics(content: dict[str, Any]) -> dict[str, float]:
    found = {f"{row['kind']}_{row['quantity']}": row["value"] for row in content["summary"]}
    if content["accuracy"] is not None:
        found["accuracy"] = content["accuracy"]["value"]
    return found


def _without_lists(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if not isinstance(value, list)}
