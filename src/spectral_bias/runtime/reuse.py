"""Takes a finished run over, where another scale or another process has trained the very same.

Light to import, so that a job that takes its run over ends before PyTorch would have been loaded.
"""

import logging
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from spectral_bias.artefacts import checked, read_json
from spectral_bias.checksums import verify
from spectral_bias.errors import UserError

log = logging.getLogger(__name__)

RESUME = "resume"
"""Of a run's folder: what it needs until it is finished."""


def taken_over(key: str, outputs: Iterable[str | Path]) -> bool:
    """Whether the run called `key` is there already; of another scale the files are then copied.

    In its own folder it is there where another process finished it while this one waited for it,
    since the workflow removes what a job is to make before the job starts.

    Files are copied and not linked: the workflow touches what a job has made, and a time stamp that
    two scales shared would make the other scale's tables look old. run.json is copied as it is and
    so names the scale that trained the run.

    Args:
        key: of the run: settings, code, data and packages, see `provenance.run_key`.
        outputs: files to make, all in the folder results/<scale>/<paper>/<run>.
    """
    files = [Path(path) for path in outputs]
    folder, names = files[0].parent, [file.name for file in files]
    if _is_finished(folder, key, names):
        return _said(folder, "another process has trained it")
    source = _elsewhere(key, folder, names)
    if source is None:
        return False
    for file in sorted(files, key=lambda file: file.name == "run.json"):  # last: all is there
        with checked(file) as temporary:
            shutil.copyfile(source / file.name, temporary)
    log.info("taken over from %s: the same run (key %s)", source, key)
    return _said(folder, f"taken over from {source}")


def _said(folder: Path, line: str) -> bool:
    """Tells the user how a run came to be there, and removes what training would have needed."""
    shutil.rmtree(folder / RESUME, ignore_errors=True)
    print(f"[{folder.name}] {line}", file=sys.stderr, flush=True)
    return True


def _elsewhere(key: str, folder: Path, names: list[str]) -> Path | None:
    """The folder of a run of this key that another scale has whole."""
    _, paper, run = folder.parts[-3:]
    for record in sorted(folder.parents[2].glob(f"*/{paper}/{run}/run.json")):
        if record.parent != folder and _is_finished(record.parent, key, names):
            return record.parent
    return None


def _is_finished(folder: Path, key: str, names: list[str]) -> bool:
    """Whether a folder holds the finished run of this key, with all of its files whole."""
    if not all((folder / name).is_file() for name in names):
        return False
    try:
        facts = read_json(folder / "run.json")
        if facts.get("run_key") != key or facts.get("status") != "finished":
            return False
        for name in names:
            verify(folder / name)
    except (ValueError, UserError) as error:
        log.warning("%s is not taken for finished: %s", folder, error)
        return False
    return True
