"""Looks through a folder of images before anything is trained on it or measured.

Every file is decoded once, by several threads, so that a damaged one is named now and not hours
later. What was found stands in one .json: checksum, classes, counts, channel statistics.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from spectral_bias.data.image_files import Listing, opened, require_same_classes
from spectral_bias.errors import UserError
from spectral_bias.provenance import digest

WHITE = 255


def image_facts(path: str) -> dict[str, Any]:
    """hash (SHA-256), converted (whether it is not RGB), size, mean and mean square by channel.

    Raises:
        UserError: the file cannot be read; names it.
    """
    image = opened(path)
    pixels = np.asarray(image.convert("RGB"), dtype=np.float32) / WHITE
    return {
        "hash": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        "converted": image.mode != "RGB",
        "size": image.size,
        "mean": pixels.mean(axis=(0, 1), dtype=np.float64),
        "square": (pixels**2).mean(axis=(0, 1), dtype=np.float64),
    }


def index_folder(
    folder: str | Path,
    parts: Sequence[str],
    threads: int,
    check: Callable[[str, Mapping[str, int]], None] = lambda part, counts: None,
) -> dict[str, Any]:
    """What a folder holds, ready for JSON.

    Args:
        folder: holds the parts.
        parts: such as "train" and "val", each with a folder for each class.
        threads: that decode; decoding lets others run.
        check: called with each part and its images by class, before any file is read.

    Returns:
        folder, checksum (changes with any file or name), class_names, and for each part under its
        name what `part_facts` gives.

    Raises:
        UserError: a part is missing, the classes of two parts differ, or a file cannot be read.
    """
    listings = {part: Listing.of(folder, part) for part in parts}
    first = next(iter(listings.values()))
    for listing in listings.values():
        require_same_classes(first, listing)
    for part, listing in listings.items():
        check(part, listing.counts)
    found = {part: part_facts(listing, threads) for part, listing in listings.items()}
    sums = [facts.pop("checksum") for facts in found.values()]
    return {
        "folder": str(folder),
        "checksum": digest(*sums),
        "class_names": list(first.class_names),
        **found,
    }


def part_facts(listing: Listing, threads: int) -> dict[str, Any]:
    """checksum, n_images, counts by class, converted (images not RGB), sizes, mean and std.

    sizes are the least and the largest width and height; mean and std are those of the channels in
    [0, 1], with every image weighing the same.
    """
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(image_facts, listing.paths))
    means = np.array([facts["mean"] for facts in found])
    squares = np.array([facts["square"] for facts in found])
    sizes = np.array([facts["size"] for facts in found])
    names = [str(Path(path).relative_to(listing.folder)) for path in listing.paths]
    mean = means.mean(axis=0)
    return {
        "checksum": digest(*names, *(facts["hash"] for facts in found)),
        "n_images": len(listing),
        "counts": listing.counts,
        "converted": sum(facts["converted"] for facts in found),
        "sizes": {"least": sizes.min(0).tolist(), "largest": sizes.max(0).tolist()},
        "mean": [round(float(v), 5) for v in mean],
        "std": [round(float(v), 5) for v in np.sqrt(squares.mean(axis=0) - mean**2)],
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
