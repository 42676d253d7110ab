"""Experiment 7, a delta: settings, targets, tables."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from rahaman_helpers import assert_refused, frame, runs, section

from spectral_bias.data.problem import Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.experiments.rahaman2018.delta import measure as measured
from spectral_bias.experiments.rahaman2018.delta.problem import build, delta
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.training.ensemble.settings import TrainSettings
from spectral_bias.training.ensemble.train import train


# Settings
def trained(**values):
    """The runs of Experiment 7, by depth and width."""
    named = {name: run for name, run in runs(delta=values).items() if name.startswith("delta")}
    for name, run in named.items():
        assert name == f"delta_depth{run.training.depth}_width{run.training.width}"
    return {(run.training.depth, run.training.width): run for run in named.values()}


def test_paper_scale_trains_each_of_eleven_settings_once():
    clips = {shape: run.target["weight_clips"] for shape, run in trained().items()}
    assert clips == {
        **{(depth, 16): [10.0] for depth in (3, 4, 5, 6)},
        **{(3, width): [10.0] for width in (32, 64, 128)},
        (6, 64): [0.1, 0.15, 0.2, 2.0],
    }
    for run in trained().values():
        assert run.target["n_points"] == 200
        assert (run.training.iterations, run.training.learning_rate) == (60_000, 3e-4)


def test_records_are_spread_over_the_training_of_each_sweep():
    named = trained(clip_sweep={"iterations": 7}, n_records=50)
    every = {shape: run.training.record_every for shape, run in named.items()}
    assert every.pop((6, 64)) == 1
    assert set(every.values()) == {1200}
    assert {run.training.record_every for run in trained(n_records=7).values()} == {8572}


def test_sweeps_that_meet_in_one_shape_share_its_run():
    shared = trained(clip_sweep={"depth": 3, "width": 32, "weight_clip": [0.5, 10.0]})
    assert shared[3, 32].target["weight_clips"] == [0.5, 10.0]
    assert len(shared) == 7


def test_every_network_of_a_sweep_has_its_run():
    found = section("delta")
    for sweep, networks in found.sweeps().items():
        for network in networks:
            shape = network["depth"], network["width"]
            assert "delta_depth{}_width{}".format(*shape) in found.runs_of(sweep)
            assert network["weight_clip"] in trained()[shape].target["weight_clips"]
    assert found.runs_of("clip") == ["delta_depth6_width64"]


@pytest.mark.parametrize(("n_points", "position"), [(201, 0.0), (201, 67 / 201), (50, 0.98)])
def test_every_point_of_the_grid_may_hold_the_peak(n_points, position):
    assert section("delta", n_points=n_points, position=position).position == position


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"n_points": 201}, "n_points: position = 0.5 is none of the 201 points j/201"),
        ({"position": 0.333}, "n_points: position = 0.333 is none of the 200 points"),
        ({"position": 1.0}, "position: Input should be less than 1"),
        ({"n_points": 4}, "n_points: Input should be greater than or equal to 5"),
        (
            {"clip_sweep": {"weight_clip": [0.1, 0.0]}},
            "clip_sweep.weight_clip.1: Input should be gr",
        ),
        ({"depth_sweep": {"depth": [3, 3]}}, "depth_sweep.depth: 3 is named twice"),
        ({"depth_sweep": {"depth": [1, 3]}}, "depth_sweep.depth.0: Input should be greater"),
        ({"width_sweep": {"width": 16}}, "width_sweep.width: Input should be a list"),
        (
            {"depth_sweep": {"iterations": 5}},
            "width_sweep.iterations: 60000 where another sweep trains the same shape for 5",
        ),
        ({"loss": "bce"}, "loss: Input should be 'mse'"),
    ],
)
def test_bad_setting_is_one_line_with_its_key(values, said):
    assert_refused("delta", values, said)


# Targets
RUN = {
    **{"run": "delta_depth3_width8", "seed": 0, "n_runs": 2, "n_points": 20, "position": 0.5},
    "weight_clips": [0.02, 10.0],
}


@pytest.mark.parametrize(("n", "position"), [(20, 0.5), (21, 0.0), (21, 7 / 21)])
def test_delta_has_the_same_magnitude_at_every_frequency(n, position):
    target = delta(n, position)
    assert np.flatnonzero(target).tolist() == [round(position * n)]
    np.testing.assert_allclose(np.abs(np.fft.fft(target)) / n, 1 / n, rtol=1e-12)


@pytest.mark.parametrize("position", [0.5, 1.0, -1 / 21])
def test_a_peak_beside_the_grid_is_refused(position):
    with pytest.raises(ValueError, match="none of the points j/21"):
        delta(21, position)


def test_members_of_one_number_share_weights_over_all_clips():
    problem, facts = build(RUN)
    assert problem.weight_clip.tolist() == [0.02, 0.02, 10.0, 10.0]
    assert facts["number"].tolist() == [0, 1, 0, 1]
    assert facts["setting"].tolist() == ["clip_0.02"] * 2 + ["clip_10"] * 2
    assert problem.seeds[:2] == problem.seeds[2:]
    np.testing.assert_array_equal(problem.targets, np.tile(delta(20, 0.5), (4, 1)))
    assert problem.inputs[10, 0] == 0.5
    assert "setting" not in build(RUN | {"weight_clips": [10.0]})[1]


def test_shapes_and_base_seeds_have_weights_of_their_own():
    seeds = [build(RUN | change)[0].seeds for change in ({}, {"run": "other"}, {"seed": 1})]
    assert len({seed for each in seeds for seed in each}) == 6


def test_a_clip_below_the_initial_weights_acts_from_the_first_update_on():
    problem, _ = build(RUN)
    settings = TrainSettings(8, 3, "mse", 1e-3, 1, 1, ("prediction",))
    free = train(replace(problem, weight_clip=None), settings, device=torch.device("cpu"))
    clipped = train(problem, settings, device=torch.device("cpu"))
    largest = clipped.parameters.abs().amax(dim=1)
    np.testing.assert_allclose(largest[:2], 0.02, rtol=1e-6)
    assert (free.parameters[:2].abs().amax(dim=1) > 0.02).all()
    torch.testing.assert_close(clipped.parameters[2:], free.parameters[2:])
    before = clipped.history["prediction"][0]
    np.testing.assert_array_equal(before, free.history["prediction"][0])
    assert (clipped.history["prediction"][1, :2] != free.history["prediction"][1, :2]).any()


# Tables
N = 20
Z = uniform_grid(N)


def finished(prediction):
    """A run of depth 3, width 8 with predictions (T, R, N) at iterations 0, 5, …"""
    clips, targets = np.array([0.1, 0.1, 2.0, 2.0]), np.tile(delta(N, 0.0), (4, 1))
    problem = Problem(Z[:, None], targets, [0] * 4, weight_clip=clips)
    history = {"record_iteration": 5 * np.arange(len(prediction)), "prediction": prediction}
    record = {"settings": {"network": {"depth": 3, "width": 8}}}
    return FinishedRun(problem, {"number": np.array([0, 1, 0, 1])}, history, record, None)


def scaled(factors):
    """A run whose predictions are the target times `factors` (T, R)."""
    return finished(np.asarray(factors, float)[:, :, None] * delta(N, 0.0))


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
    problem = scaled([[0, 0, 0, 0]]).problem
    assert measured.target_spectrum_table(problem)["magnitude"].tolist() == [1 / N] * 9
    target = measured.target_table(problem)
    assert target.loc[target["target"] != 0, "z"].tolist() == [0.0]
    assert len(target) == N


def test_share_is_that_of_the_target_and_never_above_one():
    table = measured.share_table(scaled([[0.0, 0.2, 0.4, 0.6], [0.5, 1.0, 1.5, -0.5]]))
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
    largest = table.groupby("band")["share"].max().to_dict()
    assert largest == pytest.approx({"high": 0.25, "low": 0.0}, abs=1e-12)


def test_a_diverged_run_stays_without_a_number():
    table = measured.share_table(scaled([[np.nan, 0, 0, 0]]))
    assert table.query("weight_clip == 0.1 and member == 0")["share"].isna().all()
    assert table["share"].notna().sum() == 6


def test_function_is_that_of_the_first_member_of_each_clip():
    table = measured.function_table(scaled([[0.1, 0.2, 0.3, 0.4]] * 2))
    at_peak = table[(table["z"] == 0) & (table["iteration"] == 5)].set_index("weight_clip")
    assert at_peak["prediction"].to_dict() == {0.1: 0.1, 2.0: 0.3}
    assert len(table) == 2 * 2 * N
    assert (table["depth"].unique(), table["width"].unique()) == ([3], [8])


def test_a_sweep_takes_its_networks_only():
    table = measured.share_table(scaled([[0, 0, 0, 0]]))
    wanted = frame("depth width weight_clip", [(3, 8, 2.0), (4, 8, 0.1)]).to_dict("records")
    chosen = measured.of_sweep([table], wanted)
    assert chosen["weight_clip"].unique().tolist() == [2.0]
    assert len(chosen) == len(table) / 2
