"""The plan: what runs cost in operations (FLOP), hours of a GPU, memory and disk, as a text."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from spectral_bias.cost.paths import PathWork
from spectral_bias.cost.sections import SectionCost
from spectral_bias.cost.training import Cost

STATED_TFLOPS = {"float32": 30.0, "tf32": 100.0, "bf16": 200.0}
"""10^12 FLOP per second that a network is taken to reach, by precision: rough values for one recent
data centre GPU (ours), used where no benchmark was run."""


def measured_tflops(benchmark: str | Path) -> dict[str, float]:
    """10^12 FLOP per second of training the largest network on a GPU, by precision.

    Args:
        benchmark: classifier.json of `make benchmark`; where it is missing, nothing was measured.
    """
    if not Path(benchmark).is_file():
        return {}
    found: dict[str, float] = {}
    for way in json.loads(Path(benchmark).read_text()).get("utilisation", []):
        if way["device"] == "cuda":
            found[way["precision"]] = max(way["tflops"], found.get(way["precision"], 0.0))
    return found


def plan_text(
    scale: str,
    found: Sequence[Cost],
    paths: Sequence[PathWork],
    measured: Mapping[str, float],
    measurements: Mapping[str, int],
) -> str:
    """What will be trained and measured, as two tables with an explanation.

    Args:
        scale: name of the scale.
        found: what is trained.
        paths: what is measured along paths.
        measured: what `measured_tflops` found.
        measurements: number of jobs of each kind that follow training.
    """
    rates = STATED_TFLOPS | dict(measured)
    work = [(cost.flop, cost.precision) for cost in found]
    path_work = [(one.flop(), one.precision) for one in paths]
    counted = [done for done, one in zip(path_work, paths, strict=True) if not one.waits_for]
    head = ("trained network", "runs", "epochs", "training images", "precision", *_WORK)
    trained = [_row(cost, rates) for cost in found]
    n_runs = str(sum(cost.n_runs for cost in found))
    trained.append(("all", n_runs, "", "", "", "", *_sum(work, rates)))
    lines = [f"Image classifiers at scale {scale}", "", *_table([head, *trained])]
    if paths:
        head = ("measured along paths", "networks", "paths", "points", "precision", *_WORK)
        rows = [_path_row(one, rates) for one in paths]
        rows.append(("all", "", "", "", "", "", *_sum(counted, rates)))
        both = ("training and paths", "", "", "", "", "", *_sum(work + counted, rates))
        lines += ["", *_table([head, *rows, both])]
    waiting = {one.waits_for: None for one in paths if one.waits_for}
    lines += [f"* only once {key} is set; not in the sums" for key in waiting]
    used = dict.fromkeys(precision for _, precision in work + path_work)
    lines += ["", *_EXPLANATION, *(_rate_text(name, measured) for name in used), ""]
    lines.append("Measurement jobs after training:")
    lines += [f"{number:6} {kind}" for kind, number in measurements.items()]
    return "\n".join(lines)


def sections_text(
    scale: str,
    found: Sequence[SectionCost],
    measured: Mapping[str, float],
    measuring_mb: int,
) -> str:
    """What each section costs, as a table.

    Args:
        scale: name of the scale.
        found: the sections.
        measured: what `measured_tflops` found.
        measuring_mb: memory that the largest measuring job asks for.
    """
    rates = STATED_TFLOPS | dict(measured)
    rows = [(one.name, one.n_networks, one.work, one.memory_mb, one.disk_bytes) for one in found]
    every = tuple(part for one in found for part in one.work)
    total = sum(one.n_networks for one in found), every, max(one.memory_mb for one in found)
    rows.append(("all", *total, sum(one.disk_bytes for one in found)))
    head = ("trained and measured along paths", "networks", "PFLOP", "GPU hours", *_SPACE)
    table = [
        (name, str(number), *_sum(work, rates), f"{memory / 1000:.3g}", _number(disk / 1e9))
        for name, number, work, memory, disk in rows
    ]
    last = f"Measuring jobs ask for {measuring_mb / 1000:.3g} GB at most."
    return "\n".join([f"Scale {scale}", "", *_table([head, *table]), "", *_SPACE_EXPLAINED, last])


_SPACE = ("GB of memory", "GB of disk")
_SPACE_EXPLAINED = (
    "Memory is what the largest training job asks for, and not that of a GPU. Disk is that of "
    "parameters",
    "and recorded predictions before compression; MLflow copies files up to 50 MB, and a training "
    "keeps",
    "two checkpoints. Small networks keep no GPU busy: ensembles take longer than operations say.",
)
_WORK = ("GFLOP/image", "PFLOP", "GPU hours")
_EXPLANATION = (
    "PFLOP: 10^15 operations of convolutions and matrix products, multiply-adds counted as two. "
    "Training",
    "costs three forward passes, distilling a fourth; the test images are passed once an epoch. "
    "Runs that",
    "stop early cost less, finished ones nothing. Each point of a path is one forward pass; a "
    "network counts",
    "once for each epoch at which it is measured. GPU hours are those of one GPU that reaches:",
)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines, the first column to the left and the others to the right."""
    first, *widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [f"{name:<{first}}", *(f"{t:>{w}}" for t, w in zip(texts, widths, strict=True))]
        ).rstrip()
        for name, *texts in rows
    ]


def _row(cost: Cost, rates: Mapping[str, float]) -> tuple[str, ...]:
    return (
        cost.name,
        str(cost.n_runs),
        _range(cost.epochs),
        _range(cost.n_train),
        cost.precision,
        f"{cost.forward_flop / 1e9:.3g}",
        *_sum([(cost.flop, cost.precision)], rates),
    )


def _path_row(work: PathWork, rates: Mapping[str, float]) -> tuple[str, ...]:
    return (
        work.name + (" *" if work.waits_for else ""),
        str(work.n_networks),
        str(work.n_paths),
        str(work.n_points),
        work.precision,
        f"{work.forward_flop() / 1e9:.3g}",
        *_sum([(work.flop(), work.precision)], rates),
    )


def _sum(work: Iterable[tuple[int, str]], rates: Mapping[str, float]) -> tuple[str, str]:
    """PFLOP, and hours at the throughput of each precision, of (FLOP, precision) together."""
    pairs = list(work)
    seconds = sum(flop / (1e12 * rates[precision]) for flop, precision in pairs)
    return _number(sum(flop for flop, _ in pairs) / 1e15), _number(seconds / 3600)


def _number(value: float) -> str:
    """Three digits or all before the point, never an exponent above."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low}-{high}"


def _rate_text(precision: str, measured: Mapping[str, float]) -> str:
    if precision in measured:
        source = "as `make benchmark` measured on this computer"
        return f"{measured[precision]:6.3g} TFLOP/s in {precision}, {source}"
    source = "stated, not measured; `make benchmark` on a computer with a GPU measures it"
    return f"{STATED_TFLOPS[precision]:6.3g} TFLOP/s in {precision}, {source}"
