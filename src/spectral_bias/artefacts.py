"""The one reader and one writer of every file that a stage hands to the next.

Arrays are .npz, tables .csv, parameters .safetensors, facts .json. Every write goes to a temporary
file that then takes the final name, so that no reader ever sees half a file. Facts about a table
(`name.csv`) stand beside it in a .json of the same stem.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

META_KEY = "meta_json"


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; on success it replaces `path`, else it is removed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: str | Path, content: Any) -> None:
    """Writes `content` as indented JSON; NaN is refused, since it is not JSON."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Content of a .json file."""
    return json.loads(Path(path).read_text())


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray], meta: Mapping) -> None:
    """Writes named arrays and a JSON-able `meta` to one compressed .npz."""
    packed = {META_KEY: np.array(json.dumps(meta))}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **packed, **arrays)


def read_arrays(path: str | Path) -> tuple[dict[str, np.ndarray], dict]:
    """(arrays, meta) of a file made by `write_arrays`."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name != META_KEY}
        return arrays, json.loads(str(file[META_KEY]))


def read_array_meta(path: str | Path) -> dict:
    """The meta of a file made by `write_arrays`, without reading its arrays."""
    with np.load(path, allow_pickle=False) as file:
        return json.loads(str(file[META_KEY]))


def write_table(path: str | Path, table: "pd.DataFrame", meta: Mapping | None = None) -> None:
    """Writes a tidy table as .csv (6 significant digits) and, if given, its facts beside it."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
    if meta is not None:
        write_json(Path(path).with_suffix(".json"), dict(meta))


def read_table(path: str | Path, text: Iterable[str] = ()) -> "pd.DataFrame":
    """A table made by `write_table`; columns named in `text` hold words, even 01 or NA."""
    import pandas as pd

    words = dict.fromkeys(text, str)
    if not words:
        return pd.read_csv(path)
    numbers = [name for name in pd.read_csv(path, nrows=0) if name not in words]
    unknown = dict.fromkeys(numbers, [""])
    return pd.read_csv(path, dtype=words, keep_default_na=False, na_values=unknown)


def read_meta(path: str | Path) -> dict:
    """The facts that stand beside a table or figure."""
    return read_json(Path(path).with_suffix(".json"))


def write_tensors(path: str | Path, tensors: Mapping[str, Any], meta: Mapping[str, str]) -> None:
    """Writes named torch tensors to .safetensors; `meta` values are text."""
    from safetensors.torch import save_file

    with replacing(path) as temporary:
        save_file(dict(tensors), temporary, metadata=dict(meta))


def read_tensors(path: str | Path) -> dict[str, Any]:
    """Named torch tensors of a .safetensors file, on the CPU."""
    from safetensors.torch import load_file

    return load_file(path)
