"""Speed of the training engine against training one network after another.

    make benchmark

Both ways train the networks of Experiment 1 of Rahaman et al. 2018 on the same problem. All
measurements of one round follow one another directly, and rounds are repeated, so that a machine
that other programs slow down slows all ways alike; medians over the rounds are compared.

Units: networks times iterations per second; GFLOP/s with multiply-adds counted as two.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn

from spectral_bias.data import sinusoids
from spectral_bias.data.problem import Problem
from spectral_bias.models.mlp import relu_mlp
from spectral_bias.training.ensemble import train
from spectral_bias.training.settings import TrainSettings

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

    The engine gets twice the seconds, since setting up the ensemble is counted as well.
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
    return Size(cases, rounds=7, seconds=1.0, square=2048)


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
    network = relu_mlp(problem.d_in, width, DEPTH, seed=0)
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
    todo = {"square product": lambda: square_gflops(size.square, threads, s / 2)}
    for case in size.cases:
        w = case.width
        todo[f"{w} own-shape product"] = lambda w=w: own_shape_gflops(w, threads, s / 2)
        problem = experiment_1(1)
        for count in dict.fromkeys(case.sequential_threads):
            todo[f"{w} sequential {count}"] = lambda w=w, problem=problem, count=count: (
                sequential_rate(problem, w, count, s)
            )
        for precision in ("float32", "bf16"):
            engine = Engine(case, threads, precision, 2 * s)
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


def report(size: Size, threads: int, load_before: float, found: dict[str, Spread]) -> dict:
    """All results as they go into the json file."""
    peak = found["square product"].median
    products = {name: asdict(spread) for name, spread in found.items() if "product" in name}
    rows, targets = [], []
    for case in size.cases:
        first = [f"{case.width} sequential {n}" for n in dict.fromkeys(case.sequential_threads)]
        best = max(found[name].median for name in first)
        shape_flops = _flops(case.width)
        for name in (n for n in found if n.startswith(f"{case.width} ") and "product" not in n):
            _, way, variant = name.split()
            sequential = way == "sequential"
            gflops = found[name].median * shape_flops / 1e9
            rows.append(
                {
                    "width": case.width,
                    "members": 1 if sequential else case.members,
                    "way": way,
                    "precision": "float32" if sequential else variant,
                    "threads": int(variant) if sequential else threads,
                    "rate": asdict(found[name]),
                    "gflops": gflops,
                    "share_of_peak": gflops / peak,
                    "speed_up": found[name].median / best,
                }
            )
        engine = next(r for r in rows if r["width"] == case.width and _is_engine(r))
        targets.append(_target(f"speed-up at width {case.width}", engine["speed_up"], case.target))
    widest = next(r for r in rows if _is_engine(r))
    name = f"share of the float32 matmul peak at width {widest['width']}"
    targets.append(_target(name, widest["share_of_peak"], 0.85))
    machine = {"processor": _processor(), "threads": threads, "torch": torch.__version__}
    machine["load_before"] = load_before
    return {"machine": machine, "product_gflops": products, "ways": rows, "targets": targets}


def _is_engine(row: dict) -> bool:
    return row["way"] == "ensemble" and row["precision"] == "float32"


def _target(name: str, value: float, least: float) -> dict:
    return {"name": name, "value": value, "least": least, "met": value >= least}


def _flops(width: int) -> int:
    settings = TrainSettings(width, DEPTH, "mse", LEARNING_RATE, 1, 1)
    return settings.shape(1).flops_per_step(N_SAMPLES)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def table(result: dict) -> str:
    """The results as text."""
    machine = result["machine"]
    lines = [f"{machine['processor']}, {machine['threads']} threads, torch {machine['torch']}"]
    lines += [f"load of other programs before: {machine['load_before']:.1f}", ""]
    for name, spread in result["product_gflops"].items():
        spread_text = f"({spread['minimum']:.0f}..{spread['maximum']:.0f})"
        lines.append(f"{name:24} {spread['median']:6.0f} GFLOP/s {spread_text}")
    head = ("width", "members", "way", "precision", "threads", "networks·iterations/s")
    lines += ["", "{:>5} {:>7} {:10} {:9} {:>7} {:>28}".format(*head) + " GFLOP/s  peak speed-up"]
    for row in result["ways"]:
        spread = row["rate"]
        rates = f"{spread['median']:.0f} ({spread['minimum']:.0f}..{spread['maximum']:.0f})"
        lines.append(
            f"{row['width']:5} {row['members']:7} {row['way']:10} {row['precision']:9} "
            f"{row['threads']:7} {rates:>28} {row['gflops']:7.1f} {row['share_of_peak']:5.0%} "
            f"{row['speed_up']:7.2f}x"
        )
    lines.append("")
    for target in result["targets"]:
        verdict = "met" if target["met"] else "MISSED"
        lines.append(
            f"{target['name']}: {target['value']:.2f}, at least {target['least']} {verdict}"
        )
    return "\n".join(lines)


def run(size: Size, threads: int, path: Path, say: Callable[[str], None]) -> dict:
    """Measures, writes the json file and returns what it holds."""
    load_before = os.getloadavg()[0]
    found = in_rounds(measurements(size, threads), size.rounds, say)
    result = report(size, threads, load_before, found)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    return result


def main() -> None:
    """Command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Speed of the training engine")
    parser.add_argument("path", nargs="?", default="results/benchmarks/engine.json", type=Path)
    parser.add_argument("--threads", default=2, type=int, help="CPU threads of both ways")
    options = parser.parse_args()
    size = full_size(options.threads)
    result = run(size, options.threads, options.path, lambda line: print(line, flush=True))
    print(f"\n{table(result)}\n\nwritten to {options.path}")


if __name__ == "__main__":
    main()
