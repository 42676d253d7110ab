"""Folders of results that appear whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spectral_bias.errors import UserError


@contextmanager
def new_folder(path: str | Path) -> Iterator[Path]:
    """Yields a temporary folder for files that take their place in `path` once all are written.

    When anything goes wrong, the temporary folder is removed, and so are folders above `path` that
    were made for it. It lies beside `path`; if `path` is an empty folder already, which may be the
    current one or a disk of its own, it lies inside.

    Raises:
        UserError: `path` is a file or a folder that is not empty, or may not be written.
    """
    path = Path(path).absolute()
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        said = "a folder that is not empty" if path.is_dir() else "a file"
        raise UserError(f"{path}: is {said}; name a new folder for the results")
    home = path if path.exists() else path.parent
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    temporary = home / f".{path.name}.{os.getpid()}"
    try:
        _make(temporary, path)
        yield temporary
        if home is path:
            for file in temporary.iterdir():
                os.replace(file, path / file.name)
        else:
            os.replace(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        for folder in made:
            with suppress(OSError):  # someone else may have used it, or it was never made
                folder.rmdir()
        raise
    shutil.rmtree(temporary, ignore_errors=True)


def _make(temporary: Path, path: Path) -> None:
    try:
        temporary.mkdir(parents=True)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be made ({error.strerror}); name a folder where you may write"
        ) from None
