"""Arrays that a user saved: logits of one or several epochs, labels, normalised images.

Shape suffixes: M images, K classes, E epochs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spectral_bias.errors import UserError, among
from spectral_bias.toolkit.inputs.checks import LOGITS, OUTPUTS, PROBABILITIES, SUM

SUFFIXES = (".npy", ".npz", ".pt", ".pth", ".safetensors", ".csv", ".txt")
LABELS, IMAGES = ("labels", "label", "y"), ("images", "x")
"""Names under which files of several arrays hold the one that is wanted, or a table its column."""


def natural_order(paths: Sequence[str | Path]) -> list[Path]:
    """Paths by the numbers in them: epoch_9 comes before epoch_10."""
    return sorted(
        map(Path, paths),
        key=lambda path: [
            int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", str(path))
        ],
    )


def read_logits(paths: Sequence[Path], outputs: str = LOGITS) -> Iterator[tuple[str, np.ndarray]]:
    """Yields a text that names the place, and logits (M, K) float32, of each epoch.

    Args:
        paths: files that hold (M, K) or (E, M, K) each, in the order of training.
        outputs: one of `OUTPUTS`: what they hold. The logits of probabilities are their logarithms.

    Raises:
        UserError: a file cannot be read, has another shape than the first, holds numbers that are
            not finite, or not what `outputs` says.
    """
    if outputs not in OUTPUTS:
        raise UserError(f"--outputs: {outputs!r} is unknown{among(outputs, OUTPUTS)}")
    first: tuple[int, ...] | None = None
    for path in paths:
        found = read_array(path, (LOGITS,))
        epochs = found[None] if found.ndim == 2 else found
        if epochs.ndim != 3 or not epochs.size or epochs.shape[2] < 2:
            raise UserError(
                f"{path}: has the shape {found.shape}; give logits (M, K) of M images and K "
                "classes, at least 2, or (E, M, K) of E epochs"
            )
        first = first or epochs.shape[1:]
        if epochs.shape[1:] != first:
            raise UserError(
                f"{path}: holds logits of (images, classes) = {epochs.shape[1:]}, the first file "
                f"of {first}; give the same images and classes"
            )
        for number, values in enumerate(epochs, 1):
            place = str(path) if len(epochs) == 1 else f"{path}: epoch {number}"
            yield place, _logits(np.array(values, dtype=np.float32), place, outputs)


def _logits(values_MK: np.ndarray, place: str, outputs: str) -> np.ndarray:
    broken = int((~np.isfinite(values_MK)).sum())
    if broken:
        raise UserError(
            f"{place}: {broken} of {values_MK.size} numbers are not finite; leave out epochs after "
            "which a training has diverged"
        )
    sums = values_MK.sum(axis=1)
    likely = bool((values_MK >= 0).all() and (np.abs(sums - 1) < SUM).all())
    if outputs == PROBABILITIES:
        if not likely:
            raise UserError(
                f"{place}: holds no probabilities, which are not negative and have the sum 1 over "
                "the classes; give --outputs logits"
            )
        return np.log(np.maximum(values_MK, np.finfo(np.float32).tiny))
    if likely:
        raise UserError(
            f"{place}: holds probabilities: no number is negative, and all rows have the sum 1; "
            "give --outputs probabilities, or logits"
        )
    return values_MK


def read_labels(path: str | Path) -> np.ndarray:
    """(M,) int64: a class for each image.

    Raises:
        UserError: the file cannot be read or holds something else.
    """
    found = read_array(path, LABELS)
    labels = found.reshape(-1) if found.ndim == 2 and 1 in found.shape else found
    whole = np.issubdtype(labels.dtype, np.number) and np.isfinite(labels).all()
    if labels.ndim != 1 or not labels.size or not whole or (labels != np.floor(labels)).any():
        raise UserError(
            f"{path}: holds no labels; give one whole number for each image, the index of its class"
        )
    return labels.astype(np.int64)


def read_array(path: str | Path, names: Sequence[str]) -> np.ndarray:
    """The array of a file, or that of several which has one of some names.

    Raises:
        UserError: there is no such file, or it cannot be read, or holds no such array.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    if path.suffix not in SUFFIXES:
        raise UserError(f"{path}: is of an unknown type; give one of {', '.join(SUFFIXES)}")
    try:
        found = _content(path)
    except UserError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise UserError(f"{path}: cannot be read ({reason}); save the array anew") from None
    if isinstance(found, Mapping):
        known = list(found)
        chosen = [name for name in names if name in found]
        if not chosen and len(known) != 1:
            raise UserError(f"{path}: holds no {names[0]!r}{among(names[0], map(str, known))}")
        found = found[chosen[0] if chosen else known[0]]
    return _as_array(found, path)


def _content(path: Path) -> Any:
    match path.suffix:
        case ".npy":
            # Epochs are then read as they are needed.
            return np.load(path, mmap_mode="r", allow_pickle=False)
        case ".npz":
            with np.load(path, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        case ".safetensors":
            from spectral_bias.artefacts import read_tensors

            return read_tensors(path)
        case ".csv":
            import pandas as pd

            return {name: column.to_numpy() for name, column in pd.read_csv(path).items()}
        case ".txt":
            return np.loadtxt(path, ndmin=1)
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def _as_array(found: Any, path: Path) -> np.ndarray:
    if isinstance(found, np.ndarray):
        return found
    if hasattr(found, "is_floating_point"):  # a tensor, which may be in bfloat16
        found = found.detach()
        return (found.float() if found.is_floating_point() else found).numpy(force=True)
    raise UserError(f"{path}: holds {type(found).__name__} instead of an array; save one alone")
