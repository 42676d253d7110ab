"""What is known of a map-style data set of (image, label) without reading its images."""

from typing import Any

import numpy as np
from torch import Tensor, nn
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
    found = {_own_names(part) for part in _parts(dataset)}
    names = found.pop() if len(found) == 1 else None
    if names is not None and len(names) > labels.max():
        return names
    return tuple(str(label) for label in range(int(labels.max()) + 1))


def _own_names(dataset: Any) -> tuple[str, ...] | None:
    names = getattr(dataset, "classes", None)
    if names is None or getattr(dataset, "target_transform", None) is not None:
        return None
    return tuple(str(name) for name in names)


def _parts(dataset: Any) -> list:
    """The data sets that make up one, without what only chooses among images or joins them."""
    if isinstance(dataset, Subset):
        return _parts(dataset.dataset)
    if isinstance(dataset, ConcatDataset):
        return [inner for part in dataset.datasets for inner in _parts(part)]
    return [dataset]


def normalisation_of(dataset: Any) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Mean and standard deviation of the last Normalize among a data set's transforms.

    None where there is none, or where the parts of a data set have several.
    """
    found = {_own_normalisation(part) for part in _parts(dataset)}
    return found.pop() if len(found) == 1 else None


def _own_normalisation(dataset: Any) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    found = None
    for step in _steps(getattr(dataset, "transform", None)):
        if hasattr(step, "mean") and hasattr(step, "std"):
            found = _numbers(step.mean), _numbers(step.std)
    return found


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in np.atleast_1d(np.asarray(values)))


def _steps(transform: Any) -> list:
    inner = transform if isinstance(transform, nn.Sequential) else None
    inner = getattr(transform, "transforms", inner)
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
            kept = kept.tolist() if isinstance(kept, Tensor | np.ndarray) else list(kept)
            changed = getattr(dataset, "target_transform", None)
            return kept if changed is None else [changed(label) for label in kept]
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
        label = np.asarray(label)
        return label.size == 1 and np.issubdtype(label.dtype, np.integer)
    return isinstance(label, int | np.integer) and not isinstance(label, bool)
