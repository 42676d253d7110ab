"""Class probabilities along straight paths between images (Fridovich-Keil et al. 2021).

Measurement B: a network is evaluated on the lines that join two test images of one class
(*within*) or of two classes (*between*). How the lines are sampled and what their spectra mean is
said in `spectra.paths`.

Paths are read, and their spectra computed, many at a time, on the device of the network; what comes
back to the CPU on the way is the lengths of many paths together, so that a GPU does not wait for
the CPU at each path.

Shape suffixes: C channels, H and W pixels, S points of a path, T points of several paths, K
classes, P paths, N common frequencies.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, islice

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from spectral_bias.errors import UserError
from spectral_bias.seeds import derived_generator
from spectral_bias.spectra.paths import (
    Sampling,
    chord_free_fraction,
    class_magnitude,
    distance_power,
    hann_fraction,
    high_frequency_fraction,
    on_common_axis,
)

WITHIN, BETWEEN = "within", "between"
HIGH = 0.1
"""Fraction of the band above which a frequency is high, see `spectra.paths.high_bins`."""
FRACTIONS = ("high_frequency_fraction", "hann_fraction", "chord_free_fraction")
"""The high-frequency fractions of a path: the authors', with a window, without the chord."""

CPU_POINTS, CUDA_POINTS, CUDA_PIXELS = 64, 4096, 512 * 224 * 224
"""Points of a forward pass (ours). On a CPU the activations of a small network then stay in its
cache: batches of 256 or 500 take 1.4 to 1.5 times as long. On a GPU larger images come in smaller
batches, so that memory stays the same."""
ENDS_AT_ONCE, HELD_AT_ONCE = 2**22, 2**22
"""Values of the images at either end of the paths that are read at one time, and probabilities
that wait for their transform (ours): 16 MiB each, of whatever images and however many classes."""


def points_at_once(device: torch.device, image_shape: Sequence[int]) -> int:
    """Points of paths that a network sees at one time; the one home of this number.

    Args:
        device: where the network is.
        image_shape: (C, H, W) of the images.
    """
    if device.type == "cpu":
        return CPU_POINTS
    height, width = image_shape[-2:]
    return max(1, min(CUDA_POINTS, CUDA_PIXELS // (height * width)))


Predict = Callable[[Tensor], Tensor]
"""Normalised images (B, C, H, W) → logits (B, K)."""
Pairs = Iterable[tuple[Tensor, Tensor]]
"""The two ends of each path, normalised images (C, H, W) on the network's device."""


@dataclass(frozen=True)
class PathSpectra:
    """Spectra of P paths, in the order of their pairs.

    Attributes:
        magnitude: (P, N) |f~|, mean over the classes, at the common relative frequencies.
        power: (P, N) |f~|^2 of ||p(t) - p(0)||_2 there.
        high_frequency_fraction: (P,) at the path's own bins, as in the first author's code.
        hann_fraction: (P,) the same under a Hann window; NaN for a path that is too short.
        chord_free_fraction: (P,) the same without the straight line between the ends.
        distance: (P,) length of the path in normalised image space.
        n_points: (P,) S.
    """

    magnitude: np.ndarray
    power: np.ndarray
    high_frequency_fraction: np.ndarray
    hann_fraction: np.ndarray
    chord_free_fraction: np.ndarray
    distance: np.ndarray
    n_points: np.ndarray


def path_spectra(
    predict: Predict,
    pairs: Pairs,
    sampling: Sampling,
    *,
    batch_size: int,
    high: float = HIGH,
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
        on_path: called with the number of paths along which the network was evaluated.
    """
    paths = path_probabilities(predict, pairs, sampling, batch_size)
    return spectra_of(paths, sampling, high, on_path)


def spectra_of(
    paths: Iterable[tuple[float, Tensor]],
    sampling: Sampling,
    high: float = HIGH,
    on_path: Callable[[int], None] = lambda done: None,
) -> PathSpectra:
    """Spectra of given probabilities; paths with equally many points are transformed together.

    Args:
        paths: length and probabilities (S, K) of each, as from `path_probabilities`.
        sampling: the common frequencies.
        high: see `spectra.paths.high_bins`.
        on_path: called with the number of paths that were given.
    """
    lengths: list[tuple[float, int]] = []
    waiting: dict[int, list[tuple[int, Tensor]]] = {}
    places, found, held = [], [], 0

    def transform() -> None:
        for some in waiting.values():
            numbers, p = zip(*some, strict=True)
            places.extend(numbers)
            found.append(_columns(torch.stack(p), sampling, high))
        waiting.clear()

    for number, (distance, p_SK) in enumerate(paths):
        lengths.append((distance, len(p_SK)))
        waiting.setdefault(len(p_SK), []).append((number, p_SK))
        held += p_SK.numel()
        if held >= HELD_AT_ONCE:
            transform()
            held = 0
        on_path(number + 1)
    transform()
    if not places:
        raise ValueError("no pairs of images were given")
    table = torch.cat(found).cpu().numpy()[np.argsort(places)]
    n = sampling.n_bins
    spectra, fractions = (table[:, :n], table[:, n : 2 * n]), table[:, 2 * n :].T
    return PathSpectra(*spectra, *fractions, *map(np.array, zip(*lengths, strict=True)))


def _columns(p_PSK: Tensor, sampling: Sampling, high: float) -> Tensor:
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


def path_probabilities(
    predict: Predict, pairs: Pairs, sampling: Sampling, batch_size: int
) -> Iterator[tuple[float, Tensor]]:
    """Yields length and probabilities (S, K), float32, of the path of every pair, in order.

    The points of all paths form one stream, which is cut into full batches wherever paths end.
    The probabilities are a softmax over the classes at each point; they stay on the network's
    device.
    """
    begun: deque[tuple[float, int]] = deque()

    def points() -> Iterator[Tensor]:
        for x_a, x_b in _stacked(pairs):
            moved = (x_b - x_a).flatten(1).double()
            distances = torch.linalg.vector_norm(moved, dim=1).tolist()
            shares = [sampling.shares(distance) for distance in distances]
            counts = [len(share) for share in shares]
            begun.extend(zip(distances, counts, strict=True))
            share_T = torch.as_tensor(np.concatenate(shares), dtype=x_a.dtype, device=x_a.device)
            path_T = torch.as_tensor(np.repeat(np.arange(len(counts)), counts), device=x_a.device)
            for t, path in zip(share_T.split(batch_size), path_T.split(batch_size), strict=True):
                yield torch.lerp(x_a[path], x_b[path], t[:, None, None, None])

    waiting: Tensor | None = None
    for x_BCHW in full_batches(points(), batch_size):
        with torch.no_grad():
            p_BK = predict(x_BCHW).float().softmax(1)
        waiting = p_BK if waiting is None else torch.cat([waiting, p_BK])
        while begun and begun[0][1] <= len(waiting):
            distance, n_points = begun.popleft()
            yield distance, waiting[:n_points]
            waiting = waiting[n_points:]


def _stacked(pairs: Pairs) -> Iterator[tuple[Tensor, Tensor]]:
    """First and last images (P, C, H, W) of as many paths as are read at one time."""
    rest = iter(pairs)
    for first in rest:
        count = max(1, ENDS_AT_ONCE // first[0].numel())
        some = [first, *islice(rest, count - 1)]
        yield tuple(torch.stack(side) for side in zip(*some, strict=True))


def full_batches(pieces: Iterable[Tensor], batch_size: int) -> Iterator[Tensor]:
    """Cuts a stream of tensors (b, ...), b of any size, into batches; the last may be shorter."""
    waiting, held = [], 0
    for piece in pieces:
        rest = piece
        while held + len(rest) >= batch_size:
            cut = batch_size - held
            yield torch.cat([*waiting, rest[:cut]])
            rest, waiting, held = rest[cut:], [], 0
        if len(rest):
            waiting.append(rest)
            held += len(rest)
    if waiting:
        yield torch.cat(waiting)


def class_pairs(
    labels: np.ndarray, n_within: int, n_between: int, seed: int, names: Sequence[str]
) -> pd.DataFrame:
    """kind, class_a, class_b (names), index_a, index_b: the ends of the paths.

    Images are drawn at random; no image ends two paths of one class or pair of classes. Every pair
    of classes draws from a generator of its own, so that another class or more of them changes no
    other's images, and more paths come after the same fewer ones.

    Args:
        labels: (M,), 0 to C - 1.
        n_within: paths within each of the C classes.
        n_between: paths of each of the C (C - 1)/2 pairs of classes.
        seed: of the drawing.
        names: C names of the classes.

    Raises:
        UserError: a class has fewer than 2 n_within or than n_between images.
    """
    places = [np.flatnonzero(np.asarray(labels) == label) for label in range(len(names))]
    smallest = min(range(len(names)), key=lambda label: len(places[label]))
    _require_images(names[smallest], len(places[smallest]), n_within, n_between)
    parts = []
    for a, b in combinations_with_replacement(range(len(names)), 2):
        rng = derived_generator(seed, "interpolation", names[a], names[b])
        if a == b:
            index_a, index_b = rng.permutation(places[a])[: 2 * n_within].reshape(n_within, 2).T
        else:
            index_a, index_b = (rng.permutation(places[c])[:n_between] for c in (a, b))
        part = {"kind": WITHIN if a == b else BETWEEN, "class_a": names[a], "class_b": names[b]}
        parts.append(pd.DataFrame({**part, "index_a": index_a, "index_b": index_b}))
    return pd.concat(parts, ignore_index=True)


def _require_images(name: str, found: int, n_within: int, n_between: int) -> None:
    """Raises UserError unless the smallest class, `name`, has images for all its paths."""
    wanted = {"n_within": (n_within, 2, "within"), "n_between": (n_between, 1, "from")}
    for key, (count, ends, where) in wanted.items():
        if found < ends * count:
            most = f"choose at most {found // ends}" if found >= ends else "give it more images"
            raise UserError(
                f"interpolation.{key}: {count} paths {where} class {name!r} need {ends * count} "
                f"images of it, but there are {found}; {most}"
            )
