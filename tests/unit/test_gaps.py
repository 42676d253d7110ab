"""Claims of a build that has gaps, made from the tables that there are."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd

from spectral_bias.artefacts import read_json, write_table
from spectral_bias.report.gaps import UnfinishedJob, fill_in


def claims_job(folder: Path) -> dict:
    tables = [folder / "missing.csv", folder / "there.csv"]
    write_table(tables[1], pd.DataFrame({"x": [1.0]}))
    return {
        "rule": "claims",
        "input": {table.stem: [str(table)] for table in tables},
        "output": [str(folder / "claims.json"), str(folder / "checks.json")],
    }


def test_claims_on_tables_that_are_missing_have_no_data(tmp_path):
    job = UnfinishedJob(**claims_job(tmp_path))
    figure = UnfinishedJob("figure", {}, [str(tmp_path / "fig01.png")])
    assert fill_in([figure, job]) == job.output
    claims = read_json(tmp_path / "claims.json")
    assert claims and {claim["undecided"] for claim in claims} == {"no data"}
    assert not (tmp_path / "fig01.png").exists()


def test_a_damaged_table_ends_in_one_line(tmp_path):
    job = claims_job(tmp_path)
    (tmp_path / "there.csv").write_text("x\n2.0\n")
    done = subprocess.run(
        [sys.executable, "-m", "spectral_bias.report.gaps"],
        input=json.dumps([job]), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1 and not (tmp_path / "claims.json").exists()
    assert done.stderr.startswith("error: claims and report with gaps: ")
    assert "there.csv" in done.stderr and done.stderr.count("\n") == 1
