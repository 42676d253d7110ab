"""Frequency along paths between larger images, and diversity of their classes (figures 14, 15).

Every network is measured on the same images: of each class some, drawn by a seed, between which
the paths within classes run and whose diversity is taken, and a seeded sample of pairs of two
classes. Images are read class by class, so that memory holds one class at a time.

Shape suffixes: N images, C channels, H and W pixels, D numbers of each image.
"""

from collections.abc import Callable, Iterator, Mapping
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
)
from spectral_bias.measurements.interpolation import (
    BETWEEN,
    WITHIN,
    PathSpectra,
    path_spectra,
    points_at_once,
)
from spectral_bias.measurements.measuring import MeasuringJob
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
        on_share: called with the fraction of all paths that are done.
    """
    images = LazyImages(listing, model.view, model.device, workers)
    normalise = Normalisation.of(model.view.mean, model.view.std, model.device)
    batch = _batch(model)
    right = called_right(model, images, normalise)
    n_classes, total = len(listing.class_names), len(chosen.between)
    total += n_classes * chosen.n_within
    rows, within = [], []
    for label, (pixels, _) in enumerate(images.batches(chosen.of_class)):
        x = normalise(pixels)
        ends = [(x[2 * i], x[2 * i + 1]) for i in range(chosen.n_within)]
        spectra = path_spectra(model.network, ends, sampling, batch_size=batch, high=high)
        within.append(spectra)
        name = listing.class_names[label]
        rows.append(
            {
                "class_name": name,
                "n_images": len(x),
                "test_accuracy": right[listing.of_class(label)].mean(),
                **_class_fractions(spectra),
                "path_length": spectra.distance.mean(),
                **_diversity(model, x, pixels, batch),
                "level": levels.get(name),
            }
        )
        on_share((label + 1) * chosen.n_within / total)
    classes = pd.DataFrame(rows).assign(model=model.name)[CLASS_COLUMNS]
    before = n_classes * chosen.n_within
    between = path_spectra(
        model.network,
        _ends(images, chosen.between, normalise),
        sampling,
        batch_size=batch,
        high=high,
        on_path=lambda done: on_share((before + done) / total),
    )
    facts = {
        "n_images": len(listing),
        "test_accuracy": right.mean(),
        "n_within": n_classes * chosen.n_within,
        "n_between": len(chosen.between),
        **_summary(classes, between),
    }
    return {
        "models": model_row(model, n_classes, facts),
        "spectra": pd.concat(
            [
                spectrum_rows(model.name, WITHIN, within, sampling),
                spectrum_rows(model.name, BETWEEN, [between], sampling),
            ],
            ignore_index=True,
        ),
        "classes": classes,
    }


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


def _class_fractions(spectra: PathSpectra) -> dict[str, float]:
    """Means of `MEASURES` over the paths within one class."""
    return {
        f"within_{measure}fraction": _mean_and_error(getattr(spectra, name))[0]
        for name, measure in MEASURES.items()
    }


def _summary(classes: pd.DataFrame, between: PathSpectra) -> dict[str, float]:
    """High-frequency fractions of one network, with their standard errors.

    Within: the mean over classes. Between: that over all paths, since with many classes hardly two
    paths join the same two.
    """
    found: dict[str, float] = {}
    for name, measure in MEASURES.items():
        of_kind = {
            WITHIN: classes[f"within_{measure}fraction"].to_numpy(),
            BETWEEN: getattr(between, name),
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


def spectrum_rows(
    name: str, kind: str, parts: list[PathSpectra], sampling: Sampling
) -> pd.DataFrame:
    """`SPECTRA_COLUMNS` of one kind of paths: means over all paths."""
    return pd.DataFrame(
        {
            "model": name,
            "kind": kind,
            "relative_frequency": sampling.relative_frequency,
            "magnitude": np.concatenate([part.magnitude for part in parts]).mean(axis=0),
            "power": np.concatenate([part.power for part in parts]).mean(axis=0),
        }
    )
