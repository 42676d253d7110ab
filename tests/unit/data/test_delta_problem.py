"""The target and the members of Experiment 7."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spectral_bias.experiments.rahaman2018.delta.problem import build, delta
from spectral_bias.training.ensemble.settings import TrainSettings
from spectral_bias.training.ensemble.train import train

RUN = {
    "run": "delta_depth3_width8",
    "seed": 0,
    "n_runs": 2,
    "n_points": 20,
    "position": 0.5,
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
    assert len(set(problem.seeds)) == 2
    np.testing.assert_array_equal(problem.targets, np.tile(delta(20, 0.5), (4, 1)))
    assert problem.inputs[10, 0] == 0.5


def test_shapes_and_base_seeds_have_weights_of_their_own():
    seeds = [build(RUN | change)[0].seeds for change in ({}, {"run": "other"}, {"seed": 1})]
    assert len({seed for each in seeds for seed in each}) == 6


def test_a_run_of_one_clip_names_no_settings():
    assert "setting" not in build(RUN | {"weight_clips": [10.0]})[1]


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
