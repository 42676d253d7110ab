"""Recorded work: on the right device, and never a recording that does nothing.

`torch.cuda` is a stand-in here that writes down what is asked of it on which current device.
"""

import random
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from spectral_bias.training import graphs
from spectral_bias.training.graphs import cuda_graph, recorded

CPU = torch.device("cpu")


class StandIn:
    """Keeps a list of (what, current device)."""

    def __init__(self):
        self.current, self.seen, self.mode = 0, [], 0

    def note(self, what):
        self.seen.append((what, self.current))

    @contextmanager
    def device(self, device):
        before, self.current = self.current, device.index
        yield
        self.current = before

    def stream(self, *_):
        self.note("stream")
        return SimpleNamespace(wait_stream=lambda other: None)

    @contextmanager
    def within(self, *_):
        yield

    @contextmanager
    def graph(self, graph, stream, capture_error_mode):
        self.note(f"capture {capture_error_mode}")
        yield

    def patches(self):
        return {
            "device": self.device,
            "Stream": self.stream,
            "current_stream": self.stream,
            "stream": self.within,
            "graph": self.graph,
            "CUDAGraph": lambda: SimpleNamespace(replay=lambda: self.note("replay")),
            "get_sync_debug_mode": lambda: 0,
            "set_sync_debug_mode": lambda mode: self.note(f"sync {mode}"),
        }


@pytest.fixture
def cuda(monkeypatch):
    stand_in = StandIn()
    for name, value in stand_in.patches().items():
        monkeypatch.setattr(torch.cuda, name, value)
    return stand_in


@pytest.mark.parametrize("index", [0, 1, 3])
def test_recording_and_replaying_happen_on_the_device_of_the_tensors(cuda, index):
    value = torch.zeros(())

    def work():
        cuda.note("work")
        return (value.add_(1),)

    _, replay = cuda_graph(work, torch.device("cuda", index))
    replay()
    assert {device for _, device in cuda.seen} == {index} and cuda.current == 0
    done = [what for what, _ in cuda.seen if what != "stream"]
    assert done == [
        *["work"] * 3,
        *("sync error", "work", "sync 0"),
        *("capture thread_local", "work", "replay"),
    ]


def adding(value):
    def work():
        value.add_(1)
        return (value,)

    return work


def test_a_replay_that_does_nothing_is_an_error_and_leaves_no_trace():
    value = torch.zeros(3)

    def empty(work, device):
        work()
        return (value,), lambda: None

    with pytest.raises(RuntimeError, match="on cpu replaying the recorded step changes no param"):
        recorded(adding(value), [value], CPU, empty)
    assert value.tolist() == [0, 0, 0]


def test_a_replay_that_works_leaves_state_and_generators_as_they_were():
    value, torch_state = torch.zeros(3), torch.get_rng_state()

    def work():
        value.add_(torch.rand(3))
        return (value,)

    def record(work, device):
        return work(), lambda: work() and None

    _, replay = recorded(work, [value], CPU, record)
    assert value.tolist() == [0, 0, 0] and torch.equal(torch.get_rng_state(), torch_state)
    replay()
    assert (value > 0).all()


def test_work_that_changes_nothing_may_do_so_in_a_replay():
    value = torch.zeros(3)
    recorded(lambda: (value,), [value], CPU, lambda work, device: (work(), lambda: None))


@pytest.mark.parametrize(
    "draw",
    [lambda: torch.rand(1), random.random, lambda: np.random.rand(), lambda: None],
    ids=["torch", "random", "numpy", "none"],
)
def test_numbers_drawn_on_the_cpu_are_noticed(draw):
    before = graphs._cpu_generators()
    drawn = draw()
    assert (graphs._cpu_generators() == before) == (drawn is None)
