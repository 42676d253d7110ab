"""What a measuring job hands to the function that measures."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from spectral_bias.artefacts import read_json, read_meta, read_table, write_arrays, write_table
from spectral_bias.runtime.progress import Progress

if TYPE_CHECKING:
    import torch

    from spectral_bias.measurements.ensemble import FinishedRun


@dataclass(frozen=True)
class MeasuringJob:
    """The inputs of a measurement, and where it computes.

    Attributes:
        name: of the rule, and of the item where one of several is measured.
        item: that item; "" where there is one job for all.
        files: the files of each input, in the order in which the experiment names them.
        threads: CPU cores.
        wanted_device: the setting `device`.
    """

    name: str
    item: str
    files: Mapping[str, Sequence[Path]]
    threads: int
    wanted_device: str

    @cached_property
    def device(self) -> "torch.device":
        """Where to compute, once PyTorch has its number of threads."""
        from spectral_bias.runtime.device import choose_device

        self.limit_threads()
        return choose_device(self.wanted_device)

    def limit_threads(self) -> None:
        """Gives PyTorch its number of threads, for a measurement that computes on the CPU alone."""
        import torch

        torch.set_num_threads(self.threads)

    def ensemble(self, name: str) -> "FinishedRun":
        """The finished ensemble whose files are an input."""
        from spectral_bias.measurements.ensemble import FinishedRun

        return FinishedRun.of(self.files[name])

    def ensembles(self, name: str) -> "list[FinishedRun]":
        """The finished ensembles whose files, one after another, are an input."""
        from spectral_bias.measurements.ensemble import FinishedRun

        runs = groupby(self.files[name], key=lambda file: file.parent)
        return [FinishedRun.of(list(files)) for _, files in runs]

    def file(self, name: str, basename: str | None = None) -> Path:
        """The only file of an input, or the one of that name."""
        found = [f for f in self.files[name] if basename is None or f.name == basename]
        if len(found) != 1:
            wanted = basename or "one file"
            raise ValueError(f"{self.name}: input {name!r} has {len(found)} files, not {wanted}")
        return found[0]

    def table(self, name: str) -> pd.DataFrame:
        """The tables of an input, one below the other."""
        parts = [read_table(file) for file in self.files[name]]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def progress(self, total: int, unit: str) -> Progress:
        """Prints how far the measurement is."""
        return Progress(self.name.replace("_", " "), total, unit, stream=sys.stderr)


def write_measured(
    made: Mapping[str, Any],
    outputs: Mapping[str, str],
    files: Mapping[str, Sequence[Path]],
    made_from: Mapping[str, Sequence[str]],
    code_version: str,
) -> None:
    """Writes what was measured, each with the keys of the runs that it comes from.

    Args:
        made: tables, or arrays by name, by the name of the table (with .npz for arrays).
        outputs: the file of each table by its name without suffix.
        files: the files of each input.
        made_from: the inputs that a table names as its sources; all for a table that is not in it.
        code_version: of the code that measured.

    Raises:
        ValueError: what was made is not what the outputs name.
    """
    by_stem = {Path(name).stem: content for name, content in made.items()}
    if by_stem.keys() != outputs.keys():
        raise ValueError(f"measured {sorted(by_stem)}, but {sorted(outputs)} were to be measured")
    for name, path in outputs.items():
        inputs = made_from.get(name, files)
        keys = {key for given in inputs for file in files.get(given, ()) for key in run_keys(file)}
        meta = {"sources": sorted(keys), "code_version": code_version}
        if isinstance(by_stem[name], pd.DataFrame):
            write_table(path, by_stem[name], meta)
        else:
            write_arrays(path, by_stem[name], meta)


def run_keys(file: Path) -> list[str]:
    """Keys of the runs behind a file: of a run's record its own, of a table those of its facts."""
    if file.name == "run.json":
        return [read_json(file)["run_key"]]
    if file.suffix == ".csv" and file.with_suffix(".json").is_file():
        return list(read_meta(file)["sources"])
    return []
