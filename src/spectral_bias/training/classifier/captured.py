"""A training step that is recorded once, as a CUDA graph, and then replayed.

A step of a small or deep network is hundreds to thousands of kernels, and launching them one by one
takes longer than running them. All batches have the same shape, so the kernels and the addresses
that they work on are always the same: a graph launches them all at once.
https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

import gc
import logging
import random
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

WARM_UP = 3
"""Steps before the recording, in which libraries choose kernels and allocate workspaces."""

Step = Callable[[Tensor, Tensor, float | Tensor], tuple[Tensor, ...]]
"""(images, targets, learning rate) to results; changes tensors in place."""
Work = Callable[[], tuple[Tensor, ...]]
Recorder = Callable[[Work, torch.device], tuple[tuple[Tensor, ...], Callable[[], None]]]
"""Records work on a device: its results, and a function that does it again, on the same tensors."""

log = logging.getLogger(__name__)


class CapturedStep:
    """A step on buffers of its own, into which each batch and its learning rate are copied.

    It is recorded at the first call. A step that cannot be recorded is done as it is.

    Args:
        step: what is recorded. It must not read anything on the CPU that changes from batch to
            batch, but for the learning rate, which it is given as a tensor.
        state: all tensors that it changes: the parameters, the optimiser's, batch norm's.
        record: see `cuda_graph`.
    """

    def __init__(self, step: Step, state: Sequence[Tensor], record: Recorder | None = None) -> None:
        self._step, self._state, self._record = step, state, record or cuda_graph
        self._replay: Callable[[], None] | None = None
        self._recorded = False

    def __call__(self, x: Tensor, y: Tensor, rate: float) -> tuple[Tensor, ...]:
        """The step's results; they are overwritten by the next call."""
        if not self._recorded:
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
        self._recorded = True
        self._x, self._y, self._rate = x.clone(), y.clone(), torch.zeros((), device=x.device)
        before = [tensor.detach().clone() for tensor in self._state]
        with torch.random.fork_rng(devices=[x.device] if x.device.type == "cuda" else []):
            try:
                self._results, self._replay = self._record(
                    lambda: self._step(self._x, self._y, self._rate), x.device
                )
            except RuntimeError as error:
                reason = str(error).partition("\n")[0]
                log.warning("training without a CUDA graph, which is slower: %s", reason)
        with torch.no_grad():
            for tensor, value in zip(self._state, before, strict=True):
                tensor.copy_(value)
                tensor.grad = None  # a step that failed half-way leaves gradients


def captured_on_gpu(step: Step, state: Sequence[Tensor], device: torch.device) -> Step:
    """The step as a `CapturedStep` on a GPU, on a CPU as it is."""
    return CapturedStep(step, state) if device.type == "cuda" else step


def cuda_graph(work: Work, device: torch.device) -> tuple[tuple[Tensor, ...], Callable[[], None]]:
    """Records work as a CUDA graph; see `Recorder`. The work itself is done a few times.

    PyTorch's own generator of the device is part of the graph: each replay draws new numbers, from
    the seed and the offset that it has then.

    Raises:
        RuntimeError: it cannot be recorded.
    """
    gc.collect()  # a step and its graph refer to each other: frees those of trainings before
    graph = torch.cuda.CUDAGraph()
    # Streams and graphs are those of the current device, whatever the tensors' device.
    with torch.cuda.device(device):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                work()
            _require_recordable(work)
            # Other threads may wait for the device meanwhile (the default mode forbids it).
            with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                results = work()
        torch.cuda.current_stream().wait_stream(stream)

    def replay() -> None:
        with torch.cuda.device(device):
            graph.replay()

    return results, replay


def _require_recordable(work: Work) -> None:
    """Does the work once more and sees whether a replay would do the same.

    A recording that fails leaves PyTorch's generator unusable, so what would make it fail is looked
    for before: waiting for the device. And numbers that are drawn on the CPU would be the same in
    every replay.

    Raises:
        RuntimeError: it would not.
    """
    before, mode = _cpu_generators(), torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch says that this mode does not see everything
        torch.cuda.set_sync_debug_mode("error")
        try:
            work()
        finally:
            torch.cuda.set_sync_debug_mode(mode)
    if _cpu_generators() != before:
        raise RuntimeError("the network draws random numbers on the CPU")


def _cpu_generators() -> tuple[bytes, object, bytes, int]:
    """The states of the generators that a network may draw from on the CPU."""
    _, keys, place, *_ = np.random.get_state()
    torchs = torch.random.get_rng_state().numpy().tobytes()
    return torchs, random.getstate(), keys.tobytes(), place
