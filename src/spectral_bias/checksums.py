"""Checksums of files, in a hidden folder beside them: of `a.csv` in `.checksums/a.csv.sha256`.

They stand outside the files so that every kind has one and all stay plain: a table with a checksum
in it would be no table to other programs. A file without one, made by hand or by others, is read as
it is.
"""

import hashlib
import os
from pathlib import Path

from spectral_bias.errors import UserError

FOLDER = ".checksums"


def checksum_file(path: str | Path) -> Path:
    """Where the checksum of a file is kept."""
    path = Path(path)
    return path.parent / FOLDER / f"{path.name}.sha256"


def note(path: str | Path, content: Path) -> None:
    """Notes that `path` will hold what the file `content` holds now.

    The checksum before this one stays valid: a process that ends before it renames `content`
    leaves the old file, which is whole.
    """
    kept = checksum_file(path)
    kept.parent.mkdir(exist_ok=True)
    temporary = kept.with_name(f".{kept.name}.{os.getpid()}")
    try:
        temporary.write_text("\n".join([_checksum(content), *_noted(kept)[:1]]) + "\n")
        os.replace(temporary, kept)
    finally:
        temporary.unlink(missing_ok=True)


def verify(path: str | Path) -> None:
    """Does nothing if a file is as it was written, or if nobody noted how that was.

    Raises:
        UserError: it is not.
    """
    noted = _noted(checksum_file(path))
    if noted and _checksum(Path(path)) not in noted:
        raise UserError(
            f"{path}: is damaged or was edited, since its checksum is another than when it was "
            "written; remove it and run the same command again"
        )


def rename(path: Path, new: Path) -> None:
    """Gives a file and its checksum another name in the same folder."""
    kept = checksum_file(path)
    if kept.exists():
        os.replace(kept, checksum_file(new))
    os.replace(path, new)


def _noted(kept: Path) -> list[str]:
    try:
        return kept.read_text(errors="replace").split()
    except FileNotFoundError:
        return []


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
