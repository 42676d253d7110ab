"""Class probabilities along straight paths between images (Fridovich-Keil et al. 2021).

Measurement B: a network is evaluated on the lines that join two test images of one class
(*within*) or of two classes (*between*). How the lines are sampled and what their spectra mean is
said in `spectra.paths`; the tables are made in `interpolation_tables`.

Shape suffixes: C channels, H and W pixels, S points of a path, K classes, P paths, N common
frequencies.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from spectral_bias.errors import UserError
from spectral_bias.seeds import derived_generator
from spectral_bias.spectra.paths import (
    Sampling,
    class_magnitude,
    distance_power,
    frequency_sums,
    on_common_axis,
)

WITHIN, BETWEEN = "within", "between"
HIGH = 0.1
"""Relative frequency above which the high-frequency fraction counts."""

CPU_POINTS, CUDA_POINTS, CUDA_PIXELS = 64, 4096, 512 * 224 * 224
"""Points of a forward pass (ours). On a CPU the activations of a small network then stay in its
cache: batches of 256 or 500 take 1.4 to 1.5 times as long. On a GPU larger images come in smaller
batches, so that memory stays the same."""


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
        high: (P,) sum of magnitudes above the share `high` of the band, at the path's own bins.
        total: (P,) sum of all magnitudes, the constant term among them.
        distance: (P,) length of the path in normalised image space.
        n_points: (P,) S.
    """

    magnitude: np.ndarray
    power: np.ndarray
    high: np.ndarray
    total: np.ndarray
    distance: np.ndarray
    n_points: np.ndarray

    def fraction(self, of: np.ndarray | slice = slice(None)) -> float:
        """High-frequency fraction of some paths together: sum of `high` over sum of `total`."""
        return float(self.high[of].sum() / self.total[of].sum())


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
        pairs: see `Pairs`; read one by one.
        sampling: points of a path, and the common frequencies.
        batch_size: points that the network sees at one time, of however many paths.
        high: see `frequency_sums`.
        on_path: called with the number of paths that are done.
    """
    common, rows = sampling.relative_frequency, []
    for distance, p_SK in path_probabilities(predict, pairs, sampling, batch_size):
        n = len(p_SK)
        magnitude = class_magnitude(p_SK)
        shared = [on_common_axis(v, n, common) for v in (magnitude, distance_power(p_SK))]
        rows.append((*shared, *frequency_sums(magnitude, n, high), distance, n))
        on_path(len(rows))
    if not rows:
        raise ValueError("no pairs of images were given")
    return PathSpectra(*map(np.array, zip(*rows, strict=True)))


def path_probabilities(
    predict: Predict, pairs: Pairs, sampling: Sampling, batch_size: int
) -> Iterator[tuple[float, np.ndarray]]:
    """Yields length and probabilities (S, K), float32, of the path of every pair, in order.

    The points of all paths form one stream, which is cut into full batches wherever paths end.
    The probabilities are a softmax over the classes at each point.
    """
    begun: deque[tuple[float, int]] = deque()

    def points() -> Iterator[Tensor]:
        for x_a, x_b in pairs:
            distance = torch.linalg.vector_norm((x_b - x_a).double()).item()
            shares = torch.as_tensor(sampling.shares(distance), dtype=x_a.dtype, device=x_a.device)
            begun.append((distance, len(shares)))
            for some in shares[:, None, None, None].split(batch_size):
                yield torch.lerp(x_a, x_b, some)

    waiting: np.ndarray | None = None
    for x_BCHW in full_batches(points(), batch_size):
        with torch.no_grad():
            p_BK = predict(x_BCHW).float().softmax(1).cpu().numpy()
        waiting = p_BK if waiting is None else np.concatenate([waiting, p_BK])
        while begun and begun[0][1] <= len(waiting):
            distance, n_points = begun.popleft()
            yield distance, waiting[:n_points]
            waiting = waiting[n_points:]


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


def class_pairs(labels: np.ndarray, n_pairs: int, seed: int, names: Sequence[str]) -> pd.DataFrame:
    """kind, class_a, class_b (names), index_a, index_b: the ends of `n_pairs` paths a class pair.

    Images are drawn at random; no image ends two paths of one class pair. Every class pair draws
    from a generator of its own, so that another class or more of them changes no other's images.

    Args:
        labels: (M,), 0 to C - 1.
        n_pairs: paths of each of the C within-class and C (C - 1)/2 between-class pairs.
        seed: of the drawing.
        names: C names of the classes.

    Raises:
        UserError: a class has fewer than 2 n_pairs images.
    """
    places = [np.flatnonzero(np.asarray(labels) == label) for label in range(len(names))]
    smallest = min(range(len(names)), key=lambda label: len(places[label]))
    found = len(places[smallest])
    if found < 2 * n_pairs:
        most = f"choose at most {found // 2}" if found > 1 else "give that class more images"
        raise UserError(
            f"interpolation.n_pairs: {n_pairs} paths within class {names[smallest]!r} need "
            f"{2 * n_pairs} images of it, but there are {found}; {most}"
        )
    parts = []
    for a, b in combinations_with_replacement(range(len(names)), 2):
        rng = derived_generator(seed, "interpolation", names[a], names[b])
        if a == b:
            index_a, index_b = rng.permutation(places[a])[: 2 * n_pairs].reshape(2, n_pairs)
        else:
            index_a, index_b = (rng.permutation(places[c])[:n_pairs] for c in (a, b))
        part = {"kind": WITHIN if a == b else BETWEEN, "class_a": names[a], "class_b": names[b]}
        parts.append(pd.DataFrame({**part, "index_a": index_a, "index_b": index_b}))
    return pd.concat(parts, ignore_index=True)
