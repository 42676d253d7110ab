"""Measures any classifier of images along straight paths between them."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

import spectral_bias
from spectral_bias.data.image_files import View
from spectral_bias.errors import UserError, among
from spectral_bias.measurements.interpolation import HIGH
from spectral_bias.measurements.measured_paths import MeasuredPaths, looked_at, measure_paths
from spectral_bias.measurements.path_points import points_at_once
from spectral_bias.spectra.paths import Sampling
from spectral_bias.toolkit.inputs.checks import LOGITS, checked, in_training_mode, predictor
from spectral_bias.toolkit.inputs.devices import device_of, layout_of
from spectral_bias.toolkit.inputs.image_data import ImageData
from spectral_bias.toolkit.inputs.images import open_images
from spectral_bias.toolkit.paths.choice import readable_pairs, skipped_text
from spectral_bias.toolkit.paths.cloud import beside_published, reasons_against
from spectral_bias.toolkit.paths.facts import (
    accuracy_of,
    image_facts,
    named_paths,
    notes_on,
    output_labels,
)
from spectral_bias.toolkit.paths.measurement import Measurement
from spectral_bias.toolkit.paths.summary import spectra_table, summary_table
from spectral_bias.training.precision import PRECISIONS

UNIT_NUMBERS = 3 * 32 * 32
"""Numbers of an image of CIFAR-10, whose points the paper sets at distance 1."""
PAIRS_AT_ONCE, CHECKED = 32, 4
N_BINS = 65


def measure(
    network: nn.Module | Callable[[Tensor], Any],
    images: Any,
    *,
    labels: Sequence[int] | None = None,
    view: View | None = None,
    pairs: int | None = None,
    kinds: Sequence[str] | None = None,
    classes: Sequence[str] | int | None = None,
    points: int | None = None,
    spacing: float | None = None,
    high: float = HIGH,
    outputs: str = LOGITS,
    output_of_class: Mapping[int, int] | bool | None = None,
    normalisation: tuple[Sequence[float], Sequence[float]] | None = None,
    name: str | None = None,
    device: str | torch.device | None = None,
    batch: int | None = None,
    precision: str = "float32",
    seed: int = 0,
    strict: bool = False,
    progress: bool = False,
    facts: Mapping[str, Any] | None = None,
) -> Measurement:
    """How fast a classifier's probabilities vary along straight paths between images.

    Measurement B of Fridovich-Keil et al. 2021, within classes and between them, with a windowed
    and a chord-free fraction, total variation and confidence beside the published fraction (see
    `spectra.paths` and the toolkit's README). The network is in evaluation mode for the duration;
    its parameters and mode stay as they were.

    Args:
        network: normalised images (B, C, H, W) → logits (B, K), as a tensor or as `.logits`.
        images: a folder of image files, a map-style data set of (image, label), or images
            (M, C, H, W) with `labels`; see `toolkit.inputs.images.open_images`.
        labels: of images that are given as a tensor.
        view: how image files become what the network takes: size, mean, standard deviation.
        pairs: paths of each kind, rounded up to equally many for every class; None is 1,000, or as
            many as the images allow.
        kinds: "within", "between"; None is both.
        classes: names of those that are used, or how many, drawn by the seed; None is all.
        points: of every path; None sets points at a distance.
        spacing: distance of two points in normalised image space; None is 1 for images of 3×32×32
            numbers, as in the paper, and grows with the square root of their number (ours), so that
            a step changes a pixel as much in images of any size.
        high: fraction of the band above which a frequency is high.
        outputs: "logits" or "probabilities".
        output_of_class: the network's output for each class of the images, so that confidence and
            accuracy are known; True for output c and class c, False for other classes. None takes
            it as True where there are equally many.
        normalisation: mean and standard deviation of a data set's tensors, to be recorded.
        name: of the network in tables and figures; None is its class.
        device: where to compute, to which the network is moved; None leaves it where it is.
        batch: points that the network sees at one time; None suits the device.
        precision: "float32", "tf32" or "bf16"; the latter two add noise of all frequencies.
        seed: of the choice of images. The same seed and images give the same paths for any network.
        strict: an image that cannot be read is an error; otherwise it is left out, and noted.
        progress: shows a progress bar on stderr.
        facts: more that is to be recorded, such as the network's file.

    Raises:
        UserError: what is given cannot be measured; says why and what to do.
    """
    started = time.monotonic()
    more = _as_json(facts or {})
    _check(precision, points, spacing, batch, high)
    data = images if isinstance(images, ImageData) else open_images(
        images, view, labels, normalisation
    )  # fmt: skip
    place = device_of(network, device)
    notes = []
    if in_training_mode(network):
        notes.append("The network was in training mode; it was measured in evaluation mode.")
    chosen, skipped = readable_pairs(data, pairs, kinds, classes, seed, strict)
    if skipped:
        notes.append(skipped_text(skipped))
    layout = layout_of(network)
    first = chosen[["index_a", "index_b"]].to_numpy().ravel()[: 2 * CHECKED]
    with looked_at(network):  # in float32, whose rounding is not taken for chance
        x_BCHW = next(data.batches([first], place, layout))
        n_outputs = checked(network, x_BCHW, outputs)
    shape = tuple(x_BCHW.shape[1:])
    labels_M = output_labels(data, n_outputs, output_of_class)
    if spacing is None and points is None:
        spacing = float(np.sqrt(np.prod(shape) / UNIT_NUMBERS))
    sampling = Sampling(None if points else spacing, points, N_BINS)
    size = batch or points_at_once(place, shape)
    measured = _measured(
        _Given(network, outputs) if isinstance(network, nn.Module) else predictor(network, outputs),
        data,
        chosen,
        sampling,
        place,
        layout,
        batch_size=size,
        labels_M=labels_M,
        high=high,
        precision=precision,
        progress=progress,
    )
    accuracy = None if labels_M is None else accuracy_of(measured, labels_M)
    notes += notes_on(data, accuracy, n_outputs, precision)
    table = named_paths(measured.table, data)
    summary = summary_table(table)
    seconds = time.monotonic() - started
    evaluated = int(measured.spectra.n_points.sum()) + len(table)
    settings = {
        "spacing": sampling.spacing,
        "n_samples": points,
        "high": high,
        "n_bins": N_BINS,
        "n_pairs": pairs,
        "classes": classes if classes is None or isinstance(classes, int) else list(classes),
        "seed": seed,
        "precision": precision,
        "outputs": outputs,
        "batch": size,
    }
    value = None if accuracy is None else accuracy["value"]
    against = reasons_against(shape, data.class_names, data.normalisation, settings, value)
    name = name or type(network).__name__
    published = beside_published(name, value if not against else 0.0, summary)
    return Measurement(
        name,
        table,
        spectra_table(table, measured.spectra.magnitude, measured.mean_spectra),
        summary,
        published,
        {
            "sampling": settings,
            "images": _as_json(image_facts(data, shape, skipped)),
            "accuracy": accuracy,
            "cloud": against,
            "cost": {
                "seconds": round(seconds, 3),
                "points": evaluated,
                "paths_per_second": round(len(table) / seconds, 3),
                "device": str(place),
                "threads": torch.get_num_threads(),
            },
            "versions": {"spectral_bias": spectral_bias.__version__, "torch": torch.__version__},
            **more,
        },
        tuple(notes),
    )


def _as_json(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it will be read again from a file."""
    try:
        return json.loads(json.dumps(dict(content), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise UserError(f"facts: {error}; give text and finite numbers") from None


class _Given(nn.Module):
    """A network of the user as one that gives logits."""

    def __init__(self, network: nn.Module, outputs: str) -> None:
        super().__init__()
        self.network = network
        self._predict = predictor(network, outputs)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self._predict(x_BCHW)


def _check(
    precision: str, points: int | None, spacing: float | None, batch: int | None, high: float
) -> None:
    if precision not in PRECISIONS:
        raise UserError(f"precision: unknown {precision!r}{among(precision, PRECISIONS)}")
    if points is not None and spacing is not None:
        raise UserError("points and spacing: give one of them")
    if points is not None and points < 4:
        raise UserError(f"points: {points} have no spectrum to speak of; ask for 4 or more")
    if spacing is not None and not 0 < spacing < np.inf:
        raise UserError(f"spacing: {spacing:g}; give a distance above 0")
    if batch is not None and batch < 1:
        raise UserError(f"batch: {batch}; give a number of points, 1 or more")
    if not 0 < high < 1:
        raise UserError(f"high: {high:g}; give a fraction of the band between 0 and 1")


def _measured(
    network: Any,
    data: ImageData,
    chosen: pd.DataFrame,
    sampling: Sampling,
    place: torch.device,
    layout: torch.memory_format,
    progress: bool,
    **options: Any,
) -> MeasuredPaths:
    index = chosen[["index_a", "index_b"]].to_numpy()
    groups = [index[i : i + PAIRS_AT_ONCE].ravel() for i in range(0, len(index), PAIRS_AT_ONCE)]

    def ends() -> Iterator[tuple[Tensor, Tensor]]:
        for x in data.batches(groups, place, layout):
            yield from zip(x[::2], x[1::2], strict=True)

    bar = tqdm(total=len(chosen), unit="path", leave=False) if progress else nullcontext()
    with bar:
        show = (lambda done: bar.update(done - bar.n)) if progress else (lambda done: None)
        try:
            found = measure_paths(network, chosen, ends(), sampling, on_path=show, **options)
        except torch.OutOfMemoryError:
            raise UserError(
                f"batch: {options['batch_size']} points at one time need more memory than {place} "
                "has; ask for fewer"
            ) from None
    # The far end of a path is none of its points; its total variation knows it.
    everywhere = np.column_stack([found.spectra.magnitude, found.spectra.total_variation])
    bad = int((~np.isfinite(everywhere)).any(axis=1).sum())
    if bad:
        raise UserError(
            f"network: its outputs are not finite (NaN or infinite) on {bad} of {len(chosen)} "
            "paths; check its parameters, or measure with precision=float32"
        )
    return found
