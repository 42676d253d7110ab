"""What training image classifiers costs in floating-point operations (FLOP) and GPU time.

Counted are convolutions and matrix products, a multiply-add as two operations.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spectral_bias.models.named import build_network
from spectral_bias.training.runs import ClassifierRun

STATED_TFLOPS = {"float32": 30.0, "tf32": 100.0, "bf16": 200.0}
"""10^12 FLOP per second that training is taken to reach, by precision: rough values for one recent
data centre GPU (ours), used where no benchmark was run."""
WHOLE_SETS = {
    "cifar10": {"train": 50_000, "test": 10_000},
    "folder": {"train": 1_281_167, "test": 50_000},
}
"""Images of CIFAR-10, and of ImageNet where no folder is named."""
PHOTOGRAPHS = 10
SMALL = 32
"""Pixels along each side of an image, unless the data have a setting `size`."""
TRAINING_PASSES = 3
"""Forward pass, gradient of the activations and gradient of the weights: about equal work each."""


@dataclass(frozen=True)
class Cost:
    """The cost of all training runs of one network.

    Attributes:
        name: paper, experiment and architecture.
        epochs: of each run.
        n_train: training images of each run.
        forward_flop: of the forward pass of one image.
        flop: of all runs together.
    """

    name: str
    epochs: list[int]
    n_train: list[int]
    forward_flop: int
    flop: int

    @property
    def n_runs(self) -> int:
        """How many networks are trained."""
        return len(self.epochs)


def forward_flop(network: Mapping[str, Any], size: int, n_classes: int = 10) -> int:
    """FLOP of one image's way through a network; nothing is computed or allocated for it.

    Args:
        network: callable and arguments, as `build_network` takes them.
        size: pixels along each side of the image.
        n_classes: outputs.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"), torch.no_grad():
        model = build_network(**network, n_classes=n_classes, seed=0).eval()
        with FlopCounterMode(display=False) as counter:
            model(torch.empty(1, 3, size, size))
    return counter.get_total_flops()


def training_flop(run: ClassifierRun, forward: int) -> int:
    """FLOP of one run: training, and after each epoch a pass over the test images.

    A distilled network also needs its teacher's forward pass of each training image.
    """
    passes = TRAINING_PASSES + (run.teacher is not None)
    images = passes * n_images(run, "train") + n_images(run, "test")
    return forward * run.length * images


def n_images(run: ClassifierRun, part: str) -> int:
    """Images of one part ("train" or "test") that a run uses."""
    data = run.data
    if part == "train" and run.n_train:
        return run.n_train
    name = "val" if part == "test" and data["source"] == "folder" else part
    number = data.get(f"n_{name}")
    if data.get("images") == "photographs":
        return number * PHOTOGRAPHS  # one class each
    if number is None and data["folder"] is None:
        return WHOLE_SETS[data["source"]][part]
    return number or sum(path.is_file() for path in (Path(data["folder"]) / name).glob("*/*"))


def costs(runs: Iterable[ClassifierRun]) -> list[Cost]:
    """One cost for each network and image size, in the order of the runs."""
    groups: dict[tuple[str, str], list[ClassifierRun]] = {}
    for run in runs:
        name = f"{run.paper} {run.experiment}: {run.architecture}"
        what = [asdict(run.network), run.data.get("size") or SMALL]
        groups.setdefault((name, json.dumps(what, sort_keys=True)), []).append(run)
    return [_cost(name, *json.loads(what), group) for (name, what), group in groups.items()]


def _cost(name: str, network: Mapping[str, Any], size: int, runs: Sequence[ClassifierRun]) -> Cost:
    forward = forward_flop(network, size)
    return Cost(
        name=name,
        epochs=[run.length for run in runs],
        n_train=[n_images(run, "train") for run in runs],
        forward_flop=forward,
        flop=sum(training_flop(run, forward) for run in runs),
    )


def measured_tflops(benchmark: str | Path, precision: str) -> float | None:
    """10^12 FLOP per second of training the largest network on a GPU, where it was measured.

    Args:
        benchmark: classifier.json of `make benchmark`; may be missing.
        precision: "float32", "tf32" or "bf16".
    """
    if not Path(benchmark).is_file():
        return None
    ways = json.loads(Path(benchmark).read_text()).get("utilisation", [])
    rates = [
        way["tflops"] for way in ways if way["device"] == "cuda" and way["precision"] == precision
    ]
    return max(rates, default=None)


def plan_text(
    scale: str,
    found: Sequence[Cost],
    precision: str,
    measured: float | None,
    measurements: Mapping[str, int],
) -> str:
    """What will be trained and measured, as a table with an explanation.

    Args:
        scale: name of the scale.
        found: what is trained.
        precision: of training.
        measured: what `measured_tflops` found.
        measurements: number of jobs of each kind that follow training.
    """
    tflops = measured or STATED_TFLOPS[precision]
    head = ("network", "runs", "epochs", "training images", "GFLOP/image", "PFLOP", "GPU hours")
    rows = [head, *(_row(cost, tflops) for cost in found)]
    whole = sum(cost.flop for cost in found)
    n_runs = sum(cost.n_runs for cost in found)
    rows.append(("all", str(n_runs), "", "", "", *_work(whole, tflops)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"Image classifiers at scale {scale}", ""]
    for name, *numbers in rows:
        cells = [f"{text:>{width}}" for text, width in zip(numbers, widths[1:], strict=True)]
        lines.append("  ".join([f"{name:<{widths[0]}}", *cells]))
    lines += ["", *_explanation(tflops, precision, measured is not None)]
    lines.append("Measurement jobs after training:")
    lines += [f"{number:6} {kind}" for kind, number in measurements.items()]
    return "\n".join(lines)


def _row(cost: Cost, tflops: float) -> tuple[str, ...]:
    return (
        cost.name,
        str(cost.n_runs),
        _range(cost.epochs),
        _range(cost.n_train),
        f"{cost.forward_flop / 1e9:.3g}",
        *_work(cost.flop, tflops),
    )


def _work(flop: int, tflops: float) -> tuple[str, str]:
    """PFLOP, and hours at a throughput in TFLOP/s."""
    return _number(flop / 1e15), _number(flop / (1e12 * tflops) / 3600)


def _number(value: float) -> str:
    """Three digits or all before the point, never an exponent above."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low}-{high}"


def _explanation(tflops: float, precision: str, measured: bool) -> list[str]:
    rate = f"{tflops:.3g} TFLOP/s in {precision}"
    if measured:
        hours = f"GPU hours: one GPU at {rate}, as `make benchmark` measured on this computer."
    else:
        hours = (
            f"GPU hours are an estimate for one GPU at {rate}. This throughput is stated, not "
            "measured;\n`make benchmark` on a computer with a GPU measures it."
        )
    return [
        "PFLOP: 10^15 operations of convolutions and matrix products, multiply-adds counted as "
        "two. Training\ncosts three forward passes, distilling a fourth; the test images are "
        "passed once an epoch. Runs that\nstop early cost less, finished ones nothing.",
        hours,
    ]
