"""What Figures 20 and 21 of Rahaman et al. 2018 need from the classifier of Experiment 9.

For each class c there are *end points*: training images of c, and images of other classes that were
changed a little until the network calls them c. Each pair of end points of one class is joined by
the straight line and by a path of low energy -logit_c; images have values in [0, 1].
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from spectral_bias.data.images import WHITE
from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.adversarial.attack import targeted_pgd
from spectral_bias.experiments.rahaman2018.adversarial.neb import (
    NebSettings,
    Paths,
    auto_neb,
    norm,
    straight,
)
from spectral_bias.measurements.classifier import FinishedClassifier
from spectral_bias.measurements.path_points import points_at_once
from spectral_bias.seeds import derived_generator

ADVERSARIAL, TRAINING = "adversarial", "training"
CHUNK_BYTES = 2**28
"""Images on the paths that are checked at one time."""
BATCH = {"cpu": 256, "cuda": 4096}
"""Images that are changed by gradient steps at one time."""


@dataclass(frozen=True)
class EndPoints:
    """Images that the network calls the class they stand for.

    Attributes:
        x: (B, C, H, W) images in [0, 1].
        classes: (B,) the class of each.
        kinds: "adversarial" or "training" of each.
    """

    x: Tensor
    classes: Tensor
    kinds: list[str]

    def pairs(self) -> list[tuple[int, int]]:
        """All pairs of end points of one class, class after class, adversarial ones first."""
        classes = self.classes.tolist()
        order = sorted(range(len(classes)), key=lambda i: (classes[i], self.kinds[i]))
        return [(i, j) for i, j in combinations(order, 2) if classes[i] == classes[j]]


def softmax(network: nn.Module, x: Tensor) -> Tensor:
    """(B, classes) probabilities, a bounded number of images at a time."""
    with torch.no_grad():
        batches = x.split(points_at_once(x.device, x.shape))
        return torch.cat([network(batch).softmax(1) for batch in batches])


def end_points(
    run: FinishedClassifier, n_training: int, n_adversarial: int, attack: Mapping[str, Any]
) -> tuple[EndPoints, pd.DataFrame]:
    """End points of every class, and a table of all images that were to become one.

    Drawn at random: n_training training images of each class, and some training images of other
    classes to attack. What the network does not call the class in the end, because it is wrong
    about it or because the attack did not succeed, is no end point; of more than n_adversarial
    successful attacks the first are taken.

    Args:
        run: the trained classifier.
        n_training: training images of each class; fewer where there are not as many.
        n_adversarial: adversarial end points of each class, if that many attacks succeed.
        attack: candidates (images of other classes that are attacked for each class), budget
            (white is 255), steps, step_size (fraction of the budget).

    Returns:
        The end points, and a table kind, class, class_name, image (number in the training set),
        source_name (its own class), called_name, softmax (of `class`), succeeded (1 where it is
        called `class`, else 0), kept (1 where it became an end point).
    """
    drawn = _drawn(run, n_training, attack["candidates"])
    x = run.placed(run.images.train_images[drawn["image"]])
    classes = torch.tensor(drawn["class"].to_numpy(), device=run.device)
    attacked = torch.tensor((drawn["kind"] == ADVERSARIAL).to_numpy(), device=run.device)
    x[attacked] = _attacked(run, x[attacked], classes[attacked], attack)
    probability = softmax(run.on_pixels, x)
    called = probability.argmax(1).cpu().numpy()
    names = np.array(run.images.class_names)
    table = drawn.assign(
        class_name=names[drawn["class"]],
        source_name=names[run.images.train_labels[drawn["image"]]],
        called_name=names[called],
        softmax=probability.gather(1, classes[:, None]).squeeze(1).cpu().numpy(),
        succeeded=(called == drawn["class"]).astype(int),
    )
    most = table["kind"].map({ADVERSARIAL: n_adversarial, TRAINING: n_training})
    rank = table.groupby(["kind", "class"])["succeeded"].cumsum()
    table["kept"] = ((table["succeeded"] == 1) & (rank <= most)).astype(int)
    kept = np.flatnonzero(table["kept"])
    return EndPoints(x[kept], classes[kept], table["kind"].iloc[kept].tolist()), table


def _drawn(run: FinishedClassifier, n_training: int, n_attacked: int) -> pd.DataFrame:
    """kind, class, image: which images become, or are to become, end points of which class."""
    labels, settings, rows = run.images.train_labels, run.record["settings"], []
    for label in range(run.images.n_classes):
        for kind, own, count in ((ADVERSARIAL, False, n_attacked), (TRAINING, True, n_training)):
            rng = derived_generator(settings["seed"], settings["run"], label, kind)
            candidates = np.flatnonzero((labels == label) == own)
            chosen = rng.permutation(candidates)[:count]
            rows.append(pd.DataFrame({"kind": kind, "class": label, "image": chosen}))
    return pd.concat(rows, ignore_index=True)


def _attacked(
    run: FinishedClassifier, x: Tensor, targets: Tensor, attack: Mapping[str, Any]
) -> Tensor:
    size = BATCH[x.device.type]
    parts = [
        targeted_pgd(
            run.on_pixels,
            batch,
            wanted,
            budget=attack["budget"] / WHITE,
            steps=attack["steps"],
            step_size=attack["step_size"],
        )
        for batch, wanted in zip(x.split(size), targets.split(size), strict=True)
    ]
    return torch.cat(parts) if parts else x


def class_paths(
    run: FinishedClassifier,
    starts: Tensor,
    ends: Tensor,
    classes: Tensor,
    settings: NebSettings,
) -> Paths:
    """Paths of low -logit_c between images that the network calls c.

    Args:
        run: the trained classifier.
        starts: (P, C, H, W) one end of each path.
        ends: the other ends.
        classes: (P,) the class c of each path.
        settings: of the elastic band.

    Raises:
        UserError: an end is classified as another class; a path could not keep it.
    """
    for name, x in (("start", starts), ("end", ends)):
        called = softmax(run.on_pixels, x).argmax(1)
        wrong = torch.nonzero(called != classes).squeeze(1).tolist()
        if wrong:
            names, first = run.images.class_names, wrong[0]
            raise UserError(
                f"the {name} of path {first} ({len(wrong)} of {len(x)} are so) is called "
                f"{names[called[first]]!r} and not {names[classes[first]]!r}; give end points that "
                "the network calls the class of the path"
            )

    def energy(points: Tensor, path: Tensor) -> Tensor:
        return -run.on_pixels(points).gather(1, classes[path][:, None]).squeeze(1)

    return auto_neb(starts, ends, energy, settings, bounds=(0.0, 1.0))


@dataclass(frozen=True)
class Walk:
    """What the network says along P paths, at S points of each.

    Attributes:
        x: (P, S, C, H, W) the points, at equal distances.
        called: (P, S) class called.
        softmax: (P, S) probability of the class of the path.
        relative_length: (P,) length of each path over that of the straight line.
        pivots: (P,) inner pivots of each.
        classes: (P,) class of each.
    """

    x: Tensor
    called: np.ndarray
    softmax: np.ndarray
    relative_length: np.ndarray
    pivots: np.ndarray
    classes: np.ndarray


def walked(run: FinishedClassifier, paths: Paths, classes: Tensor, n_points: int) -> Walk:
    """`n_points` equidistant points of each path, both ends among them."""
    share = torch.linspace(0, 1, n_points, dtype=torch.float64, device=classes.device)
    x = paths.at(share)
    probability = softmax(run.on_pixels, x.flatten(0, 1)).unflatten(0, x.shape[:2])
    wanted = classes[:, None, None].expand(-1, n_points, 1)
    direct = norm(x[:, -1] - x[:, 0])
    return Walk(
        x,
        probability.argmax(2).cpu().numpy(),
        probability.gather(2, wanted).squeeze(2).cpu().numpy(),
        (paths.lengths() / direct).cpu().numpy(),
        np.bincount(paths.path.cpu().numpy()) - 2,
        classes.cpu().numpy(),
    )


def walks(
    run: FinishedClassifier,
    points: EndPoints,
    pairs: Sequence[tuple[int, int]],
    n_points: int,
    neb: NebSettings | None,
) -> Iterator[tuple[range, Walk]]:
    """Joins pairs by straight lines, or by paths of low energy if `neb` says how.

    Args:
        run: the trained classifier.
        points: end points.
        pairs: indices of two end points each.
        n_points: points of each path that are checked.
        neb: see above.

    Yields:
        The numbers of some pairs and their walk, chunk by chunk, so that memory stays bounded.
    """
    size = max(1, CHUNK_BYTES // (n_points * points.x[:1].nbytes)) if pairs else 1
    for begin in range(0, len(pairs), size):
        numbers = range(begin, min(begin + size, len(pairs)))
        first, second = (torch.tensor([pairs[n][side] for n in numbers]) for side in (0, 1))
        starts, ends, classes = points.x[first], points.x[second], points.classes[first]
        if neb is None:
            paths = straight(starts, ends, 0)
        else:
            paths = class_paths(run, starts, ends, classes, neb)
        yield numbers, walked(run, paths, classes, n_points)
