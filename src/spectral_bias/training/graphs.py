"""Work that is recorded once, as a CUDA graph, and then replayed.

A training step of small or deep networks is hundreds to thousands of kernels, and launching them
one by one takes longer than running them. All batches have the same shape, so the kernels and the
addresses that they work on are always the same: a graph launches them all at once.
https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

import gc
import random
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

WARM_UP = 3
"""Times that work is done before the recording, in which libraries choose kernels and allocate
workspaces."""

Work = Callable[[], tuple[Tensor, ...]]
"""Changes tensors in place."""
Recorder = Callable[[Work, torch.device], tuple[tuple[Tensor, ...], Callable[[], None]]]
"""Records work on a device: its results, and a function that does it again, on the same tensors."""


def recorded(
    work: Work, state: Sequence[Tensor], device: torch.device, record: Recorder | None = None
) -> tuple[tuple[Tensor, ...], Callable[[], None]]:
    """Records work and makes sure that replaying it does something; see `Recorder`.

    The state and PyTorch's generators are afterwards as before.

    Args:
        work: what is recorded.
        state: all tensors that it changes, but for its results.
        device: of the tensors.
        record: see `cuda_graph`.

    Raises:
        RuntimeError: it cannot be recorded, or a replay does not do what was recorded.
    """
    before = [tensor.detach().clone() for tensor in state]
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        try:
            results, replay = (record or cuda_graph)(work, device)
            moves = _differ(state, before)
            _restore(state, before)
            replay()
            if moves and not _differ(state, before):
                raise RuntimeError(f"on {device} replaying the recorded step changes no parameter")
        finally:
            _restore(state, before)
    return results, replay


def _differ(state: Sequence[Tensor], before: Sequence[Tensor]) -> bool:
    pairs = zip(state, before, strict=True)
    return any(not torch.equal(tensor, value) for tensor, value in pairs)


@torch.no_grad()
def _restore(state: Sequence[Tensor], before: Sequence[Tensor]) -> None:
    for tensor, value in zip(state, before, strict=True):
        tensor.copy_(value)


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
