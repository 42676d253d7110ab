"""Rates of training, one network after another and as an ensemble, and of matrix products.

Both ways train the networks of Experiment 1 of Rahaman et al. 2018 on the same problem.
Units: networks times iterations per second; GFLOP/s with multiply-adds counted as two.
"""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import nn

from spectral_bias.data.problem import Problem
from spectral_bias.experiments.rahaman2018.sinusoids import problem as sinusoids
from spectral_bias.models.mlp import mlp
from spectral_bias.training.ensemble.settings import TrainSettings
from spectral_bias.training.ensemble.train import train

LEARNING_RATE = 3e-4
DEPTH = 6
N_SAMPLES = 200


@dataclass(frozen=True)
class Case:
    """An ensemble of `members` networks of 6 linear layers of this width."""

    width: int
    members: int
    sequential_threads: tuple[int, ...]
    target: float
    """Least speed-up over the best sequential way."""


@dataclass(frozen=True)
class Size:
    """How much is measured: cases, and about how long one measurement takes.

    The engine gets four times the seconds, since setting up the ensemble is counted as well, which
    is nothing beside a training of minutes.
    """

    cases: tuple[Case, ...]
    rounds: int
    seconds: float
    square: int


@dataclass(frozen=True)
class Spread:
    """Of the values of all rounds."""

    median: float
    minimum: float
    maximum: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


def full_size(threads: int) -> Size:
    """The full Experiment 1 network, and narrow ones in large ensembles.

    The authors' way uses all threads. Narrow networks are faster on one, so both are tried there.
    """
    either = (1, threads)
    cases = (Case(256, 10, (threads,), 1.9), Case(32, 40, either, 10), Case(16, 88, either, 20))
    return Size(cases, rounds=5, seconds=1.0, square=2048)


def experiment_1(members: int) -> Problem:
    """k = 5, 10, …, 50 with equal amplitudes on 200 points."""
    run = {"frequencies": list(range(5, 51, 5)), "amplitudes": [1.0] * 10, "n_points": N_SAMPLES}
    return sinusoids.build({**run, "n_runs": members, "seed": 0, "run": "benchmark"})[0]


def rate(work: Callable[[], object], seconds: float) -> float:
    """Calls of `work` per second, over at least `seconds` after one call to warm up."""
    work()
    calls, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        work()
        calls += 1
    return calls / elapsed


def sequential_rate(problem: Problem, width: int, threads: int, seconds: float) -> float:
    """Iterations per second of one `nn.Sequential` with PyTorch's own Adam, as it comes."""
    torch.set_num_threads(threads)
    network = mlp(problem.d_in, width, DEPTH, seed=0)
    adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    inputs = torch.as_tensor(problem.inputs, dtype=torch.float32)
    targets = torch.as_tensor(problem.targets[0], dtype=torch.float32)[:, None]

    def ten_iterations() -> None:
        for _ in range(10):
            adam.zero_grad()
            nn.functional.mse_loss(network(inputs), targets).backward()
            adam.step()

    return 10 * rate(ten_iterations, seconds)


class Engine:
    """`train` on the CPU, for about as many iterations as take the time of one measurement."""

    def __init__(self, case: Case, threads: int, precision: str, seconds: float) -> None:
        self.case, self.threads, self.precision = case, threads, precision
        self.problem, self.seconds = experiment_1(case.members), seconds
        self.iterations = 10

    def measure(self) -> float:
        """Networks times iterations per second; set-up of the ensemble is counted too."""
        settings = TrainSettings(
            width=self.case.width,
            depth=DEPTH,
            loss="mse",
            learning_rate=LEARNING_RATE,
            iterations=self.iterations,
            loss_every=self.iterations,
            precision=self.precision,
        )
        start = time.perf_counter()
        train(self.problem, settings, device=torch.device("cpu"), threads=self.threads)
        elapsed = time.perf_counter() - start
        result = self.iterations * self.case.members / elapsed
        self.iterations = max(10, round(self.iterations * self.seconds / elapsed))
        return result

    def prepare(self) -> None:
        """Finds the number of iterations."""
        for _ in range(3):
            self.measure()


def square_gflops(size: int, threads: int, seconds: float) -> float:
    """Of the product of two large square matrices on all threads."""
    torch.set_num_threads(threads)
    a, b, out = (torch.randn(size, size) for _ in range(3))
    return 2 * size**3 * rate(lambda: torch.mm(a, b, out=out), seconds) / 1e9


def processor_share(threads: int, seconds: float) -> float:
    """Processor time that busy threads get, as a share of what they ask for."""
    wall, used = time.perf_counter(), time.process_time()
    own_shape_gflops(256, threads, seconds)
    return (time.process_time() - used) / (time.perf_counter() - wall) / threads


def own_shape_gflops(width: int, threads: int, seconds: float) -> float:
    """Of the hidden layers' product, (200, width) times (width, width), one on each thread."""

    def one_thread(_: int) -> float:
        torch.set_num_threads(1)
        h, weight, out = (torch.randn(rows, width) for rows in (N_SAMPLES, width, N_SAMPLES))
        return rate(lambda: torch.mm(h, weight, out=out), seconds)

    with ThreadPoolExecutor(threads) as pool:
        return 2 * N_SAMPLES * width**2 * sum(pool.map(one_thread, range(threads))) / 1e9


def measurements(size: Size, threads: int) -> dict[str, Callable[[], float]]:
    """What one round measures: by name, a function that returns the figure."""
    s = size.seconds
    todo = {
        "processor share": lambda: processor_share(threads, s / 4),
        "square product": lambda: square_gflops(size.square, threads, s / 2),
    }
    for case in size.cases:
        w = case.width
        todo[f"{w} own-shape product"] = lambda w=w: own_shape_gflops(w, threads, s / 2)
        problem = experiment_1(1)
        for count in dict.fromkeys(case.sequential_threads):
            todo[f"{w} sequential {count}"] = lambda w=w, problem=problem, count=count: (
                sequential_rate(problem, w, count, s)
            )
        for precision in ("float32", "bf16"):
            engine = Engine(case, threads, precision, 4 * s)
            engine.prepare()
            todo[f"{w} ensemble {precision}"] = engine.measure
    return todo


def in_rounds(
    todo: dict[str, Callable[[], float]], rounds: int, say: Callable[[str], None]
) -> dict[str, Spread]:
    """Every measurement once a round."""
    values: dict[str, list[float]] = {name: [] for name in todo}
    for number in range(1, rounds + 1):
        say(f"round {number} of {rounds}")
        for name, measure in todo.items():
            values[name].append(measure())
    return {name: Spread.of(found) for name, found in values.items()}


def flops_per_iteration(width: int) -> int:
    """Of one network."""
    settings = TrainSettings(width, DEPTH, "mse", LEARNING_RATE, 1, 1)
    return settings.shape(1).flops_per_step(N_SAMPLES)
