"""Images in files, read when they are needed and decoded in worker processes.

For data sets that do not fit into memory.

Shape suffixes: B images, C channels, H and W pixels.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from spectral_bias.data.image_files import Listing, View, opened
from spectral_bias.errors import UserError


class _Files(Dataset):
    """Images by index. A bad file gives its message: errors of workers lose their one line."""

    def __init__(self, listing: Listing, view: View) -> None:
        self.listing, self.view = listing, view

    def __len__(self) -> int:
        return len(self.listing)

    def __getitem__(self, index: int) -> Tensor | str:
        try:
            pixels = self.view(opened(self.listing.paths[index]))
        except UserError as error:
            return str(error)
        return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


class _Order:
    """The batches of indices that the loader asks for next."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)


def first_error_or_stack(items: Sequence[Tensor | str]) -> Tensor | str:
    """(B, …) of tensors of one shape, or the first message among them."""
    return next((item for item in items if isinstance(item, str)), None) or torch.stack(list(items))


class LazyImages:
    """Batches of the images of a listing, in any order that is asked for.

    Args:
        listing: the files.
        view: what is shown of each.
        device: where batches go.
        workers: processes that decode, kept from one call to the next; 0 decodes in this one.
    """

    def __init__(self, listing: Listing, view: View, device: torch.device, workers: int) -> None:
        self.listing, self.view, self.device = listing, view, device
        self._labels = torch.as_tensor(listing.labels, dtype=torch.long)
        self._order = _Order()
        self._loader = DataLoader(
            _Files(listing, view),
            batch_sampler=self._order,
            num_workers=workers,
            collate_fn=first_error_or_stack,
            persistent_workers=workers > 0,
            pin_memory=device.type == "cuda",
            # Otherwise every pass would draw from the global generator, on which networks depend.
            generator=torch.Generator().manual_seed(0),
        )

    def batches(self, order: Iterable[Sequence[int]]) -> Iterator[tuple[Tensor, Tensor]]:
        """Pixels (B, 3, H, W) uint8 and labels (B,) on the device, for each list of indices.

        Raises:
            UserError: an image cannot be read; names the file.
        """
        self._order.batches = [[int(index) for index in batch] for batch in order]
        for chosen, pixels in zip(self._order.batches, self._loader, strict=True):
            if isinstance(pixels, str):
                raise UserError(pixels)
            labels = self._labels[chosen]
            yield tuple(t.to(self.device, non_blocking=True) for t in (pixels, labels))
