"""Spectra of class probabilities along straight paths (Fridovich-Keil et al. 2021).

Measurement B: a network is evaluated on the lines that join two test images of one class
(*within*) or of two classes (*between*). How the lines are sampled and what their spectra mean is
said in `spectra.paths`, how points reach the network in `path_points`.

Paths are transformed many at a time, on the device of the network; nothing comes back to the CPU
before all of them are done.

Shape suffixes: S points of a path, K classes, P paths, N common frequencies.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from spectral_bias.measurements.path_points import Pairs, Path, Predict, path_probabilities
from spectral_bias.spectra.paths import (
    Sampling,
    chord_free_fraction,
    class_magnitude,
    distance_power,
    hann_fraction,
    high_frequency_fraction,
    on_common_axis,
    total_variation,
    variation_distance,
)

HIGH = 0.1
"""Fraction of the band above which a frequency is high, see `spectra.paths.high_bins`."""
FRACTIONS = ("high_frequency_fraction", "hann_fraction", "chord_free_fraction")
"""The high-frequency fractions of a path: the authors', with a window, without the chord."""
HELD_AT_ONCE = 2**22
"""Probabilities that wait for their transform (ours): 16 MiB, of however many classes."""
_NUMBERS = (*FRACTIONS, "total_variation", "end_jump")
_OF_ENDS = ("confidence", "highest", "named")


@dataclass(frozen=True)
class PathSpectra:
    """Spectra of P paths, in the order of their pairs.

    Attributes:
        magnitude: (P, N) |f~|, mean over the classes, at the common relative frequencies.
        power: (P, N) |f~|^2 of ||p(t) - p(0)||_2 there.
        high_frequency_fraction: (P,) at the path's own bins, as in the first author's code.
        hann_fraction: (P,) the same under a Hann window; NaN for a path that is too short.
        chord_free_fraction: (P,) the same without the straight line between the ends.
        total_variation: (P,) how much probability moves along the path, from image to image; 1 is
            one certain answer turning into another, see `spectra.paths.total_variation`.
        end_jump: (P,) how much of it the two images differ by, in [0, 1].
        confidence: (P, 2) probability of its own class at the first and the last image; NaN where
            the classes of images are not those of the network.
        highest: (P, 2) highest probability there.
        named: (P, 2) int, the class that has it.
        distance: (P,) length of the path in normalised image space.
        n_points: (P,) S.
    """

    magnitude: np.ndarray
    power: np.ndarray
    high_frequency_fraction: np.ndarray
    hann_fraction: np.ndarray
    chord_free_fraction: np.ndarray
    total_variation: np.ndarray
    end_jump: np.ndarray
    confidence: np.ndarray
    highest: np.ndarray
    named: np.ndarray
    distance: np.ndarray
    n_points: np.ndarray


def path_spectra(
    predict: Predict,
    pairs: Pairs,
    sampling: Sampling,
    *,
    batch_size: int,
    high: float = HIGH,
    labels_P2: np.ndarray | None = None,
    on_path: Callable[[int], None] = lambda done: None,
) -> PathSpectra:
    """Spectra of the probabilities along the path of every pair.

    Memory does not grow with the number of paths but by their spectra.

    Args:
        predict: a network in evaluation mode.
        pairs: see `Pairs`; read some at a time.
        sampling: points of a path, and the common frequencies.
        batch_size: points that the network sees at one time, of however many paths.
        high: see `spectra.paths.high_bins`.
        labels_P2: the network's classes of the two images of each path; None if it has others.
        on_path: called with the number of paths along which the network was evaluated.
    """
    paths = path_probabilities(predict, pairs, sampling, batch_size)
    return spectra_of(paths, sampling, high, labels_P2, on_path)


def spectra_of(
    paths: Iterable[Path],
    sampling: Sampling,
    high: float = HIGH,
    labels_P2: np.ndarray | None = None,
    on_path: Callable[[int], None] = lambda done: None,
) -> PathSpectra:
    """Spectra of given probabilities; paths with equally many points are transformed together.

    Args:
        paths: as from `path_probabilities`.
        sampling: the common frequencies.
        high: see `spectra.paths.high_bins`.
        labels_P2: see `path_spectra`.
        on_path: called with the number of paths that were given.
    """
    lengths: list[tuple[float, int]] = []
    waiting: dict[int, list[tuple[int, Path]]] = {}
    places, found, held = [], [], 0

    def transform() -> None:
        for some in waiting.values():
            numbers, items = zip(*some, strict=True)
            p_PSK, far_PK = (torch.stack([item[at] for item in items]) for at in (1, 2))
            labels = None if labels_P2 is None else labels_P2[list(numbers)]
            places.extend(numbers)
            spectra = _spectra(p_PSK, sampling, high)
            found.append(torch.cat([spectra, _at_ends(p_PSK, far_PK, labels)], dim=1))
        waiting.clear()

    for number, path in enumerate(paths):
        n_points = len(path.p_SK)
        lengths.append((path.distance, n_points))
        waiting.setdefault(n_points, []).append((number, path))
        held += path.p_SK.numel()
        if held >= HELD_AT_ONCE:
            transform()
            held = 0
        on_path(number + 1)
    transform()
    if not places:
        raise ValueError("no pairs of images were given")
    table = torch.cat(found).cpu().numpy()[np.argsort(places)]
    distance, n_points = map(np.array, zip(*lengths, strict=True))
    n = sampling.n_bins
    numbers = dict(zip(_NUMBERS, table[:, 2 * n :].T, strict=False))
    ends = np.split(table[:, -2 * len(_OF_ENDS) :], len(_OF_ENDS), axis=1)
    at_ends = dict(zip(_OF_ENDS, ends, strict=True))
    at_ends["named"] = at_ends["named"].astype(np.int64)
    return PathSpectra(
        table[:, :n],
        table[:, n : 2 * n],
        **numbers,
        **at_ends,
        distance=distance,
        n_points=n_points,
    )


def _spectra(p_PSK: Tensor, sampling: Sampling, high: float) -> Tensor:
    """(P, 2 N + 3): magnitude and power at the common frequencies, and `FRACTIONS`."""
    n_points, magnitude = p_PSK.shape[1], class_magnitude(p_PSK)
    common_N = torch.as_tensor(sampling.relative_frequency, device=p_PSK.device)
    spectra = [
        on_common_axis(values, n_points, common_N) for values in (magnitude, distance_power(p_PSK))
    ]
    fractions = (
        high_frequency_fraction(magnitude, high),
        hann_fraction(p_PSK, high),
        chord_free_fraction(p_PSK, high),
    )
    return torch.cat([*spectra, torch.stack(fractions, dim=1)], dim=1)


def _at_ends(p_PSK: Tensor, far_PK: Tensor, labels_P2: np.ndarray | None) -> Tensor:
    """(P, 2 + 6): total variation, jump, and of both images confidence, highest, named class."""
    ends_P2K = torch.stack([p_PSK[:, 0], far_PK], dim=1).double()
    whole = torch.cat([p_PSK, far_PK[:, None]], dim=1)
    varied = [total_variation(whole), variation_distance(ends_P2K[:, 0], ends_P2K[:, 1])]
    highest_P2, named_P2 = ends_P2K.max(dim=2)
    if labels_P2 is None:
        own_P2 = torch.full_like(highest_P2, torch.nan)
    else:
        label_P21 = torch.as_tensor(labels_P2, device=far_PK.device)[..., None]
        own_P2 = ends_P2K.gather(2, label_P21)[..., 0]
    return torch.cat([torch.stack(varied, dim=1), own_P2, highest_P2, named_P2.double()], dim=1)
