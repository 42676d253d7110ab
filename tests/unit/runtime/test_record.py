import io
from types import SimpleNamespace

import pandas as pd
import torch

from spectral_bias.runtime import record
from spectral_bias.runtime.progress import Progress
from spectral_bias.runtime.record import JobContext, Shown
from spectral_bias.tracking import tracking_uri


class Offered(list):
    """Stands for a live run: keeps what it is offered."""

    offer = list.append


def shown_run(total=4):
    lines, live = io.StringIO(), Offered()
    return Shown(Progress("run", total, "epochs", stream=lines), live), live, lines


def test_curves_are_offered_at_intervals_and_not_made_in_between(monkeypatch):
    clock = iter([0.0, 1.0, 6.0, 6.0, 7.0])
    monkeypatch.setattr(record.time, "monotonic", lambda: next(clock))
    live, made = Offered(), []
    silent = SimpleNamespace(total=9, update=lambda done, share: None)
    shown = Shown(silent, live)
    for epoch in (1, 2, 3):
        shown.update(epoch, lambda epoch=epoch: made.append(epoch) or epoch)
    assert made == live == [2]


def test_the_last_step_closes_progress_and_offers_nothing():
    shown, live, lines = shown_run()
    for epoch in range(1, 5):
        shown.update(epoch, pd.DataFrame)
    assert "4 epochs done" in lines.getvalue()
    assert live == []


def test_a_share_says_when_a_run_is_done_where_steps_do_not():
    shown, _, lines = shown_run()
    shown.update(4, pd.DataFrame, share=0.9)
    assert lines.getvalue() == ""
    shown.update(2, pd.DataFrame, share=1.0)
    assert "epochs done" in lines.getvalue()


def test_context_of_a_script(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    script = SimpleNamespace(
        params=SimpleNamespace(scale="tiny", code="abc"),
        config={"device": "cpu", "tracking": {"uri": None, "live_after_seconds": 7}},
        threads=2,
    )
    context = JobContext.of(script)
    assert context == JobContext("tiny", "abc", "cpu", 2, tracking_uri("results", None), 7)


def test_context_sets_the_number_of_threads():
    before = torch.get_num_threads()
    try:
        assert JobContext("tiny", "c", threads=before + 1).place() == torch.device("cpu")
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
