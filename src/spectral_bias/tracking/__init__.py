"""MLflow as a view of the results, for people; no other stage reads it back.

The files under results/ are the truth. `LiveRun` shows a long training run while it lasts, `track`
brings whatever the files hold into the store, as often as wanted, `track_runs` brings in the runs
of one paper ahead of it, and `init_store` makes the store before anything logs. None of them raises
when the store fails: training results do not depend on it. Only this package imports mlflow, and
only when it is needed, since that takes 3-4 seconds.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "LiveRun": "live",
    "record_measurement": "measurements",
    "init_store": "store",
    "live_uri": "location",
    "public_uri": "location",
    "shared_disk": "location",
    "track": "importer",
    "track_runs": "importer",
    "tracking_uri": "location",
    "unfinished": "location",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    # Every job reads the Snakefile, which needs `unfinished` but not the pandas of the others.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
