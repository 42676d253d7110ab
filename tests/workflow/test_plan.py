"""What training costs is printed before anything is spent."""

import re


def test_the_plan_is_printed_and_nothing_is_trained(fresh):
    done = fresh.snakemake("plan", config="scale=paper")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("fridovichkeil2021")]
    names = [re.match(r"fridovichkeil2021 cifar10: (\S+)", row) for row in rows]
    assert {"wrn_32", "wrn_160", "pyramid_net"} <= {name[1] for name in names if name}
    assert "stated, not measured" in done.stdout
    head, *table = done.stdout.split("\n\n")[1].splitlines()
    assert head.split("  ")[0] == "trained and measured along paths"
    assert head.endswith("networks   PFLOP  GPU hours  GB of memory  GB of disk")
    costs = {" ".join(row.split()[:2]): row.split()[-5:] for row in table[:-1]}
    assert {"rahaman2018 sinusoids", "rahaman2018 random_labels"} <= costs.keys()
    assert costs["fridovichkeil2021 cifar10"][:2] == ["254", "10,505"]
    assert all(float(disk) > 0 for *_, disk in costs.values())
    files = {path.name for path in (fresh.root / "results/paper").rglob("*") if path.is_file()}
    assert files == {"plan.log"}
