"""Labelled images, read some at a time, normalised, on a device.

Shape suffixes: B images, C channels, H and W pixels, M images of the set.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from spectral_bias.data.image_files import Listing, View, opened
from spectral_bias.errors import UserError
from spectral_bias.training.classifier.normalisation import Normalisation

AHEAD = 2
"""Groups of images that are read while the network works."""


@dataclass(frozen=True, eq=False)
class ImageData:
    """M labelled images.

    Attributes:
        source: a folder's listing, or a map-style data set of (image, label).
        view: how image files, and other images that are not tensors, become one; None if none do.
        labels: (M,) 0 to the number of classes - 1.
        class_names: one for each class.
        names: of each image: the path within the folder, or the index.
        stated: how images are normalised and scaled, one line.
        normalisation: mean and standard deviation of each channel, as far as they are known.
        threads: that decode images; one for a data set, which need not bear more.
        modes: the images of other modes than RGB that were met, by mode.
    """

    source: Any
    view: View | None
    labels: np.ndarray
    class_names: tuple[str, ...]
    names: Sequence[str]
    stated: str
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] | None
    threads: int = 1
    modes: dict[str, set[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def item(self, index: int) -> Tensor:
        """One image (C, H, W): uint8 pixels, or floats that are normalised already.

        Raises:
            UserError: it cannot be read; names it.
        """
        if isinstance(self.source, Listing):
            image = opened(self.source.paths[index])
        else:
            image = self._given(index)
        try:
            found = self._tensor(image)
        except (ValueError, TypeError) as error:
            raise UserError(f"{self._called(index)}: {' '.join(str(error).split())}") from None
        if isinstance(image, Image.Image) and image.mode != ("RGB" if len(found) == 3 else "L"):
            self.modes.setdefault(image.mode, set()).add(index)
        return found

    def _called(self, index: int) -> str:
        named = isinstance(self.source, Listing)
        return self.source.paths[index] if named else f"image {self.names[index]}"

    def _given(self, index: int) -> Any:
        try:
            return self.source[index][0]
        except UserError:
            raise
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UserError(f"{self._called(index)}: cannot be read ({reason})") from None

    def _tensor(self, image: Any) -> Tensor:
        if isinstance(image, np.ndarray):
            image = Image.fromarray(image)
        if isinstance(image, Image.Image):
            if self.view is None:
                raise ValueError("is no tensor; say with a view how images become one")
            # A copy, for what Pillow gives may not be written.
            return torch.from_numpy(np.array(self.view(image).transpose(2, 0, 1), order="C"))
        if not isinstance(image, Tensor) or image.ndim != 3:
            what = tuple(image.shape) if isinstance(image, Tensor) else type(image).__name__
            raise ValueError(f"is {what}, not an image of shape (channels, height, width)")
        if self.view is not None and self.view.resize is not None:
            raise ValueError("is a tensor, which a view does not scale; scale it in the data set")
        return image

    def unreadable(
        self, indices: Iterable[int], like: int | None = None, strict: bool = False
    ) -> dict[int, str]:
        """Those of some images that cannot be read, with the reason.

        Args:
            indices: of the images.
            like: an image that can be read, of whose shape the others must be; None for the first
                of them that can be read.
            strict: the first one that cannot be read is an error.

        Raises:
            UserError: two images are of different shapes; or as `strict` says.
        """
        found: dict[int, str] = {}
        first: tuple[int, torch.Size] | None = None

        def examined(index: int) -> torch.Size | UserError:
            try:
                return self.item(index).shape
            except UserError as error:
                return error

        indices = [*([] if like is None else [like]), *indices]
        pool = ThreadPoolExecutor(self.threads)
        try:
            for index, seen in zip(indices, pool.map(examined, indices), strict=True):
                if isinstance(seen, UserError):
                    if strict:
                        raise seen
                    found[index] = str(seen)
                    continue
                first = first or (index, seen)
                self._require_same_shape((index, seen), first)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return found

    def _require_same_shape(
        self, one: tuple[int, torch.Size], other: tuple[int, torch.Size]
    ) -> None:
        if one[1] != other[1]:
            ours, theirs = ("×".join(map(str, shape)) for _, shape in (one, other))
            raise UserError(
                f"{self._called(one[0])}: {ours} numbers where {self._called(other[0])} has "
                f"{theirs}; give a size, so that all are scaled to one (--size)"
            )

    def batches(
        self,
        groups: Iterable[Sequence[int]],
        device: torch.device,
        memory_format: torch.memory_format = torch.contiguous_format,
    ) -> Iterator[Tensor]:
        """(B, C, H, W) float32, normalised, on the device, for each group of indices.

        The next groups are read while the caller works on one.

        Raises:
            UserError: an image cannot be read, or is of another size than the first of its group.
        """
        normalise = None
        if self.view is not None:
            normalise = Normalisation.of(self.view.mean, self.view.std, device)
        for pixels in self._read_ahead(groups):
            if device.type == "cuda":
                pixels = pixels.pin_memory()
            x = pixels.to(device, non_blocking=True)
            x = x.contiguous(memory_format=memory_format)
            # Whole numbers are pixels up to 255; floats are taken as normalised.
            whole = normalise is not None and not x.is_floating_point()
            yield normalise(x) if whole else x.float()

    def _read_ahead(self, groups: Iterable[Sequence[int]]) -> Iterator[Tensor]:
        waiting: deque[tuple[Sequence[int], list[Future]]] = deque()
        pool = ThreadPoolExecutor(self.threads)
        try:
            for group in groups:
                group = [int(index) for index in group]
                waiting.append((group, [pool.submit(self.item, index) for index in group]))
                if len(waiting) > AHEAD:
                    yield self._stacked(*waiting.popleft())
            while waiting:
                yield self._stacked(*waiting.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _stacked(self, group: Sequence[int], futures: Sequence[Future]) -> Tensor:
        items = [future.result() for future in futures]
        for index, item in zip(group, items, strict=True):
            self._require_same_shape((index, item.shape), (group[0], items[0].shape))
        return torch.stack(items)
