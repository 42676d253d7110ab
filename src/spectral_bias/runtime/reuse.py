"""Takes a finished run over from another scale, where the very same run was trained before.

Light to import, so that a job that takes its run over ends before PyTorch would have been loaded.
"""

import logging
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from spectral_bias.artefacts import read_json, replacing

log = logging.getLogger(__name__)


def taken_over(key: str, outputs: Iterable[str | Path]) -> bool:
    """Whether another scale has the run called `key`; its files are then copied to `outputs`.

    Files are copied and not linked: the workflow touches what a job has made, and a time stamp that
    two scales shared would make the other scale's tables look old. run.json is copied as it is and
    so names the scale that trained the run.

    Args:
        key: of the run: settings, code, data and packages, see `provenance.run_key`.
        outputs: files to make, all in the folder results/<scale>/<paper>/<run>.
    """
    files = [Path(path) for path in outputs]
    folder = files[0].parent
    source = _finished(key, folder, [file.name for file in files])
    if source is None:
        return False
    for file in sorted(files, key=lambda file: file.name == "run.json"):  # last: all is there
        with replacing(file) as temporary:
            shutil.copyfile(source / file.name, temporary)
    shutil.rmtree(folder / "resume", ignore_errors=True)
    log.info("taken over from %s: the same run (key %s)", source, key)
    print(f"[{folder.name}] taken over from {source}", file=sys.stderr, flush=True)
    return True


def _finished(key: str, folder: Path, names: list[str]) -> Path | None:
    """The folder of a run of this key that another scale has whole."""
    _, paper, run = folder.parts[-3:]
    for record in sorted(folder.parents[2].glob(f"*/{paper}/{run}/run.json")):
        source = record.parent
        if source == folder or not all((source / name).is_file() for name in names):
            continue
        try:
            facts = read_json(record)
        except ValueError:
            continue
        if facts.get("run_key") == key and facts.get("status") == "finished":
            return source
    return None
