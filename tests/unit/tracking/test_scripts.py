"""The script of the workflow, in a process of its own as Snakemake runs it."""

import json
import os
from subprocess import PIPE

import pytest
from tracking_examples import python, run_facts, write_run

SCRIPT = """
import runpy
from types import SimpleNamespace
job = SimpleNamespace(
    log=["job.log"], output=["{output}"], config={{"tracking": {{"uri": {uri!r}}}}},
    params=SimpleNamespace(scale="{scale}"),
)
runpy.run_path("{script}", {{"snakemake": job}})
"""


@pytest.fixture
def run_script(results, repository, tmp_path):
    def run(name, scale="none", uri=None):
        output = tmp_path / f"{name}.json"
        script = repository / "workflow" / "scripts" / f"{name}.py"
        code = SCRIPT.format(output=output, script=script, scale=scale, uri=uri)
        process = python(code, results.parent, stderr=PIPE, env=os.environ)
        errors = process.communicate(timeout=120)[1]
        assert process.returncode == 0, errors
        return json.loads(output.read_text()), errors

    return run


def test_a_good_store_makes_no_noise(results, scale, run_script):
    facts = run_facts(scale=scale)
    write_run(results, facts)
    tracked, errors = run_script("track", scale)
    assert tracked["problem"] is None and facts["run_key"] in tracked["runs"] and errors == ""


def test_a_dead_server_is_one_line_and_no_failure(run_script):
    outcome, errors = run_script("track", uri="http://127.0.0.1:9")
    assert "127.0.0.1" in outcome["problem"]
    assert errors.startswith("warning: ") and errors.count("\n") == 1


# Names of their own: results are filed under that of the test.
@pytest.mark.parametrize(
    "password",
    ["hunter2%2Ft0p-s3cret", "hunter2/t0p-s3cret", "hunter2@t0p-s3cret"],
    ids=["quoted", "slash", "at"],
)
def test_a_password_in_the_environment_is_shown_and_kept_nowhere(
    results, scale, run_script, tmp_path, monkeypatch, password
):
    write_run(results, run_facts(scale=scale))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:{password}@127.0.0.1:9")
    outcome, errors = run_script("track", scale)
    assert outcome["tracking_uri"] == "http://127.0.0.1:9" and outcome["problem"]
    assert errors.startswith("warning: ") and errors.count("\n") == 1
    written = [*tmp_path.rglob("*"), *results.parent.rglob("*")]
    kept = b"".join(file.read_bytes() for file in written if file.is_file())
    for part in ("hunter2", "t0p-s3cret"):
        assert part not in errors and part.encode() not in kept
