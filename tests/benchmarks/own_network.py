"""What measuring a network costs beside its forward passes, and what other ways would cost.

    python -m tests.benchmarks.own_network

ResNet-18 on paths of 64 points between images of 64×64, all in one run, one directly after the
other in every round:

- *one path at a time*: the points of one path are made, evaluated and transformed, as in the loop
  of the released script;
- *plain batches*: the points of all paths are made at once and evaluated in batches, the spectra
  path by path: what one would write first, whose memory grows with the number of paths;
- *measure*: `spectral_bias.measure`, with the choice of pairs, the checks and the intervals;
- *forward passes*: batches of given images of every size that is tried, nothing else.

The share is the points per second of `measure` over those of the forward passes at their best
batch. Memory is the largest resident set of processes that measure few and many paths.

Units: paths per second, points per second, MiB.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from spectral_bias import measure
from spectral_bias.runtime.device import device_name
from spectral_bias.spectra.paths import Sampling
from tests.benchmarks.interpolation import one_at_a_time, plain_spectra
from tests.benchmarks.ways import Spread, in_rounds

SIDE, POINTS, CLASSES = 64, 64, 10
BATCHES = (16, 32, 64, 128, 256)
ALONE, PLAIN, OURS = "one path at a time", "plain batches", "measure"


@dataclass(frozen=True)
class Size:
    """How much is measured: paths of one round, and what the memory is compared between."""

    paths: int
    rounds: int
    few: int
    many: int


FULL = Size(paths=100, rounds=3, few=50, many=1000)


def resnet18(device: torch.device) -> nn.Module:
    """torchvision's ResNet-18 for ten classes with random weights, channels last."""
    from torchvision.models import resnet18 as make

    torch.manual_seed(0)
    network = make(weights=None, num_classes=CLASSES).eval().requires_grad_(False)
    return network.to(device=device, memory_format=torch.channels_last)


def random_images(count: int, side: int = SIDE) -> tuple[Tensor, Tensor]:
    """Images (count, 3, side, side) of normal numbers, and labels of ten classes."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 3, side, side, generator=generator), torch.arange(count) % CLASSES


def measured(network: nn.Module, paths: int, batch: int | None, side: int, points: int) -> float:
    """Seconds that `measure` takes for so many paths within classes."""
    images = random_images(2 * paths, side)
    start = time.perf_counter()
    found = measure(
        network, images, pairs=paths, kinds="within", points=points, batch=batch, name="resnet18"
    )
    seconds = time.perf_counter() - start
    assert len(found.paths) == paths
    return seconds


def plain_batches(network: nn.Module, pairs: list, sampling: Sampling, batch: int) -> list[tuple]:
    """All points at once, in batches; spectra path by path in NumPy."""
    shares = torch.as_tensor(sampling.shares(1.0), dtype=torch.float32)[:, None, None, None]
    points = torch.cat([torch.lerp(x_a, x_b, shares) for x_a, x_b in pairs])
    points = points.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        p = torch.cat([network(x).softmax(1) for x in points.split(batch)]).double().numpy()
    return [
        plain_spectra(own, sampling.relative_frequency)
        for own in p.reshape(len(pairs), len(shares), -1)
    ]


def forward_rate(network: nn.Module, batch: int, points: int, side: int) -> float:
    """Points per second of forward passes alone, softmax included."""
    x = random_images(batch, side)[0].contiguous(memory_format=torch.channels_last)
    count = max(1, points // batch)
    with torch.no_grad():
        network(x)
        start = time.perf_counter()
        for _ in range(count):
            network(x).softmax(1)
    return count * batch / (time.perf_counter() - start)


def run(
    size: Size,
    threads: int,
    say: Callable[[str], None] = print,
    side: int = SIDE,
    points: int = POINTS,
    batches: tuple[int, ...] = BATCHES,
) -> dict:
    """Measures everything on the CPU; what goes into the json file."""
    torch.set_num_threads(threads)
    network = resnet18(torch.device("cpu"))
    x, _ = random_images(2 * size.paths, side)
    x = x.contiguous(memory_format=torch.channels_last)
    pairs = list(zip(x[::2], x[1::2], strict=True))
    sampling = Sampling(None, points, 65)

    def timed(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return size.paths / (time.perf_counter() - start)

    best = max(batches, key=lambda batch: forward_rate(network, batch, 4 * batch, side))
    todo: dict[str, Callable[[], float]] = {
        f"forward {batch}": lambda batch=batch: forward_rate(
            network, batch, size.paths * points // 2, side
        )
        for batch in batches
    }
    todo[ALONE] = lambda: timed(lambda: one_at_a_time(network, pairs, sampling))
    todo[PLAIN] = lambda: timed(lambda: plain_batches(network, pairs, sampling, best))
    todo[OURS] = lambda: size.paths / measured(network, size.paths, None, side, points)
    todo[f"{OURS}, batch {best}"] = lambda: (
        size.paths / measured(network, size.paths, best, side, points)
    )
    found = in_rounds(todo, size.rounds, say)
    forward = max(spread.median for name, spread in found.items() if name.startswith("forward"))
    ours = max(spread.median for name, spread in found.items() if name.startswith(OURS))
    return {
        "machine": {"device": device_name(torch.device("cpu")), "threads": threads,
                    "torch": torch.__version__},
        "size": asdict(size),
        "rates": {name: asdict(spread) for name, spread in found.items()},
        # With the far end of every path, a point more.
        "share_of_forward": ours * (points + 1) / forward,
        "memory_mib": {
            str(paths): peak_memory(paths, threads, side, points)
            for paths in (size.few, size.many)
        },
    }  # fmt: skip


def peak_memory(paths: int, threads: int, side: int, points: int) -> float:
    """MiB that a process needs at most which measures so many paths."""
    words = ["--memory", str(paths), "--threads", str(threads)]
    words += ["--side", str(side), "--points", str(points)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.own_network", *words],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


class _Made(torch.utils.data.Dataset):
    """Random images that are made when they are asked for, so that they fill no memory."""

    def __init__(self, count: int, side: int) -> None:
        self.count, self.side = count, side
        self.targets = [index % CLASSES for index in range(count)]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        generator = torch.Generator().manual_seed(index)
        image = torch.randn(3, self.side, self.side, generator=generator)
        return image, self.targets[index]


def table(result: dict) -> str:
    """The results as text."""
    machine, rates = result["machine"], result["rates"]
    lines = [f"{machine['device']}, {machine['threads']} threads, torch {machine['torch']}", ""]
    for name, values in rates.items():
        spread, unit = Spread(**values), "points/s" if name.startswith("forward") else "paths/s"
        text = f"{spread.median:.2f} ({spread.minimum:.2f}..{spread.maximum:.2f}) {unit}"
        lines.append(f"{name:24} {text}")
    lines.append(f"\nshare of the forward passes: {100 * result['share_of_forward']:.1f} %")
    for paths, mib in result["memory_mib"].items():
        lines.append(f"{paths:>5} paths: {mib:.0f} MiB at most")
    return "\n".join(lines)


def main() -> None:
    """Command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="What measuring a network costs")
    default = Path("results/benchmarks/own_network.json")
    parser.add_argument("path", nargs="?", default=default, type=Path)
    parser.add_argument("--threads", default=2, type=int)
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--side", type=int, default=SIDE, help=argparse.SUPPRESS)
    parser.add_argument("--points", type=int, default=POINTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        torch.set_num_threads(options.threads)
        images = _Made(2 * options.memory, options.side)
        network = resnet18(torch.device("cpu"))
        measure(network, images, pairs=options.memory, kinds="within", points=options.points)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    result = run(FULL, options.threads)
    options.path.parent.mkdir(parents=True, exist_ok=True)
    options.path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"\n{table(result)}\n\nwritten to {options.path}")


if __name__ == "__main__":
    main()
