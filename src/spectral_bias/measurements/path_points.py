"""Class probabilities at the points of straight paths between images, in full batches.

The points of all paths form one stream, which is cut into full batches wherever paths end, however
short and ragged they are. On a GPU nothing in the loop of batches waits for the device: the lengths
of the next paths, on which the number of their points depends, are on their way to the CPU while
the network works on the last ones, and small arrays travel from pinned memory.

Shape suffixes: B points of a batch, C channels, H and W pixels, S points of a path, T points of
several paths, K classes, P paths.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from spectral_bias.spectra.paths import Sampling

CPU_POINTS, CUDA_POINTS, CUDA_PIXELS = 64, 4096, 512 * 224 * 224
"""Points of a forward pass (ours). On a CPU the activations of a small network then stay in its
cache: batches of 256 or 500 take 1.4 to 1.5 times as long. On a GPU larger images come in smaller
batches, so that memory stays the same."""
ENDS_AT_ONCE = 2**22
"""Values of the images at either end of the paths that are read at one time (ours): 16 MiB."""

Predict = Callable[[Tensor], Tensor]
"""Normalised images (B, C, H, W) → logits (B, K)."""
Pairs = Iterable[tuple[Tensor, Tensor]]
"""The two ends of each path, normalised images (C, H, W) on the network's device."""


class Path(NamedTuple):
    """What a network says along one path.

    Attributes:
        distance: of the two images, in normalised image space.
        p_SK: probabilities at the points, the first of which is the image at the near end.
        far_K: probabilities at the image at the far end, which is no point (see `spectra.paths`).
    """

    distance: float
    p_SK: Tensor
    far_K: Tensor


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


def path_probabilities(
    predict: Predict, pairs: Pairs, sampling: Sampling, batch_size: int
) -> Iterator[Path]:
    """Yields the path of every pair, in order.

    The probabilities, float32, are a softmax over the classes at each point; they stay on the
    network's device. The image at the far end is evaluated too, one point more for each path.
    """
    begun: deque[tuple[float, int]] = deque()

    def points() -> Iterator[Tensor]:
        for ends in _one_ahead(map(_Ends.of, _stacked(pairs))):
            distances = ends.distances()
            shares = [np.append(sampling.shares(distance), 1.0) for distance in distances]
            counts = [len(share) for share in shares]
            begun.extend(zip(distances, counts, strict=True))
            x_a, x_b = ends.x_a, ends.x_b
            share_T = _placed(np.concatenate(shares), x_a).to(x_a.dtype)
            path_T = _placed(np.repeat(np.arange(len(counts)), counts), x_a)
            for t, path in zip(share_T.split(batch_size), path_T.split(batch_size), strict=True):
                yield torch.lerp(x_a[path], x_b[path], t[:, None, None, None])

    waiting: Tensor | None = None
    for x_BCHW in full_batches(points(), batch_size):
        with torch.no_grad():
            p_BK = predict(x_BCHW).float().softmax(1)
        waiting = p_BK if waiting is None else torch.cat([waiting, p_BK])
        while begun and begun[0][1] <= len(waiting):
            distance, count = begun.popleft()
            yield Path(distance, waiting[: count - 1], waiting[count - 1])
            waiting = waiting[count:]


@dataclass(frozen=True)
class _Ends:
    """First and last images (P, C, H, W) of some paths, whose lengths are being computed."""

    x_a: Tensor
    x_b: Tensor
    lengths: Tensor
    ready: "torch.cuda.Event | None"

    @classmethod
    def of(cls, ends: tuple[Tensor, Tensor]) -> "_Ends":
        x_a, x_b = ends
        lengths = torch.linalg.vector_norm((x_b - x_a).flatten(1).double(), dim=1)
        if not lengths.is_cuda:
            return cls(x_a, x_b, lengths, None)
        host = lengths.to("cpu", non_blocking=True)
        return cls(x_a, x_b, host, torch.cuda.current_stream(lengths.device).record_event())

    def distances(self) -> list[float]:
        """Waits for what was queued before the lengths alone, not for the network."""
        if self.ready is not None:
            self.ready.synchronize()
        return self.lengths.tolist()


def _one_ahead(items: Iterable[_Ends]) -> Iterator[_Ends]:
    """The same items, each one begun before the one before it is worked on."""
    waiting: deque[_Ends] = deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > 1:
            yield waiting.popleft()
    yield from waiting


def _placed(values: np.ndarray, like: Tensor) -> Tensor:
    """An array on the device of a tensor; a GPU is not waited for."""
    host = torch.from_numpy(values)
    return host.pin_memory().to(like.device, non_blocking=True) if like.is_cuda else host


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
            # Most pieces are full batches already: no copy for those.
            yield torch.cat([*waiting, rest[:cut]]) if waiting else rest[:cut]
            rest, waiting, held = rest[cut:], [], 0
        if len(rest):
            waiting.append(rest)
            held += len(rest)
    if waiting:
        yield torch.cat(waiting)
