"""The speed comparison at a toy size: what it reports, not how fast anything is."""

import json

import pytest

from tests.benchmarks import engine

TOY = engine.Size((engine.Case(8, 3, (1, 2), 2.0),), rounds=2, seconds=0.02, square=64)


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


def test_targets_are_judged_on_float32(result):
    ensemble = next(row for row in result["ways"] if row["way"] == "ensemble")
    speed_up, share = result["targets"]
    assert (speed_up["value"], speed_up["least"]) == (ensemble["speed_up"], 2.0)
    assert (share["value"], share["least"]) == (ensemble["share_of_peak"], 0.85)
    assert all(
        target["met"] == (target["value"] >= target["least"]) for target in result["targets"]
    )


def test_the_table_shows_every_way_and_target(result):
    text = engine.table(result)
    assert text.count("sequential") == 2
    assert all(target["name"] in text for target in result["targets"])
