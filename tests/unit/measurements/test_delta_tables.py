"""Tables of Experiment 7, from runs that are made by hand."""

import numpy as np
import pytest

from spectral_bias.data.problem import Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.experiments.rahaman2018.delta import measure as measured
from spectral_bias.experiments.rahaman2018.delta.problem import delta
from spectral_bias.measurements.ensemble import FinishedRun

N = 20
Z = uniform_grid(N)
CLIPS = np.array([0.1, 0.1, 2.0, 2.0])


def finished(prediction, clips=CLIPS, n=N):
    """A run of depth 3, width 8 with predictions (T, R, N) at iterations 0, 5, …"""
    members = len(clips)
    targets = np.tile(delta(n, 0.0), (members, 1))
    problem = Problem(uniform_grid(n)[:, None], targets, [0] * members, weight_clip=clips)
    iterations = 5 * np.arange(len(prediction))
    history = {"record_iteration": iterations, "prediction": prediction}
    facts = {"number": np.array([list(clips[:i]).count(clip) for i, clip in enumerate(clips)])}
    record = {"run_key": "k", "settings": {"network": {"depth": 3, "width": 8}}}
    return FinishedRun(problem, facts, history, record, None)


def share_of_target(factors):
    """Predictions that are the target times `factors` (T, R)."""
    return np.asarray(factors, float)[:, :, None] * delta(N, 0.0)


@pytest.mark.parametrize("n", [5, 20, 21])
def test_magnitudes_equal_the_sum_that_defines_them(n):
    samples = np.random.default_rng(0).normal(size=(2, n))
    k = measured.frequencies(n)
    assert k.tolist() == [k for k in range(1, n) if k < n / 2]
    waves = np.exp(-2j * np.pi * np.outer(k, np.arange(n)) / n)
    np.testing.assert_allclose(measured.magnitudes(samples), np.abs(samples @ waves.T) / n)
    bands = measured.bands(n)
    assert k[bands["high"]].tolist() == [k for k in range(1, n) if n / 4 < k < n / 2]
    assert (bands["low"] ^ bands["high"]).all()


def test_magnitude_is_half_the_amplitude_of_a_sine_and_a_mean_over_runs():
    sine = sinusoid_sum(Z, np.array([3.0]), np.array([0.4]), np.array([1.0]))
    run = finished(np.stack([np.stack([sine, 3 * sine, 0 * sine, 0 * sine])]))
    table = measured.spectrum_table(run).set_index(["weight_clip", "frequency"])["magnitude"]
    assert table[0.1, 3] == pytest.approx(0.4)  # (0.2 + 0.6) / 2
    assert table[0.1, 4] == pytest.approx(0, abs=1e-12)
    assert table[2.0].tolist() == pytest.approx([0.0] * 9)


def test_target_is_flat():
    run = finished(share_of_target([[0, 0, 0, 0]]))
    assert measured.target_spectrum_table(run.problem)["magnitude"].tolist() == [1 / N] * 9
    target = measured.target_table(run.problem)
    assert target.loc[target["target"] != 0, "z"].tolist() == [0.0]
    assert len(target) == N


def test_share_is_that_of_the_target_and_never_above_one():
    factors = [[0.0, 0.2, 0.4, 0.6], [0.5, 1.0, 1.5, -0.5]]
    table = measured.share_table(finished(share_of_target(factors)))
    assert set(table["parameters"]) == {8 * 2 + 8 * 9 + 9}
    table = table.set_index(["iteration", "weight_clip", "member", "band"])["share"]
    for band in ("low", "high"):
        assert table[0, 2.0, 1, band] == pytest.approx(0.6)
        assert table[5, 2.0, 0, band] == pytest.approx(1.0)
        assert table[5, 2.0, 1, band] == pytest.approx(0.5)
        assert table[5, 0.1, 0, band] == pytest.approx(0.5)


def test_share_tells_low_from_high_and_lets_nothing_compensate():
    # Twice the target at k = 7 alone, of the upper frequencies 6 … 9 of N = 20.
    wave = 4 / N * np.cos(2 * np.pi * 7 * Z)
    table = measured.share_table(finished(np.tile(wave, (1, 4, 1))))
    assert table.groupby("band")["share"].max().to_dict() == pytest.approx(
        {"high": 0.25, "low": 0.0}, abs=1e-12
    )


def test_a_diverged_run_stays_without_a_number():
    shares = measured.share_table(finished(share_of_target([[np.nan, 0, 0, 0]])))
    assert (
        shares.loc[(shares["weight_clip"] == 0.1) & (shares["member"] == 0), "share"].isna().all()
    )
    assert shares["share"].notna().sum() == 6


def test_function_is_that_of_the_first_member_of_each_clip():
    table = measured.function_table(finished(share_of_target([[0.1, 0.2, 0.3, 0.4]] * 2)))
    at_peak = table[(table["z"] == 0) & (table["iteration"] == 5)].set_index("weight_clip")
    assert at_peak["prediction"].to_dict() == {0.1: 0.1, 2.0: 0.3}
    assert len(table) == 2 * 2 * N
    assert (table["depth"].unique(), table["width"].unique()) == ([3], [8])


def test_a_sweep_takes_its_networks_only():
    table = measured.share_table(finished(share_of_target([[0, 0, 0, 0]])))
    wanted = [
        {"depth": 3, "width": 8, "weight_clip": 2.0},
        {"depth": 4, "width": 8, "weight_clip": 0.1},
    ]
    chosen = measured.of_sweep([table], wanted)
    assert chosen["weight_clip"].unique().tolist() == [2.0]
    assert len(chosen) == len(table) / 2
