"""The tables of Experiment 9 of Rahaman et al. 2018, and the images that its figures show."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.experiments.rahaman2018.adversarial.neb import NebSettings
from spectral_bias.experiments.rahaman2018.adversarial.paths import (
    ADVERSARIAL,
    BATCH,
    TRAINING,
    Walk,
    end_points,
    softmax,
    walks,
)
from spectral_bias.experiments.rahaman2018.adversarial.repaired import BENT, STRAIGHT
from spectral_bias.measurements.classifier import FinishedClassifier, as_pixels
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.models.resnet import n_parameters
from spectral_bias.training.precision import float32_mode

PATH_COLUMNS = [
    *("path", "class", "class_name", "pair", "kind", "keeps_class", "lowest_softmax"),
    *("relative_length", "pivots"),
]


def measured(job: MeasuringJob, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of Figures 20 and 21, and the pixels of the images that they show.

    Args:
        job: inputs runs, the files of one classifier after another, and images.
        settings: see `walk_tables`.
    """
    folders = dict.fromkeys(file.parent for file in job.files["runs"])
    progress = job.progress(100 * len(folders), "percent of the paths of each network")
    found = []
    for number, folder in enumerate(folders):
        run = FinishedClassifier.of(folder, job.file("images"), job.device)

        def on_pairs(done: int, total: int, before: int = 100 * number) -> None:
            progress.update(before + 100 * done // total)

        with float32_mode(run.record["precision"]):
            found.append(walk_tables(run, settings, on_pairs))
    progress.close()
    named = {f"adversarial_{name}": table for name, table in joined([t for t, _ in found]).items()}
    return {**named, "adversarial_pixels.npz": {"pixels": found[0][1]}}


def joined(of_networks: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The tables of several networks, one below the other, with member, the number of the network.

    Shown images are those of the first network alone.
    """
    tables = {"images": of_networks[0]["images"]}
    for name in ("classifier", "attacks", "paths"):
        parts = [tables_of[name].assign(member=m) for m, tables_of in enumerate(of_networks)]
        filled = [part for part in parts if len(part)] or parts[:1]
        tables[name] = pd.concat(filled, ignore_index=True)
    return tables


def walk_tables(
    run: FinishedClassifier,
    settings: Mapping[str, Any],
    on_pairs: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[dict[str, pd.DataFrame], np.ndarray]:
    """Attacks, paths and shown images of Experiment 9.

    Args:
        run: the trained classifier.
        settings: n_training, n_adversarial, attack, neb, checked_points, shown_images.
        on_pairs: called with the number of pairs done, and of all.

    Returns:
        Tables classifier (see `classifier_table`), attacks (see `end_points`), paths (see
        `path_rows`) and images (see `Shown`), and the shown images (I, h, w, 3) uint8.
    """
    points, attacks = end_points(
        run, settings["n_training"], settings["n_adversarial"], settings["attack"]
    )
    pairs, n_points = points.pairs(), settings["checked_points"]
    kinds = ["-".join(points.kinds[i] for i in pair) for pair in pairs]
    names, shown = run.images.class_names, Shown(run, settings["shown_images"])
    neb = NebSettings(**settings["neb"], batch_size=BATCH[run.device.type])
    rows = [
        path_rows(STRAIGHT, numbers, walk, kinds, names)
        for numbers, walk in walks(run, points, pairs, n_points, None)
    ]
    classes = points.classes.tolist()
    of_class = first_mixed_pairs(kinds, [classes[i] for i, _ in pairs])
    for numbers, walk in walks(run, points, pairs, n_points, neb):
        rows.append(path_rows(BENT, numbers, walk, kinds, names))
        for number in (n for n in of_class if n in numbers):
            shown.add("fig21", of_class.index(number), BENT, walk, numbers.index(number))
        on_pairs(numbers[-1] + 1, len(pairs))
    paths = pd.concat(rows) if rows else pd.DataFrame(columns=PATH_COLUMNS)
    gained = most_gained(paths)
    if gained is not None:
        for row, (path, way) in enumerate(((BENT, neb), (STRAIGHT, None))):
            _, walk = next(walks(run, points, [pairs[gained]], n_points, way))
            shown.add("fig20", row, path, walk, 0)
    tables = {
        "classifier": classifier_table(run),
        "attacks": attacks,
        "paths": paths,
        "images": shown.table(),
    }
    return tables, shown.pixels()


def classifier_table(run: FinishedClassifier) -> pd.DataFrame:
    """metric, value: parameters of the network, training_accuracy and test_accuracy in [0, 1]."""
    images = run.images

    def accuracy(pixels: np.ndarray, labels: np.ndarray) -> float:
        called = softmax(run.on_pixels, run.placed(pixels)).argmax(1).cpu().numpy()
        return float((called == labels).mean())

    values = {
        "parameters": n_parameters(run.on_pixels),
        "training_accuracy": accuracy(images.train_images, images.train_labels),
        "test_accuracy": accuracy(images.test_images, images.test_labels),
    }
    return pd.DataFrame({"metric": list(values), "value": list(values.values())})


def path_rows(
    path: str, numbers: Sequence[int], walk: Walk, kinds: Sequence[str], names: Sequence[str]
) -> pd.DataFrame:
    """`PATH_COLUMNS` of some pairs on a path of one sort, bent or straight.

    keeps_class is 1 where all checked points are classified as the class, relative_length the
    length over that of the straight line, pivots the number of inner pivots.
    """
    keeps = (walk.called == walk.classes[:, None]).all(axis=1).astype(int)
    values = (
        *(path, walk.classes, np.array(names)[walk.classes], numbers, [kinds[n] for n in numbers]),
        *(keeps, walk.softmax.min(axis=1), walk.relative_length, walk.pivots),
    )
    return pd.DataFrame(dict(zip(PATH_COLUMNS, values, strict=True)))


def first_mixed_pairs(kinds: Sequence[str], classes: Sequence[int]) -> list[int]:
    """For Figure 21 the first pair of an adversarial and a training image of each class.

    A class without such a pair is left out.
    """
    first: dict[int, int] = {}
    for number, (kind, label) in enumerate(zip(kinds, classes, strict=True)):
        if kind == f"{ADVERSARIAL}-{TRAINING}":
            first.setdefault(label, number)
    return list(first.values())


def most_gained(paths: pd.DataFrame) -> int | None:
    """For Figure 20 the pair of adversarial images for which bending the line did most.

    That is, whose lowest softmax on the path exceeds that on the straight line by most; None
    without a pair of adversarial images.
    """
    both = paths[paths["kind"] == f"{ADVERSARIAL}-{ADVERSARIAL}"]
    if both.empty:
        return None
    lowest = both.pivot(index="pair", columns="path", values="lowest_softmax")
    return int((lowest[BENT] - lowest[STRAIGHT]).idxmax())


class Shown:
    """Points of paths for the figures; some of them with their image.

    Args:
        run: the trained classifier.
        n_images: images of a path, at equal distances.
    """

    COLUMNS = (
        *("figure", "row", "path", "class_name", "position", "called_name", "softmax"),
        *("relative_length", "image"),
    )

    def __init__(self, run: FinishedClassifier, n_images: int) -> None:
        self.run, self.n_images = run, n_images
        self.rows: list[pd.DataFrame] = []
        self.images: list[np.ndarray] = []

    def add(self, figure: str, row: int, path: str, walk: Walk, index: int) -> None:
        """All checked points of one path of a walk."""
        names = np.array(self.run.images.class_names)
        n_points = walk.softmax.shape[1]
        chosen = np.round(np.linspace(0, n_points - 1, self.n_images)).astype(int)
        image = np.full(n_points, np.nan)
        image[chosen] = len(self.images) + np.arange(self.n_images)
        self.images += list(as_pixels(walk.x[index, chosen]))
        values = (
            *(figure, row, path, names[walk.classes[index]], np.linspace(0, 1, n_points)),
            *(names[walk.called[index]], walk.softmax[index], walk.relative_length[index], image),
        )
        self.rows.append(pd.DataFrame(dict(zip(self.COLUMNS, values, strict=True))))

    def table(self) -> pd.DataFrame:
        """One row for each point; `image` is its number in `pixels`, empty for most."""
        if not self.rows:
            return pd.DataFrame(columns=list(self.COLUMNS))
        table = pd.concat(self.rows).sort_values(["figure", "row", "position"])
        return table.astype({"image": "Int64"})

    def pixels(self) -> np.ndarray:
        """(I, h, w, 3) uint8."""
        shape = (0, *self.run.images.train_images.shape[1:])
        return np.stack(self.images) if self.images else np.empty(shape, np.uint8)
