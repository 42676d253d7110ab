"""The speed comparison at a toy size: what it reports, not how fast anything is."""

import json

import pytest

from tests.benchmarks import engine, ways

TOY = ways.Size((ways.Case(8, 3, (1, 2), 2.0),), rounds=2, seconds=0.02, square=64)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    path = tmp_path_factory.mktemp("benchmark") / "new" / "engine.json"
    result = engine.run(TOY, 2, path, lambda line: None)
    assert json.loads(path.read_text()) == result
    return result


def test_every_way_is_measured_in_every_round(result):
    ways = [(row["way"], row["precision"], row["threads"]) for row in result["ways"]]
    one_by_one = [("sequential", "float32", 1), ("sequential", "float32", 2)]
    assert ways == [*one_by_one, ("ensemble", "float32", 2), ("ensemble", "bf16", 2)]
    for row in result["ways"]:
        assert 0 < row["rate"]["minimum"] <= row["rate"]["median"] <= row["rate"]["maximum"]
    assert set(result["product_gflops"]) == {"square product", "8 own-shape product"}


def test_derived_numbers_follow_from_the_medians(result):
    # 8 + 8 weights and biases of the first layer, 4 hidden layers of 8 x 8 + 8, 8 + 1 of the last.
    flops = 6 * 200 * (16 + 4 * 72 + 9)
    peak = result["product_gflops"]["square product"]["median"]
    best = max(row["rate"]["median"] for row in result["ways"] if row["way"] == "sequential")
    for row in result["ways"]:
        median = row["rate"]["median"]
        assert row["gflops"] == pytest.approx(median * flops / 1e9)
        assert row["share_of_peak"] == pytest.approx(median * flops / 1e9 / peak)
        assert row["speed_up"] == pytest.approx(median / best)


def with_share(share):
    """A report on made-up speeds, from a machine that gave this share of its processor."""
    ones = ("square product", "8 own-shape product", "8 sequential 1", "8 sequential 2")
    found = {name: ways.Spread(1.0, 1.0, 1.0) for name in ones}
    found["8 ensemble float32"] = ways.Spread(3.0, 3.0, 3.0)
    found["8 ensemble bf16"] = ways.Spread(9.0, 9.0, 9.0)
    found["processor share"] = ways.Spread(share, share, share)
    return engine.report(TOY, 2, found)


def test_targets_are_judged_on_float32():
    speed_up, share = with_share(0.99)["targets"]
    assert (speed_up["value"], speed_up["least"], speed_up["met"]) == (3.0, 2.0, True)
    assert (share["least"], share["met"]) == (0.85, False)


def test_a_busy_machine_judges_nothing():
    busy = with_share(0.5)
    assert [target["met"] for target in busy["targets"]] == [None, None]
    assert "the machine was busy" in engine.table(busy)


def test_the_table_shows_every_way_and_target(result):
    text = engine.table(result)
    assert text.count("sequential") == 2
    assert all(target["name"] in text for target in result["targets"])
