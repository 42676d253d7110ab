"""What training costs is printed before anything is spent."""

import re


def test_the_plan_is_printed_and_nothing_is_trained(fresh):
    done = fresh.snakemake("plan", config="scale=paper")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("fridovichkeil2021")]
    names = [re.match(r"fridovichkeil2021 cifar10: (\S+)", row) for row in rows]
    assert {"wrn_32", "wrn_160", "pyramid_net"} <= {name[1] for name in names if name}
    assert "stated, not measured" in done.stdout
    files = {path.name for path in (fresh.root / "results/paper").rglob("*") if path.is_file()}
    assert files == {"plan.log"}
