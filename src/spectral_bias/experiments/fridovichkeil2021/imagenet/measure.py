"""Frequency along paths between larger images, and diversity of their classes (figures 14, 15).

Every network is measured on the same images: of each class some, drawn by a seed, between which
the paths within classes run and whose diversity is taken, and a seeded sample of pairs of two
classes. Images are read class by class, so that memory holds one class at a time.

Shape suffixes: N images, C channels, H and W pixels, D numbers of each image.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from spectral_bias.artefacts import read_json
from spectral_bias.data.image_files import TEST, Listing
from spectral_bias.data.lazy_folder import LazyImages
from spectral_bias.data.photograph_folder import read_levels
from spectral_bias.experiments.fridovichkeil2021.imagenet.diversity import (
    compressed_bytes,
    mean_image,
    mean_pairwise_distance,
)
from spectral_bias.experiments.fridovichkeil2021.imagenet.models import (
    MeasuredNetwork,
    measured_network,
)
from spectral_bias.experiments.fridovichkeil2021.imagenet.pairs import Plan, plan
from spectral_bias.experiments.fridovichkeil2021.imagenet.tables import (
    CLASS_COLUMNS,
    MEASURES,
    MODEL_COLUMNS,
    SPECTRA_COLUMNS,
)
from spectral_bias.measurements.measured_paths import measure_paths
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.pairs import BETWEEN, WITHIN
from spectral_bias.measurements.path_points import points_at_once
from spectral_bias.models.features import features
from spectral_bias.models.resnet import n_parameters
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.precision import float32_mode

PAIRS_AT_ONCE = 32


def measured(
    job: MeasuringJob,
    network: Mapping[str, Any],
    paths: Mapping[str, Any],
    seed: int,
    precision: str,
) -> dict[str, pd.DataFrame]:
    """Tables models, spectra and classes of one network.

    Args:
        job: inputs index, of the folder of images, and network, the files that hold it.
        network: what it is, an entry of `ImageNet.measurements`.
        paths: settings: images, pairs, sampling.
        seed: of the choice of images and pairs.
        precision: of float32 products.
    """
    index = read_json(job.file("index"))
    listing = Listing.of(index["folder"], TEST)
    n_classes = len(listing.class_names)
    model = measured_network(job.item, network, job.files["network"], n_classes, job.device)
    counts = {key: paths[key] for key in ("class_images", "n_within", "n_between")}
    chosen = plan(listing, **counts, seed=seed)
    progress = job.progress(100, "percent of the paths")
    with float32_mode(precision):
        tables = tables_of(
            model,
            listing,
            chosen,
            Sampling(paths["spacing"], paths["n_samples"], paths["n_bins"]),
            read_levels(index["folder"]),
            high=paths["high"],
            # bfloat16 is a matter of training: its noise has all frequencies.
            precision="tf32" if precision == "tf32" else "float32",
            workers=job.threads - 1,
            on_share=lambda share: progress.update(int(100 * share), share),
        )
    progress.close()
    return tables


def tables_of(
    model: MeasuredNetwork,
    listing: Listing,
    chosen: Plan,
    sampling: Sampling,
    levels: Mapping[str, float],
    *,
    high: float,
    workers: int,
    precision: str = "float32",
    on_share: Callable[[float], None] = lambda share: None,
) -> dict[str, pd.DataFrame]:
    """Tables "models" (one row), "spectra" and "classes" of one network.

    Args:
        model: the network.
        listing: validation images.
        chosen: see `plan`.
        sampling: points of a path.
        levels: of diversity by class, where the images were made with one; may be empty.
        high: fraction of the band above which a frequency is high.
        workers: processes that decode images; 0 decodes in this one.
        precision: of products, see `training.precision`.
        on_share: called with the fraction of all paths that are done.
    """
    images = LazyImages(listing, model.view, model.device, workers)
    normalise = Normalisation.of(model.view.mean, model.view.std, model.device)
    batch = _batch(model)
    right = called_right(model, images, normalise)
    pairs = pair_table(listing, chosen)
    diversity: list[dict[str, float]] = []

    def ends() -> Iterator[tuple[Tensor, Tensor]]:
        for pixels, _ in images.batches(chosen.of_class):
            x = normalise(pixels)
            diversity.append({"n_images": len(x)} | _diversity(model, x, pixels, batch))
            for i in range(chosen.n_within):
                yield x[2 * i], x[2 * i + 1]
        yield from _ends(images, chosen.between, normalise)

    measured = measure_paths(
        model.network,
        pairs,
        ends(),
        sampling,
        batch_size=batch,
        labels_M=listing.labels,
        high=high,
        precision=precision,
        on_path=lambda done: on_share(done / len(pairs)),
    )
    classes = class_table(model.name, listing, measured.table, right, diversity, levels)
    facts = {
        "n_images": len(listing),
        "test_accuracy": right.mean(),
        "n_within": int((pairs["kind"] == WITHIN).sum()),
        "n_between": len(chosen.between),
        **_summary(classes, measured.table),
    }
    return {
        "models": model_row(model, len(listing.class_names), facts),
        "spectra": measured.mean_spectra.assign(model=model.name)[SPECTRA_COLUMNS],
        "classes": classes,
    }


def pair_table(listing: Listing, chosen: Plan) -> pd.DataFrame:
    """kind, class_a, class_b, index_a, index_b of the paths, those within first."""
    within = [index[: 2 * chosen.n_within].reshape(-1, 2) for index in chosen.of_class]
    index = np.concatenate([*within, chosen.between])
    names = np.asarray(listing.class_names)[listing.labels[index]]
    kinds = np.repeat([WITHIN, BETWEEN], [len(index) - len(chosen.between), len(chosen.between)])
    columns = {"class_a": names[:, 0], "class_b": names[:, 1]}
    return pd.DataFrame({"kind": kinds, **columns, "index_a": index[:, 0], "index_b": index[:, 1]})


def class_table(
    model: str,
    listing: Listing,
    paths: pd.DataFrame,
    right: np.ndarray,
    diversity: Sequence[Mapping[str, float]],
    levels: Mapping[str, float],
) -> pd.DataFrame:
    """`CLASS_COLUMNS`, one row for each class: means over the paths within it, and its diversity.

    Args:
        model: name of the network.
        listing: validation images.
        paths: made by `MeasuredPaths.table`.
        right: (N,) whether each image is correctly classified.
        diversity: of each class n_images and what `_diversity` gives.
        levels: of diversity by class, where the images were made with one.
    """
    within = paths[paths["kind"] == WITHIN].groupby("class_a")
    means = within[[*MEASURES, "distance"]].mean()
    rows = [
        {
            "model": model,
            "class_name": name,
            "test_accuracy": right[listing.of_class(label)].mean(),
            **{f"within_{short}fraction": means.at[name, of] for of, short in MEASURES.items()},
            "path_length": means.at[name, "distance"],
            **diversity[label],
            "level": levels.get(name),
        }
        for label, name in enumerate(listing.class_names)
    ]
    return pd.DataFrame(rows)[CLASS_COLUMNS]


def called_right(
    model: MeasuredNetwork, images: LazyImages, normalise: Normalisation
) -> np.ndarray:
    """(N,) bool: whether the network calls each image of a listing its class."""
    size = _batch(model)
    count = len(images.listing)
    order = [range(i, min(i + size, count)) for i in range(0, count, size)]
    found = []
    with torch.no_grad():
        for pixels, labels in images.batches(order):
            found.append(model.network(normalise(pixels)).argmax(1) == labels)
    return torch.cat(found).cpu().numpy()


def _batch(model: MeasuredNetwork) -> int:
    """Images, or points of paths, that the network sees at one time."""
    return points_at_once(model.device, (3, model.view.crop, model.view.crop))


def _diversity(
    model: MeasuredNetwork, x_NCHW: Tensor, pixels_NCHW: Tensor, batch: int
) -> dict[str, float]:
    """Of one class: distances in normalised image space and of features; the mean image's bytes."""
    with torch.no_grad():
        f_ND = torch.cat([features(model.network, part) for part in x_NCHW.split(batch)])
    return {
        "pixel_distance": mean_pairwise_distance(x_NCHW.cpu()),
        "feature_distance": mean_pairwise_distance(f_ND.float().cpu()),
        "compressed_bytes": compressed_bytes(mean_image(pixels_NCHW)),
    }


def _ends(
    images: LazyImages, pairs: np.ndarray, normalise: Normalisation
) -> Iterator[tuple[Tensor, Tensor]]:
    """The two images of each pair, read a few pairs at a time."""
    parts = [pairs[i : i + PAIRS_AT_ONCE] for i in range(0, len(pairs), PAIRS_AT_ONCE)]
    for pixels, _ in images.batches(part.ravel() for part in parts):
        x = normalise(pixels)
        yield from zip(x[::2], x[1::2], strict=True)


def _summary(classes: pd.DataFrame, paths: pd.DataFrame) -> dict[str, float]:
    """High-frequency fractions of one network, with their standard errors.

    Within: the mean over classes. Between: that over all paths, since with many classes hardly two
    paths join the same two.
    """
    found: dict[str, float] = {}
    between = paths[paths["kind"] == BETWEEN]
    for name, measure in MEASURES.items():
        of_kind = {
            WITHIN: classes[f"within_{measure}fraction"].to_numpy(),
            BETWEEN: between[name].to_numpy(),
        }
        for kind, values in of_kind.items():
            mean, error = _mean_and_error(values)
            found |= {f"{kind}_{measure}fraction": mean, f"{kind}_{measure}error": error}
    return found


def _mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Mean and its standard error, without the paths that are too short for the measure."""
    known = pd.Series(values).dropna()
    return known.mean(), known.sem()


def model_row(model: MeasuredNetwork, n_classes: int, facts: Mapping[str, Any]) -> pd.DataFrame:
    """One row with `MODEL_COLUMNS`."""
    own = {
        "model": model.name,
        "kind": model.kind,
        "trained_here": model.kind == "trained",
        "n_parameters": n_parameters(model.network),
        "n_classes": n_classes,
        "published_accuracy": model.published_accuracy,
    }
    return pd.DataFrame([own | dict(facts)])[MODEL_COLUMNS]
