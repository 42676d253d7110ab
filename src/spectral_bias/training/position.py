"""Where training by mini-batches stands: in which epoch, how many batches in, what was drawn.

Every epoch draws from a generator of its own, so that it does not depend on how many came before.
"""

from typing import Any

import torch
from torch import Tensor


class Position:
    """A place between two batches, where training can go on as if it had never been left.

    Args:
        device: of the random numbers.

    Attributes:
        epoch: number of the epoch under way, or of the last one; 0 before the first.
        batch: how many of its batches are done.
        generator: what the epoch draws from.
    """

    def __init__(self, device: torch.device) -> None:
        self.epoch, self.batch = 0, 0
        self.generator = torch.Generator(device)

    def order(self, epoch: int, seed: int, n: int) -> Tensor:
        """Begins an epoch, unless it is under way already, and goes on with it otherwise.

        Args:
            epoch: its number.
            seed: of all that it draws.
            n: number of training images.

        Returns:
            (N,) the order of the images in this epoch, also of those that are done.
        """
        device = self.generator.device
        fresh = torch.Generator(device).manual_seed(seed)
        order = torch.randperm(n, generator=fresh, device=device)
        if epoch != self.epoch:
            self.epoch, self.batch = epoch, 0
            self.generator.set_state(fresh.get_state())
        return order

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        drawn = self.generator.get_state()
        return {"epoch": self.epoch, "batch": self.batch, "generator": drawn}

    def load_state(self, state: dict[str, Any]) -> None:
        """Takes up where `state()` left off."""
        self.epoch, self.batch = state["epoch"], state["batch"]
        self.generator.set_state(state["generator"])
