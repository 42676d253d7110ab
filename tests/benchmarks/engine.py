"""Speed of the training engine against training one network after another.

    make benchmark

Both ways train the networks of Experiment 1 of Rahaman et al. 2018 on the same problem. All
measurements of one round follow one another directly, rounds are repeated, and medians over the
rounds are compared, so that passing disturbances do not count. Where other programs take a lasting
share of the processor, nothing is judged: threads that wait for each other suffer far more from it
than independent ones, which would flatter the engine.

Units: networks times iterations per second; GFLOP/s with multiply-adds counted as two.
"""

import argparse
import json
import platform
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from tests.benchmarks.ways import (
    Case,
    Size,
    Spread,
    flops_per_iteration,
    full_size,
    in_rounds,
    measurements,
)

# Least share of the processor time asked for, by which the machine counts as free. A free one
# gives 0.99.
FREE = 0.95
VERDICTS = {True: "met", False: "MISSED", None: "not judged, since the machine was busy"}


def report(size: Size, threads: int, found: dict[str, Spread]) -> dict:
    """All results as they go into the json file."""
    products = {name: asdict(spread) for name, spread in found.items() if "product" in name}
    rows = [row for case in size.cases for row in _rows(case, threads, found)]
    engines = [row for row in rows if (row["way"], row["precision"]) == ("ensemble", "float32")]
    targets = [
        _target(f"speed-up at width {case.width}", engine["speed_up"], case.target)
        for case, engine in zip(size.cases, engines, strict=True)
    ]
    name = f"share of the float32 matmul peak at width {engines[0]['width']}"
    targets.append(_target(name, engines[0]["share_of_peak"], 0.85))
    share = found["processor share"]
    if share.median < FREE:
        targets = [{**target, "met": None} for target in targets]
    machine = {"processor": _processor(), "threads": threads, "torch": torch.__version__}
    machine["processor_share"] = asdict(share)
    return {"machine": machine, "product_gflops": products, "ways": rows, "targets": targets}


def _rows(case: Case, threads: int, found: dict[str, Spread]) -> list[dict]:
    """One row for each way of training the networks of a case."""
    names = [n for n in found if n.startswith(f"{case.width} ") and "product" not in n]
    best = max(found[name].median for name in names if "sequential" in name)
    rows = []
    for name in names:
        way, variant = name.split()[1:]
        alone = way == "sequential"
        gflops = found[name].median * flops_per_iteration(case.width) / 1e9
        rows.append(
            {
                "width": case.width,
                "members": 1 if alone else case.members,
                "way": way,
                "precision": "float32" if alone else variant,
                "threads": int(variant) if alone else threads,
                "rate": asdict(found[name]),
                "gflops": gflops,
                "share_of_peak": gflops / found["square product"].median,
                "speed_up": found[name].median / best,
            }
        )
    return rows


def _target(name: str, value: float, least: float) -> dict:
    return {"name": name, "value": value, "least": least, "met": value >= least}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def table(result: dict) -> str:
    """The results as text."""
    machine = result["machine"]
    lines = [f"{machine['processor']}, {machine['threads']} threads, torch {machine['torch']}"]
    share = machine["processor_share"]["median"]
    lines += [f"share of the processor that other programs left: {share:.0%}", ""]
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
        verdict = VERDICTS[target["met"]]
        lines.append(
            f"{target['name']}: {target['value']:.2f}, at least {target['least']} {verdict}"
        )
    return "\n".join(lines)


def run(size: Size, threads: int, path: Path, say: Callable[[str], None]) -> dict:
    """Measures, writes the json file and returns what it holds."""
    found = in_rounds(measurements(size, threads), size.rounds, say)
    result = report(size, threads, found)
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
