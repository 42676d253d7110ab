"""What is known of a map-style data set of (image, label) without reading its images."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import ConcatDataset, Subset, TensorDataset

from spectral_bias.errors import UserError

LABELS = ("targets", "labels", "_labels")
"""Attributes under which data sets keep the label of every image."""


def labels_of(dataset: Any) -> np.ndarray:
    """(M,) the label of every image, 0 and above.

    They are taken from where torchvision's data sets keep them; only where there are none is every
    item of the data set read.

    Raises:
        UserError: a label is no whole number, or below 0.
    """
    labels = _kept(dataset)
    if labels is None:
        labels = [_label(dataset, index) for index in range(len(dataset))]
    found = np.asarray([int(label) if _is_whole(label) else -1 for label in labels])
    if len(found) != len(dataset) or (found < 0).any():
        bad = int(np.argmax(found < 0)) if len(found) == len(dataset) else None
        where = f"{len(found)} for {len(dataset)} images" if bad is None else f"of image {bad}"
        raise UserError(f"labels: {where}; every image needs one class, numbered from 0")
    return found


def class_names_of(dataset: Any, labels: np.ndarray) -> tuple[str, ...]:
    """Names of the classes, from the data set if it has any; otherwise their numbers."""
    inner = dataset
    while isinstance(inner, Subset):
        inner = inner.dataset
    names = getattr(inner, "classes", None)
    if names is not None and len(names) > labels.max():
        return tuple(str(name) for name in names)
    return tuple(str(label) for label in range(int(labels.max()) + 1))


def normalisation_of(dataset: Any) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Mean and standard deviation of the last Normalize among a data set's transforms."""
    inner = dataset
    while isinstance(inner, Subset):
        inner = inner.dataset
    found = None
    for step in _steps(getattr(inner, "transform", None)):
        if hasattr(step, "mean") and hasattr(step, "std"):
            found = tuple(tuple(float(value) for value in _list(part)) for part in _both(step))
    return found


def _both(step: Any) -> tuple[Any, Any]:
    return step.mean, step.std


def _list(values: Any) -> list:
    return list(values) if isinstance(values, Iterable) else [values]


def _steps(transform: Any) -> list:
    inner = getattr(transform, "transforms", None)
    if inner is None:
        return [transform]
    return [step for part in inner for step in _steps(part)]


def _kept(dataset: Any) -> Any:
    """The labels where a data set of a known kind keeps them; None otherwise."""
    if isinstance(dataset, Subset):
        kept = _kept(dataset.dataset)
        return None if kept is None else [kept[int(index)] for index in dataset.indices]
    if isinstance(dataset, ConcatDataset):
        parts = [_kept(part) for part in dataset.datasets]
        return None if any(part is None for part in parts) else [v for part in parts for v in part]
    if isinstance(dataset, TensorDataset):
        return dataset.tensors[1].tolist() if len(dataset.tensors) > 1 else None
    for name in LABELS:
        kept = getattr(dataset, name, None)
        if kept is not None and not callable(kept) and len(kept) == len(dataset):
            return kept.tolist() if isinstance(kept, Tensor | np.ndarray) else list(kept)
    return None


def _label(dataset: Any, index: int) -> Any:
    item = dataset[index]
    if not isinstance(item, tuple | list) or len(item) < 2:
        raise UserError(
            f"images: item {index} of the data set is {type(item).__name__}, not (image, label)"
        )
    return item[1]


def _is_whole(label: Any) -> bool:
    if isinstance(label, Tensor | np.ndarray):
        return label.size == 1 if isinstance(label, np.ndarray) else label.numel() == 1
    return isinstance(label, int | np.integer) and not isinstance(label, bool)
