"""Where the tracking store is, and how a local SQLite store is kept whole. Needs no MLflow."""

import fcntl
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from spectral_bias.tracking.network_disk import network_file_system

SQLITE = "sqlite:///"
ADDRESS = "MLFLOW_TRACKING_URI"
SECRETS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
"""Variables of MLflow that nobody else is to see."""
SHORTEST_SECRET = 4
"""Shorter ones stand in ordinary words too."""
_CREDENTIALS = re.compile(r"//\S*@")
"""Up to the last @ of a word, since passwords may hold / and @."""
RUN_NOTE = "MLflow run "
"""Begins what is noted on an error that ended a run of the store, before the run's id."""


def tracking_uri(results: str | Path = "results", configured: str | None = None) -> str:
    """The store to use: `configured`, else `MLFLOW_TRACKING_URI`, else SQLite under `results`.

    Args:
        results: Folder of all results; the local store is results/mlflow/mlflow.db.
        configured: Address from the configuration, or nothing for the local store.
    """
    uri = configured or os.environ.get(ADDRESS)
    return uri or f"{SQLITE}{Path(results).resolve() / 'mlflow' / 'mlflow.db'}"


def checked(uri: str) -> str:
    """`uri` if it is of a kind that works here.

    Raises:
        ValueError: The address is neither http(s)://<host> nor sqlite:///<file>, or its password
            holds a sign that ends it, so that parts of it would be taken for host or path.
    """
    if not (_names_a_file(uri) if uri.startswith(SQLITE) else _names_a_host(uri)):
        raise ValueError(
            f"tracking address {public_uri(uri)!r}: expected http://…, https://… or sqlite:///…, "
            "a password with %2F for / and %40 for @; "
            "set tracking.uri or MLFLOW_TRACKING_URI accordingly, or leave both empty"
        )
    return uri


def fit_for_files(uri: str) -> str:
    """`uri` if it works here and may stand in files, which are passed on.

    Raises:
        ValueError: See `checked`; or it holds a user name, a password or a token.
    """
    parts = urlsplit(checked(uri))
    if not uri.startswith(SQLITE) and ("@" in parts.netloc or parts.query or parts.fragment):
        raise ValueError(
            "holds a password or a token, and settings are written into reports and logs; leave "
            "null here, and set the environment variable MLFLOW_TRACKING_URI to the whole address"
        )
    return uri


def _names_a_file(uri: str) -> bool:
    return bool(uri.removeprefix(SQLITE).strip("/")) and "\0" not in uri


def _names_a_host(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number
        return False
    after = "".join((parts.path, parts.query, parts.fragment))
    return whole and "@" not in after and uri.split() == [uri]


def local_database(uri: str) -> Path | None:
    """The database file of a SQLite address, absolute; None for a server."""
    return Path(uri.removeprefix(SQLITE)).resolve() if uri.startswith(SQLITE) else None


def shared_disk(uri: str) -> str | None:
    """Type of the network file system that a SQLite store lies on; None for any other store."""
    database = local_database(uri)
    return None if database is None else network_file_system(database)


def live_uri(uri: str) -> str | None:
    """The store to which jobs send their curves while they train; None for none.

    On a network file system, where locks are unreliable, jobs on several machines would damage a
    database. `track` alone, which is one process, brings everything into it at the end.
    """
    return None if shared_disk(uri) else uri


def public_uri(uri: str) -> str:
    """`uri` fit for a file that may be passed on: no password, and no path above this folder."""
    database = local_database(uri)
    if database is not None:
        inside = database.is_relative_to(Path.cwd())
        return f"{SQLITE}{database.relative_to(Path.cwd()) if inside else database}"
    scheme, mark, rest = uri.partition("://") if "://" in uri else ("", "", uri)
    return scheme + mark + re.split("[?#]", rest.rpartition("@")[2])[0]


def masked(text: str) -> str:
    """`text` without user names and passwords of addresses.

    What the environment keeps secret is not shown wherever it stands, since errors also quote parts
    of an address.
    """
    for secret in _secrets():
        text = text.replace(secret, "***")
    return _CREDENTIALS.sub("//", text)


def _secrets() -> list[str]:
    """Passwords in the environment, the longest first."""
    known = [os.environ.get(name, "") for name in SECRETS]
    inside = os.environ.get(ADDRESS, "").partition("://")[2].rpartition("@")[0]
    known += [inside, inside.partition(":")[2]]
    known += [unquote(secret) for secret in known]
    return sorted({secret for secret in known if len(secret) >= SHORTEST_SECRET}, key=len)[::-1]


def unfinished(outcome: str | Path, uri: str) -> str:
    """Empty if what `track` wrote to `outcome` still holds, else a text that is new each time.

    As a parameter of the rule that tracks, it makes the next call of the workflow try again after
    a failure, or fill a local store that was removed.
    """
    outcome, database = Path(outcome), local_database(uri)
    if not outcome.exists():
        return ""
    tracked = _tracked(outcome)
    # Of another store the rule knows by its address that it is to be filled.
    is_lost = tracked.get("tracking_uri") == public_uri(uri) and database and not database.exists()
    if tracked.get("problem", "damaged") is None and not is_lost:
        return ""
    return f"since {outcome.stat().st_mtime_ns}"


def _tracked(outcome: Path) -> dict[str, Any]:
    """What `track` wrote; nothing if that cannot be read."""
    try:
        content = json.loads(outcome.read_text())
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def artifact_location(database: Path, experiment: str) -> str:
    """file:// address of the artifacts of one experiment of a local store.

    It is always given to MLflow, which would else take the working directory of whichever process
    happens to create the experiment.
    """
    return (database.parent / "artifacts" / experiment).as_uri()


@contextmanager
def exclusive(database: Path) -> Iterator[None]:
    """Only one process at a time is inside, for one database; a process that dies lets go.

    MLflow builds its tables in many steps without a lock: of several processes that create one
    database together hardly any succeeds, and a half-made database cannot be repaired.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def relocate(database: Path) -> int:
    """Makes the artifacts of a moved store reachable again; call it inside `exclusive`.

    MLflow stores absolute artifact addresses, for experiments and for runs. Where the database now
    lies elsewhere, those that follow the layout of `artifact_location` are rewritten.

    Returns:
        Number of experiments whose address was rewritten.
    """
    moved = 0
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        rows = connection.execute("SELECT experiment_id, name, artifact_location FROM experiments")
        for number, name, old in rows.fetchall():
            new = artifact_location(database, name)
            if old == new or not (old or "").endswith(f"/artifacts/{name}"):
                continue
            connection.execute(
                "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
                (new, number),
            )
            connection.execute(
                "UPDATE runs SET artifact_uri = ? || substr(artifact_uri, ?)"
                " WHERE experiment_id = ? AND substr(artifact_uri, 1, ?) = ?",
                (new, len(old) + 1, number, len(old) + 1, f"{old}/"),
            )
            moved += 1
    return moved
