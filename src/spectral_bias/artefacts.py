"""The one reader and one writer of every file that a stage hands to the next.

Arrays are .npz, tables .csv, parameters .safetensors, facts .json. Every write goes to a temporary
file that then takes the final name, so that no reader ever sees half a file; every read compares
the file with its checksum, see `checksums`. Facts about a table (`name.csv`) stand beside it in a
.json of the same stem.
"""

import glob
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spectral_bias.checksums import note, verify

if TYPE_CHECKING:
    import pandas as pd

META_KEY = "meta_json"


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; on success it replaces `path`, else it is removed.

    Both survive a power failure from then on. What processes that were killed left of the same file
    is removed first.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_over(path)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        temporary.touch()
        mode = temporary.stat().st_mode  # what umask asks for; some writers make files of their own
        yield temporary
        temporary.chmod(mode)
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def checked(path: str | Path) -> Iterator[Path]:
    """Like `replacing`, for a file whose readers are to `verify` that it is as it was written."""
    with replacing(path) as temporary:
        yield temporary
        note(path, temporary)


def _remove_left_over(path: Path) -> None:
    """Removes temporary files for `path` whose processes are gone."""
    for file in path.parent.glob(f".{glob.escape(path.stem)}.*{glob.escape(path.suffix)}"):
        pid = file.name.removeprefix(f".{path.stem}.").removesuffix(path.suffix)
        if pid.isdecimal() and not _runs(int(pid)):
            file.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # that of another user
    return True


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: str | Path, content: Any, plain: bool = False) -> None:
    """Writes `content` as indented JSON; NaN is refused, since it is not JSON.

    Args:
        path: of the file.
        content: what it will hold.
        plain: without a checksum, for files that users keep among their own.
    """
    with (replacing if plain else checked)(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Content of a .json file."""
    verify(path)
    return json.loads(Path(path).read_text())


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray], meta: Mapping) -> None:
    """Writes named arrays and a JSON-able `meta` to one compressed .npz."""
    packed = {META_KEY: np.array(json.dumps(meta))}
    with checked(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **packed, **arrays)


def read_arrays(path: str | Path) -> tuple[dict[str, np.ndarray], dict]:
    """(arrays, meta) of a file made by `write_arrays`."""
    verify(path)
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name != META_KEY}
        return arrays, json.loads(str(file[META_KEY]))


def read_array_meta(path: str | Path) -> dict:
    """The meta of a file made by `write_arrays`, without reading its arrays."""
    verify(path)
    with np.load(path, allow_pickle=False) as file:
        return json.loads(str(file[META_KEY]))


def write_table(
    path: str | Path,
    table: "pd.DataFrame",
    meta: Mapping | None = None,
    plain: bool = False,
) -> None:
    """Writes a tidy table as .csv (6 significant digits) and, if given, its facts beside it.

    Args:
        path: of the table.
        table: what it will hold.
        meta: its facts.
        plain: without a checksum, see `write_json`.
    """
    with (replacing if plain else checked)(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
    if meta is not None:
        write_json(Path(path).with_suffix(".json"), dict(meta))


def read_table(path: str | Path, text: Iterable[str] = ()) -> "pd.DataFrame":
    """A table made by `write_table`; columns named in `text` hold words, even 01 or NA."""
    import pandas as pd

    verify(path)
    words = dict.fromkeys(text, str)
    if not words:
        return pd.read_csv(path)
    numbers = [name for name in pd.read_csv(path, nrows=0) if name not in words]
    unknown = {name: [""] for name in numbers}
    return pd.read_csv(path, dtype=words, keep_default_na=False, na_values=unknown)


def read_meta(path: str | Path) -> dict:
    """The facts that stand beside a table or figure."""
    return read_json(Path(path).with_suffix(".json"))


def write_tensors(path: str | Path, tensors: Mapping[str, Any], meta: Mapping[str, str]) -> None:
    """Writes named torch tensors to .safetensors; `meta` values are text."""
    from safetensors.torch import save_file

    with checked(path) as temporary:
        save_file(dict(tensors), temporary, metadata=dict(meta))


def read_tensors(path: str | Path) -> dict[str, Any]:
    """Named torch tensors of a .safetensors file, on the CPU."""
    from safetensors.torch import load_file

    verify(path)
    return load_file(path)
