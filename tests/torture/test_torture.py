"""What makes `make torture` fail: differences, files left over, points lost, bits unnoticed."""

import random
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from spectral_bias.artefacts import write_arrays, write_json, write_table
from spectral_bias.runtime.checkpoint import save_checkpoint
from tests.torture.compare import (
    differing,
    left_over,
    logged_points,
    lost_and_doubled,
    recorded_points,
)
from tests.torture.flips import flipped_checkpoints, flipped_results, keep_checkpoints


def built(folder: Path, seconds: float, value: int = 1) -> Path:
    run = folder / "paper/run"
    write_json(run / "run.json", {"wall_seconds": seconds, "value": value})
    (folder / "logs").mkdir()
    (folder / "logs/job.log").write_text(str(seconds))
    (folder / "report.html").write_text(
        f"<summary>6 networks, {seconds} s</summary><td>{seconds} min (resumed)</td>"
        f"<p>2026-01-02 03:0{int(seconds)} UTC</p><p>value {value}</p>"
        f'<table class="jobs"><td>{700 * seconds} MB</td></table>'
    )
    (run / "model.bin").write_bytes(bytes([value]))
    return folder


def test_times_do_not_count_and_values_do(tmp_path):
    whole, killed = built(tmp_path / "whole", 1.5), built(tmp_path / "killed", 2.5)
    assert differing(whole, killed) == left_over(whole, killed) == []
    other = built(tmp_path / "other", 1.5, value=2)
    assert differing(whole, other) == ["paper/run/model.bin", "paper/run/run.json", "report.html"]
    (killed / "paper/run/model.bin").unlink()
    assert differing(whole, killed) == ["paper/run/model.bin"]


def test_hidden_files_are_left_over_too(tmp_path):
    whole, killed = built(tmp_path / "whole", 1), built(tmp_path / "killed", 1)
    (killed / "paper/run/.model.77.bin").touch()
    assert left_over(whole, killed) == ["paper/run/.model.77.bin"]
    assert differing(whole, killed) == []


def test_points_are_counted_by_run_metric_and_iteration(tmp_path):
    database = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE tags (run_uuid, key, value)")
        connection.execute("CREATE TABLE metrics (run_uuid, key, step)")
        connection.executemany("INSERT INTO tags VALUES (?, 'run_key', 'k')", [("r",), ("s",)])
        rows = [("r", "loss", 0), ("r", "loss", 1), ("s", "loss", 1)]
        connection.executemany("INSERT INTO metrics VALUES (?, ?, ?)", rows)
    points = logged_points(database)
    assert points == {("k", "loss", 0): 1, ("k", "loss", 1): 2}
    run = tmp_path / "results/paper/run"
    write_json(run / "run.json", {"run_key": "k"})
    (run / "metrics.csv").write_text("iteration,metric,value\n1,loss,0.5\n2,loss,0.25\n")
    recorded = recorded_points(tmp_path / "results")
    assert recorded == {("k", "loss", 1), ("k", "loss", 2)}
    assert lost_and_doubled(recorded, points) == (1, 1)


def test_a_flipped_bit_of_a_result_is_noticed_and_put_back(tmp_path):
    import pandas as pd

    write_arrays(tmp_path / "a.npz", {}, {"meta": 1})
    write_table(tmp_path / "deep/b.csv", pd.DataFrame({"x": [1, 2]}))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = flipped_results(tmp_path, 20, random.Random(0))
    flipped = {kind: found[f"{kind} flipped"] for kind in (".npz", ".csv")}
    assert sum(flipped.values()) == 20 and min(flipped.values()) > 0
    assert flipped == {kind: found[f"{kind} caught"] for kind in flipped}
    assert {path: path.read_bytes() for path in before} == before
    (tmp_path / ".checksums/a.npz.sha256").write_text("")  # as if nobody had looked
    found = flipped_results(tmp_path, 20, random.Random(0))
    assert found[".npz flipped"] > 0 and found[".npz caught"] == 0


@pytest.mark.filterwarnings("ignore")
def test_a_flipped_bit_of_a_checkpoint_is_noticed(tmp_path):
    import torch

    folder = tmp_path / "results/paper/run/resume/key"
    folder.mkdir(parents=True)
    save_checkpoint(folder / "group_0000.pt", "mark", {"weights": torch.ones(50)})
    keep_checkpoints(tmp_path / "results", tmp_path / "kept")
    kept = list((tmp_path / "kept").iterdir())
    found = flipped_checkpoints(kept, 10, random.Random(0))
    assert found == {"checkpoint flipped": 10, "checkpoint caught": 10}
    for checksum in kept[0].glob(".checksums/*"):
        checksum.write_text("")
    # Without a checksum what is unreadable is still noticed, but a changed weight is not.
    assert flipped_checkpoints(kept, 10, random.Random(0))["checkpoint caught"] < 10
    assert flipped_checkpoints([], 10, random.Random(0)).total() == 0


@pytest.mark.slow
def test_one_figure_comes_through_kills(repository):
    target = "results/torture/figures/rahaman2018/fig03.png"
    command = [sys.executable, "-m", "tests.torture", "--kills", "3", "--seed", "2", target]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^kills +3 in \d+ builds", done.stdout, re.MULTILINE)
    assert re.search(r"^problems +0$", done.stdout, re.MULTILINE)
