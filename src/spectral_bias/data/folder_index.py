"""Looks through a folder of images before anything is trained on it or measured.

Every file is decoded once, in worker processes, so that a damaged one is named now and not hours
later. What was found stands in one .json: checksum, classes, counts, channel statistics.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Dataset

from spectral_bias.data.lazy_folder import Listing, opened
from spectral_bias.jobs import UserError
from spectral_bias.provenance import digest

WHITE = 255


class _Facts(Dataset):
    """For each image a dictionary of facts, or the message of what is wrong with it."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict[str, Any] | str:
        path = self.paths[index]
        try:
            image = opened(path)
        except UserError as error:
            return str(error)
        pixels = np.asarray(image.convert("RGB"), dtype=np.float64) / WHITE
        return {
            "hash": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
            "converted": image.mode != "RGB",
            "size": image.size,
            "mean": pixels.mean(axis=(0, 1)),
            "square": (pixels**2).mean(axis=(0, 1)),
        }


def index_folder(
    folder: str | Path,
    parts: Sequence[str],
    workers: int,
    check: Callable[[str, Mapping[str, int]], None] = lambda part, counts: None,
) -> dict[str, Any]:
    """What a folder holds, ready for JSON.

    Args:
        folder: holds the parts.
        parts: such as "train" and "val", each with a folder for each class.
        workers: processes that decode; 0 decodes in this one.
        check: called with each part and its images by class, before any file is read.

    Returns:
        folder, checksum (changes with any file or name), class_names, and for each part under its
        name what `part_facts` gives.

    Raises:
        UserError: a part is missing, the classes of two parts differ, or a file cannot be read.
    """
    listings = {part: Listing.of(folder, part) for part in parts}
    first = next(iter(listings.values()))
    for part, listing in listings.items():
        other = sorted({*first.class_names} ^ {*listing.class_names})
        if other:
            raise UserError(
                f"{folder}: only one of {parts[0]} and {part} has a class {', '.join(other[:5])}; "
                "give both all"
            )
    for part, listing in listings.items():
        check(part, listing.counts)
    found = {part: part_facts(listing, workers) for part, listing in listings.items()}
    sums = [facts.pop("checksum") for facts in found.values()]
    return {
        "folder": str(folder),
        "checksum": digest(*sums),
        "class_names": list(first.class_names),
        **found,
    }


def part_facts(listing: Listing, workers: int) -> dict[str, Any]:
    """checksum, n_images, counts by class, converted (images not RGB), sizes, mean and std.

    sizes are the least and the largest width and height; mean and std are those of the channels in
    [0, 1], with every image weighing the same.
    """
    loader = DataLoader(_Facts(listing.paths), batch_size=64, num_workers=workers, collate_fn=list)
    hashes, sizes, means, squares, converted = [], [], [], [], 0
    for batch in loader:
        for facts in batch:
            if isinstance(facts, str):
                raise UserError(facts)
            hashes.append(facts["hash"])
            sizes.append(facts["size"])
            means.append(facts["mean"])
            squares.append(facts["square"])
            converted += facts["converted"]
    names = [str(Path(path).relative_to(listing.folder)) for path in listing.paths]
    mean = np.mean(means, axis=0)
    return {
        "checksum": digest(*names, *hashes),
        "n_images": len(listing),
        "counts": listing.counts,
        "converted": int(converted),
        "sizes": {"least": np.min(sizes, 0).tolist(), "largest": np.max(sizes, 0).tolist()},
        "mean": [round(float(v), 5) for v in mean],
        "std": [round(float(v), 5) for v in np.sqrt(np.mean(squares, axis=0) - mean**2)],
    }


def require_images(counts: Mapping[str, int], needed: int, why: str, folder: str) -> None:
    """Does nothing if every class has `needed` images.

    Raises:
        UserError: names the class with the fewest.
    """
    name = min(counts, key=lambda key: counts[key])
    if counts[name] < needed:
        raise UserError(
            f"{folder}: class {name!r} has {counts[name]} images, but {why}; lower the setting or "
            "give the class more images"
        )
