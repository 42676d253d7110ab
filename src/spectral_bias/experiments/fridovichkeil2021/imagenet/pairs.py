"""Which images of a folder are used, and which pairs of them are joined by paths."""

from dataclasses import dataclass

import numpy as np

from spectral_bias.data.image_files import Listing
from spectral_bias.errors import UserError
from spectral_bias.measurements.pairs import most_between, paired_off
from spectral_bias.seeds import derived_generator


@dataclass(frozen=True)
class Plan:
    """Which images are used; the same for every network.

    Attributes:
        of_class: for each class, the indices of its images; the paths within a class join the
            first two, the next two, …
        n_within: paths within each class.
        between: (n, 2) indices of the ends of paths between two classes.
    """

    of_class: list[np.ndarray]
    n_within: int
    between: np.ndarray


def plan(listing: Listing, class_images: int, n_within: int, n_between: int, seed: int) -> Plan:
    """A seeded sample of images and pairs.

    Raises:
        UserError: a class has fewer images than asked for, or there are fewer pairs.
    """
    chosen = []
    for label, name in enumerate(listing.class_names):
        places = listing.of_class(label)
        if len(places) < class_images:
            raise UserError(
                f"{listing.folder}: class {name!r} has {len(places)} images, but "
                f"imagenet.interpolation.class_images asks for {class_images}; ask for fewer"
            )
        rng = derived_generator(seed, "imagenet", "class", name)
        chosen.append(rng.permutation(places)[:class_images])
    return Plan(chosen, n_within, between_pairs(listing.labels, n_between, seed))


def between_pairs(labels: np.ndarray, n_pairs: int, seed: int) -> np.ndarray:
    """(n_pairs, 2) pairs of images of two classes, see `measurements.pairs.paired_off`.

    Raises:
        UserError: there are not so many pairs.
    """
    most = most_between(labels)
    if n_pairs > most:
        raise UserError(
            f"imagenet.interpolation.n_between: {n_pairs} pairs of images of two classes, where "
            f"there are {most}; ask for fewer"
        )
    return paired_off(labels, n_pairs, derived_generator(seed, "imagenet", "between"))
