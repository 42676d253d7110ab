"""A classifier's training step, recorded once and then replayed; see `training.graphs`."""

import logging
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from spectral_bias.training.graphs import Recorder, recorded

Step = Callable[[Tensor, Tensor, float | Tensor], tuple[Tensor, ...]]
"""(images, targets, learning rate) to results; changes tensors in place."""

log = logging.getLogger(__name__)


class CapturedStep:
    """A step on buffers of its own, into which each batch and its learning rate are copied.

    It is recorded at the first call. A step that cannot be recorded is done as it is.

    Args:
        step: what is recorded. It must not read anything on the CPU that changes from batch to
            batch, but for the learning rate, which it is given as a tensor.
        state: all tensors that it changes: the parameters, the optimiser's, batch norm's.
        record: see `graphs.cuda_graph`.
    """

    def __init__(self, step: Step, state: Sequence[Tensor], record: Recorder | None = None) -> None:
        self._step, self._state, self._record = step, state, record
        self._replay: Callable[[], None] | None = None
        self._begun = False

    def __call__(self, x: Tensor, y: Tensor, rate: float) -> tuple[Tensor, ...]:
        """The step's results; they are overwritten by the next call."""
        if not self._begun:
            self._begin(x, y)
        if self._replay is None:
            return self._step(x, y, rate)
        self._x.copy_(x)
        self._y.copy_(y)
        self._rate.fill_(rate)
        self._replay()
        return self._results

    def _begin(self, x: Tensor, y: Tensor) -> None:
        """Records the step; the state and PyTorch's generators are afterwards as before."""
        self._begun = True
        self._x, self._y, self._rate = x.clone(), y.clone(), torch.zeros((), device=x.device)
        try:
            self._results, self._replay = recorded(
                lambda: self._step(self._x, self._y, self._rate),
                self._state,
                x.device,
                self._record,
            )
        except RuntimeError as error:
            reason = str(error).partition("\n")[0]
            log.warning("training without a CUDA graph, which is slower: %s", reason)
        for tensor in self._state:
            tensor.grad = None  # a step that failed half-way leaves gradients


def captured_on_gpu(step: Step, state: Sequence[Tensor], device: torch.device) -> Step:
    """The step as a `CapturedStep` on a GPU, on a CPU as it is."""
    return CapturedStep(step, state) if device.type == "cuda" else step
