"""Settings of Experiment 7: which runs they name, and what they refuse."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs

ROOT = Path(__file__).parents[3]


def load(**delta):
    return load_settings({"scale": "paper", "rahaman2018": {"delta": delta}}, ROOT)


def runs(**delta):
    named = training_runs(load(**delta))
    return {name: run for name, run in named.items() if name.startswith("delta_depth")}


def test_paper_scale_trains_each_of_eleven_settings_once():
    trained = {
        (run["network"]["depth"], run["network"]["width"], clip)
        for run in runs().values()
        for clip in run["weight_clips"]
    }
    assert trained == {
        *((depth, 16, 10.0) for depth in (3, 4, 5, 6)),
        *((3, width, 10.0) for width in (16, 32, 64, 128)),
        *((6, 64, clip) for clip in (0.1, 0.15, 0.2, 2.0)),
    }
    assert sum(len(run["weight_clips"]) for run in runs().values()) == 11
    assert len(runs()) == 8
    for run in runs().values():
        assert (run["n_points"], run["iterations"], run["learning_rate"]) == (200, 60_000, 3e-4)


def test_records_are_spread_over_the_training_of_each_sweep():
    named = runs(clip_sweep={"iterations": 7}, n_records=50)
    every = {name: run["record_every"] for name, run in named.items()}
    assert every.pop("delta_depth6_width64") == 1
    assert set(every.values()) == {1200}
    assert {run["record_every"] for run in runs(n_records=7).values()} == {8572}


def test_sweeps_that_meet_in_one_shape_share_its_run():
    shared = runs(clip_sweep={"depth": 3, "width": 32, "weight_clip": [0.5, 10.0]})
    assert shared["delta_depth3_width32"]["weight_clips"] == [0.5, 10.0]
    assert len(shared) == 7


def test_every_network_of_a_sweep_has_its_run():
    section = load().rahaman2018.delta
    for sweep, networks in section.sweeps().items():
        for network in networks:
            name = f"delta_depth{network['depth']}_width{network['width']}"
            assert name in section.runs_of(sweep)
            assert network["weight_clip"] in runs()[name]["weight_clips"]
    assert section.runs_of("clip") == ["delta_depth6_width64"]


@pytest.mark.parametrize(("n_points", "position"), [(201, 0.0), (201, 67 / 201), (50, 0.98)])
def test_every_point_of_the_grid_may_hold_the_peak(n_points, position):
    assert load(n_points=n_points, position=position).rahaman2018.delta.position == position


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        ({"n_points": 201}, "delta.n_points: position = 0.5 is none of the 201 points j/201"),
        ({"position": 0.333}, "position = 0.333 is none of the 200 points"),
        ({"position": 1.0}, "delta.position: Input should be less than 1"),
        ({"n_points": 4}, "delta.n_points: Input should be greater than or equal to 5"),
        ({"clip_sweep": {"weight_clip": [0.1, 0.0]}}, "weight_clip.1: Input should be greater"),
        ({"depth_sweep": {"depth": [3, 3]}}, "depth_sweep.depth: one value is named twice"),
        ({"depth_sweep": {"depth": [1, 3]}}, "depth_sweep.depth.0: Input should be greater"),
        ({"width_sweep": {"width": 16}}, "width_sweep.width: Input should be a valid list"),
        (
            {"depth_sweep": {"iterations": 5}},
            "delta.width_sweep.iterations: 60000 where another sweep trains the same shape for 5",
        ),
        ({"loss": "bce"}, "delta.loss: Input should be 'mse'"),
    ],
)
def test_bad_setting_is_one_line_with_its_key(delta, said):
    with pytest.raises(UserError) as caught:
        load(**delta)
    assert said in str(caught.value) and "\n" not in str(caught.value)
