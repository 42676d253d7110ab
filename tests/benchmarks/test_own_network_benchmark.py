"""The benchmark of measuring a network runs, in small, and measures what it says."""

from tests.benchmarks.own_network import ALONE, OURS, PLAIN, Size, run, table


def test_the_benchmark_compares_the_ways_on_the_same_network():
    size = Size(paths=10, rounds=1, few=10, many=30)
    found = run(size, threads=1, say=lambda text: None, side=32, points=8, batches=(8, 16))
    assert {ALONE, PLAIN, OURS} <= set(found["rates"])
    assert all(spread["median"] > 0 for spread in found["rates"].values())
    assert 0 < found["share_of_forward"] < 2
    assert set(found["memory_mib"]) == {"10", "30"} and min(found["memory_mib"].values()) > 50
    assert "share of the forward passes" in table(found)
