import json
import logging
import signal
import time
from pathlib import Path
from subprocess import PIPE

import pytest
from test_importer import points
from tracking_examples import PAPERS, curves, python, run_facts, track, write_run

from spectral_bias.tracking import LiveRun, tracking_uri
from spectral_bias.tracking.store import open_store, search


def running_facts(scale, key="0123456789ab"):
    """Facts as they are known when a job starts."""
    late = ("finished", "wall_seconds", "resumed", "status")
    return {
        name: value for name, value in run_facts(key=key, scale=scale).items() if name not in late
    }


def live(results, facts):
    return LiveRun(facts, tracking_uri(results), live_after_seconds=0, flush_seconds=0.05)


def found(results, scale, status=None):
    """The one run of this scale, once it is there with this status."""
    store = open_store(tracking_uri(results), PAPERS)
    for _ in range(200):
        runs = search(store, "rahaman2018", "scale", scale)
        if runs and runs[0].data.metrics and status in (None, runs[0].info.status):
            (run,) = runs
            return run
        time.sleep(0.05)
    raise AssertionError("the run did not appear")


def test_curves_are_there_while_it_trains(results, scale, client):
    with live(results, running_facts(scale)) as run:
        run.offer(curves(range(0, 201, 100)))
        during = found(results, scale)
        assert during.info.status == "RUNNING"
        assert during.data.params["network.depth"] == "6" and during.data.tags["members"] == "3"
        assert during.data.metrics["spectral_norm/layer2"] == pytest.approx(2.0)
    after = client.get_run(during.info.run_id)
    assert after.info.status == "FINISHED"
    assert not [tag for tag in after.data.tags if tag.startswith("live.")]


def test_a_live_run_has_its_data_as_input_once(results, scale, client):
    facts = run_facts(scale=scale) | {"data_checksum": "d4"}
    with live(results, running_facts(scale) | {"data_checksum": "d4"}) as run:
        run.offer(curves(range(0, 201, 100)))
        run_id = found(results, scale).info.run_id
    for _ in range(2):
        (entry,) = client.get_run(run_id).inputs.dataset_inputs
        assert (entry.dataset.name, entry.dataset.digest) == ("sinusoids", "d4")
        write_run(results, facts)
        assert track(results, scale)["runs"] == {facts["run_key"]: run_id}


def test_many_points_at_once_arrive_beside_the_sign_of_life(results, scale, client):
    table = curves(range(0, 20000, 100))
    with live(results, running_facts(scale)) as run:
        run.offer(table)
        run_id = found(results, scale).info.run_id
    assert len(points(client, run_id)) == len(table) > 1000


def test_the_import_completes_a_live_run(results, scale, client):
    facts = run_facts(scale=scale)
    with live(results, running_facts(scale)) as run:
        run.offer(curves(range(0, 201, 100)))
        run_id = found(results, scale).info.run_id
    write_run(results, facts)
    assert track(results, scale)["runs"] == {facts["run_key"]: run_id}
    logged = [point[:2] for point in points(client, run_id)]
    assert sorted(logged) == sorted((m, i) for i, m, _ in curves().itertuples(index=False))


def test_a_resumed_job_continues_its_run_without_doubling_points(results, scale, client):
    for last in (201, 401):
        with live(results, running_facts(scale)) as run:
            for _ in range(2):
                run.offer(curves(range(0, last, 100)))
            found(results, scale, status="RUNNING")
    run_id = found(results, scale).info.run_id
    logged = [point[:2] for point in points(client, run_id)]
    assert sorted(logged) == sorted((m, i) for i, m, _ in curves().itertuples(index=False))


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")]
)
def test_a_job_that_breaks_off_says_so(results, request, error, status):
    scale = f"broken_off_{status}"
    with pytest.raises(error), live(results, running_facts(scale)) as run:
        run.offer(curves())
        found(results, scale)
        raise error
    assert found(results, scale).info.status == status


JOB = """
import json, sys, time
sys.path.insert(0, {here!r})
from tracking_examples import curves
from spectral_bias.tracking import LiveRun, tracking_uri
facts = json.loads({facts!r})
with LiveRun(facts, tracking_uri("results"), live_after_seconds=0, flush_seconds=0.1) as live:
    live.offer(curves())
    print("training", flush=True)
    time.sleep(120)
"""


@pytest.mark.parametrize(
    ("sign", "before", "after"),
    [(signal.SIGTERM, "KILLED", "KILLED"), (signal.SIGKILL, "RUNNING", "KILLED")],
)
def test_a_killed_job_does_not_stay_running(results, sign, before, after):
    scale = f"killed_{sign.name}"
    code = JOB.format(here=str(Path(__file__).parent), facts=json.dumps(running_facts(scale)))
    with python(code, results.parent, stdout=PIPE) as job:
        assert job.stdout.readline() == "training\n"
        assert found(results, scale).info.status == "RUNNING"
        assert track(results, scale)["problem"] is None
        assert found(results, scale).info.status == "RUNNING"  # its job is alive
        job.send_signal(sign)
        assert job.wait(timeout=30) == (143 if sign == signal.SIGTERM else -9)
    assert found(results, scale).info.status == before
    assert track(results, scale)["problem"] is None
    assert found(results, scale).info.status == after


def test_a_silent_job_elsewhere_is_gone_after_a_while(results, scale, client):
    with live(results, running_facts(scale)) as run:
        run.offer(curves())
        run_id = found(results, scale).info.run_id
    client.update_run(run_id, status="RUNNING")
    client.set_tag(run_id, "live.job", "another-host 1 2")
    for age, status in ((60, "RUNNING"), (3600, "KILLED")):
        client.set_tag(run_id, "live.heartbeat", str(time.time() - age))
        track(results, scale)
        assert client.get_run(run_id).info.status == status


def test_a_short_job_does_not_touch_mlflow(tmp_path):
    code = JOB.replace("time.sleep(120)", "pass").replace("_seconds=0,", "_seconds=20,")
    code = code.format(here=str(Path(__file__).parent), facts="{}")
    code += "\nprint('mlflow' in sys.modules)"
    start = time.monotonic()
    with python(code, tmp_path, stdout=PIPE) as job:
        assert job.communicate(timeout=60)[0].split() == ["training", "False"]
    assert time.monotonic() - start < 15
    assert not (tmp_path / "results").exists()


def test_a_dead_server_is_one_warning(scale, caplog):
    start = time.monotonic()
    run = LiveRun(running_facts(scale), "http://127.0.0.1:9", 0, flush_seconds=0.01)
    with run, caplog.at_level(logging.WARNING):
        for _ in range(4):
            run.offer(curves())
            time.sleep(0.5)
    assert time.monotonic() - start < 15
    (warning,) = [record for record in caplog.records if "tracking" in record.message]
    assert "127.0.0.1" in warning.message and "\n" not in warning.message


def test_without_an_address_nothing_happens(scale):
    with LiveRun(running_facts(scale), None, 0) as run:
        run.offer(curves())
