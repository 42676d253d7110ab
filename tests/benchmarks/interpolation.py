"""Speed of measuring paths between images in full batches, against one path at a time.

    python -m tests.benchmarks.interpolation

Both ways compute the class probabilities along the same paths and their spectra with the same
network: a narrow wide ResNet, with random weights, on images of the size of CIFAR-10. One path at a
time means one batch for each path. Both are measured in every round, one directly after the other;
medians over the rounds are compared. On a CPU, where a small batch uses it fully, full batches gain
on short paths alone.

Units: paths per second.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from spectral_bias.measurements.interpolation import HIGH, path_spectra
from spectral_bias.measurements.path_points import points_at_once
from spectral_bias.models.wide_resnet import wide_resnet
from spectral_bias.runtime.device import device_name
from spectral_bias.spectra.paths import Sampling, relative_frequency
from spectral_bias.training.precision import float32_mode
from tests.benchmarks.ways import Spread, in_rounds, rate

Pair = tuple[Tensor, Tensor]
WAYS = ("one path at a time", "full batches")
SECONDS = 1.0
"""About how long one measurement takes."""


@dataclass(frozen=True)
class Case:
    """Paths of `n_samples` points that are measured with a network of this size.

    A batch_size of None is the one that the device gets by default.
    """

    n_samples: int
    depth: int
    width: int
    stem: int
    n_paths: int
    side: int
    batch_size: int | None = None


CASES = (Case(64, 10, 8, 8, 64, 32), Case(16, 10, 8, 8, 256, 32))
"""Points of a CIFAR-10 path at distance 1, and short paths."""


def one_at_a_time(network: nn.Module, pairs: list[Pair], sampling: Sampling) -> list[tuple]:
    """What `path_spectra` gives, path by path, written down plainly in NumPy.

    Returns:
        For each path magnitude, power, and the raw, the windowed and the chord-free fraction.
    """
    rows = []
    for x_a, x_b in pairs:
        direction = x_b - x_a
        shares = sampling.shares(direction.norm().item())
        points = torch.stack([x_a + share * direction for share in shares])
        with torch.no_grad():
            p_SK = network(points).softmax(1).cpu().numpy().astype(np.float64)
        rows.append(plain_spectra(p_SK, sampling.relative_frequency))
    return rows


def plain_spectra(p_SK: np.ndarray, common_N: np.ndarray, high: float = HIGH) -> tuple:
    """Magnitude and power at common frequencies and the three fractions of one path."""
    n = len(p_SK)

    def magnitude(p: np.ndarray) -> np.ndarray:
        return np.abs(np.fft.rfft(p, axis=0)).mean(axis=1) / n

    def fraction(p: np.ndarray) -> float:
        bins = magnitude(p)
        return bins[int(np.ceil(high * len(bins))) : -1].sum() / bins.sum()

    moved = np.sqrt(((p_SK - p_SK[0]) ** 2).sum(axis=1))
    power = np.abs(np.fft.rfft(moved) / n) ** 2
    spectra = [np.interp(common_N, relative_frequency(n), v) for v in (magnitude(p_SK), power)]
    hann = p_SK * (1 - np.cos(2 * np.pi * np.arange(n) / n))[:, None]
    free = p_SK - (p_SK[-1] - p_SK[0]) * (np.arange(n) / (n - 1) - 0.5)[:, None]
    return (*spectra, *(fraction(p) for p in (p_SK, hann, free)))


def measurements(case: Case, device: torch.device) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name and work of both ways; the work is to measure all paths once."""
    torch.manual_seed(0)
    network = wide_resnet(10, case.depth, case.width, case.stem)
    network = network.to(device=device, memory_format=torch.channels_last).eval()
    images = torch.randn(2 * case.n_paths, 3, case.side, case.side, device=device)
    x_BCHW = images.contiguous(memory_format=torch.channels_last)
    pairs = list(zip(x_BCHW[::2], x_BCHW[1::2], strict=True))
    sampling = Sampling(None, case.n_samples, 65)
    yield WAYS[0], lambda: one_at_a_time(network, pairs, sampling)
    batch_size = case.batch_size or points_at_once(device, (3, case.side, case.side))
    yield WAYS[1], lambda: path_spectra(network, pairs, sampling, batch_size=batch_size)


def run(
    cases: tuple[Case, ...],
    device: torch.device,
    threads: int,
    rounds: int,
    seconds: float,
    say: Callable[[str], None] = print,
) -> dict:
    """Measures all cases; what goes into the json file."""
    torch.set_num_threads(threads)
    todo: dict[str, Callable[[], float]] = {}
    for number, case in enumerate(cases):
        for name, work in measurements(case, device):
            todo[f"{number} {name}"] = lambda work=work, n=case.n_paths: n * rate(work, seconds)
    with float32_mode("float32"):
        found = in_rounds(todo, rounds, say)
    rows = []
    for number, case in enumerate(cases):
        alone, batched = (found[f"{number} {name}"] for name in WAYS)
        rows.append(
            {
                "case": asdict(case),
                **{name: asdict(found[f"{number} {name}"]) for name in WAYS},
                "speed_up": batched.median / alone.median,
            }
        )
    machine = {"device": device_name(device), "threads": threads, "torch": torch.__version__}
    return {"machine": machine, "cases": rows}


def table(result: dict) -> str:
    """The results as text."""
    machine = result["machine"]
    lines = [f"{machine['device']}, {machine['threads']} threads, torch {machine['torch']}", ""]
    lines.append(
        f"{'network':24} {'points':>6} {'way':20} {'paths/s':>24} {'images/s':>9} speed-up"
    )
    for row in result["cases"]:
        case = row["case"]
        network = f"depth {case['depth']}, width {case['width']}, stem {case['stem']}"
        for name in WAYS:
            spread = Spread(**row[name])
            rates = f"{spread.median:.1f} ({spread.minimum:.1f}..{spread.maximum:.1f})"
            speed_up = row["speed_up"] if name == WAYS[1] else 1
            lines.append(
                f"{network:24} {case['n_samples']:6} {name:20} {rates:>24} "
                f"{spread.median * case['n_samples']:9.0f} {speed_up:7.2f}x"
            )
    return "\n".join(lines)


def main() -> None:
    """Command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Speed of measuring interpolation paths")
    default = Path("results/benchmarks/interpolation.json")
    parser.add_argument("path", nargs="?", default=default, type=Path)
    parser.add_argument("--threads", default=2, type=int, help="CPU threads of both ways")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--rounds", default=5, type=int)
    options = parser.parse_args()
    device = torch.device(options.device)
    result = run(CASES, device, options.threads, options.rounds, SECONDS)
    options.path.parent.mkdir(parents=True, exist_ok=True)
    options.path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"\n{table(result)}\n\nwritten to {options.path}")


if __name__ == "__main__":
    main()
