"""Kills a build again and again and holds its results against those of a build left alone.

    make torture ARGS="--kills 60 --seed 0"

Two copies of the project build the tiny scale. In one of them jobs, Snakemake, or all processes get
SIGKILL, SIGTERM or SIGINT at random moments, after which the same command is given again. In the
end every result is compared byte for byte, and so is what MLflow holds; then single bits of results
and checkpoints are flipped. The exit status is 0 if nothing differs, is lost, doubled or left over,
and each flipped bit was noticed.
"""

import argparse
import math
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import copied_checkout
from tests.torture.builds import SCALE, SIGNALS, VICTIMS, Build, Kill
from tests.torture.compare import (
    differing,
    left_over,
    logged_points,
    lost_and_doubled,
    recorded_points,
    results,
)
from tests.torture.flips import flipped_checkpoints, flipped_results, keep_checkpoints

DATABASE = "results/mlflow/mlflow.db"


@dataclass
class Found:
    """What the torture has shown so far."""

    kills: Counter[Kill] = field(default_factory=Counter)
    builds: int = 0
    files: int = 0
    failed: list[str] = field(default_factory=list)
    points: int = 0
    flips: Counter[str] = field(default_factory=Counter)

    def say(self, problem: str) -> None:
        """Notes a problem and prints it at once."""
        self.failed.append(problem)
        print(f"PROBLEM: {problem}", flush=True)


def main() -> int:
    """The exit status: 0 if the build came through everything."""
    wanted = _arguments()
    chance = random.Random(wanted.seed)
    folder = Path(tempfile.mkdtemp(prefix="spectral-bias-torture-"))
    print(f"builds in {folder}", flush=True)
    whole, killed = (
        Build(copied_checkout(folder / name), tuple(wanted.targets)) for name in ("whole", "killed")
    )
    whole.prepare()
    killed.prepare()
    begun = time.monotonic()
    if whole.call() != 0:
        print(f"the build fails even if nobody kills it, see {whole.log}")
        return 1
    print(f"a build left alone takes {time.monotonic() - begun:.0f} s", flush=True)
    found = Found(files=len(results(whole.results)))
    kept = folder / "checkpoints"
    end = time.monotonic() + 60 * wanted.minutes

    def goes_on() -> bool:
        return found.kills.total() < wanted.kills and time.monotonic() < end

    while goes_on() and not found.failed:
        shutil.rmtree(killed.root / "results", ignore_errors=True)
        _torture(whole, killed, goes_on, chance, found, kept)
    found.flips = flipped_results(killed.results, wanted.flips, chance)
    with (folder / "flips.log").open("w") as log, redirect_stderr(log):
        found.flips += flipped_checkpoints(sorted(kept.glob("*")), wanted.flips, chance)
    _judge_flips(found)
    print(_table(found, time.monotonic() - begun))
    if not found.failed and not wanted.keep:
        shutil.rmtree(folder)
    return int(bool(found.failed))


def _torture(
    whole: Build,
    killed: Build,
    goes_on: Callable[[], bool],
    chance: random.Random,
    found: Found,
    kept: Path,
) -> None:
    """One build from nothing to its end, killed until there were enough kills or it is done."""
    while goes_on():
        kill = killed.killed_once(chance)
        keep_checkpoints(killed.results, kept)
        if kill is None:
            break
        found.kills[kill] += 1
        print(f"{found.kills.total():4} {kill.signal} to {kill.victim}", flush=True)
    if killed.finish() != 0:
        found.say(f"after these kills the build fails, see {killed.log}")
        return
    found.builds += 1
    for pid in killed.jobs():
        found.say(f"process {pid} of a job still runs")
    for name in differing(whole.results, killed.results):
        found.say(f"{name} is not what it is without kills")
    for name in left_over(whole.results, killed.results):
        found.say(f"{name} is left over")
    for name in (killed.root / ".snakemake").glob("locks/*"):
        found.say(f"{name} is left over")
    if (killed.root / DATABASE).exists():
        recorded = recorded_points(killed.results)
        lost, doubled = lost_and_doubled(recorded, logged_points(killed.root / DATABASE))
        found.points += len(recorded)
        # Without `track` a store holds what was shown live, as much of it as there was time for.
        if lost and (whole.results / "tracking.json").exists():
            found.say(f"{lost} points in MLflow were lost")
        if doubled:
            found.say(f"{doubled} points in MLflow were doubled")


def _judge_flips(found: Found) -> None:
    for name, number in found.flips.items():
        kind, _, what = name.partition(" ")
        if what == "flipped" and found.flips[f"{kind} caught"] < number:
            found.say(f"{number - found.flips[f'{kind} caught']} flipped bits in {kind} unnoticed")


def _table(found: Found, seconds: float) -> str:
    """What was done and what came of it."""
    names = [number.name for number in SIGNALS]
    lines = ["", f"{'killed':<16}" + "".join(f"{name:>9}" for name in names)]
    for victim in VICTIMS:
        counts = (found.kills[Kill(name, victim)] for name in names)
        lines.append(f"{victim:<16}" + "".join(f"{count:>9}" for count in counts))
    kinds = sorted({name.partition(" ")[0] for name in found.flips})
    flips = [f"{found.flips[f'{k} caught']} of {found.flips[f'{k} flipped']} {k}" for k in kinds]
    lines += [
        "",
        f"kills            {found.kills.total()} in {found.builds} builds, {seconds / 60:.0f} min",
        f"compared         {found.files} files of each build at scale {SCALE}",
        f"MLflow           {found.points} points",
        f"flipped bits     noticed: {', '.join(flips) or 'none flipped'}",
        f"problems         {len(found.failed)}",
        *(f"  {problem}" for problem in found.failed),
    ]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("make torture", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=60, help="most kills")
    parser.add_argument("--minutes", type=float, default=math.inf, help="longest time of killing")
    parser.add_argument("--flips", type=int, default=200, help="bits flipped, of results and again")
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn")
    parser.add_argument("--keep", action="store_true", help="keep the builds; failed ones are kept")
    parser.add_argument("targets", nargs="*", help="what to build instead of everything")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
