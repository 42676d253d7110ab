"""Settings of the theory check: shapes, frequencies, runs, and what is refused."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError

ROOT = Path(__file__).parents[3]


def theory(scale="quick", **values):
    settings = load_settings({"scale": scale, "rahaman2018": {"theory": values}}, ROOT)
    return settings.rahaman2018.theory


def test_both_series_meet_in_the_shared_network():
    section = theory(widths=[16, 64, 128], depths=[2, 3])
    shapes = [(s["depth"], s["width"]) for s in section.random_networks()["shapes"]]
    assert shapes == [(2, 64), (3, 16), (3, 64), (3, 128)]


def test_one_run_for_each_trained_shape_and_nothing_of_the_random_networks_in_it():
    runs = theory(trained_widths=[16, 64], trained_depths=[3, 6]).runs()
    assert set(runs) == {
        "theory_depth3_width16",
        "theory_depth3_width64",
        "theory_depth6_width64",
    }
    run = runs["theory_depth6_width64"]
    assert run["network"] == {"depth": 6, "width": 64}
    assert run["amplitudes"] == [1.0] * len(run["frequencies"])
    changed = theory(
        trained_widths=[16, 64], trained_depths=[3, 6], n_random=3, weight_bound=2.0, widths=[64]
    )
    assert changed.runs() == runs


def test_frequencies_are_distinct_integers_evenly_spaced_in_log():
    section = theory(max_frequency=100_000, n_frequencies=51, fit_from=1000)
    k = section.measured_frequencies()
    assert k[0] == 1 and k[-1] == 100_000
    assert k == sorted(set(k)) and all(isinstance(value, int) for value in k)
    ratios = [after / before for before, after in zip(k[-20:-1], k[-19:], strict=True)]
    assert max(ratios) < 1.01 * min(ratios)


@pytest.mark.parametrize("scale", ["quick", "paper"])
def test_the_doubled_shapes_of_the_claim_are_measured_and_cost_alike(scale):
    section = theory(scale)
    depth, width = section.network.depth, section.network.width
    assert 2 * depth in section.depths and 2 * width in section.widths

    def parameters(depth, width):
        return 2 * width + (depth - 2) * (width + 1) * width + width + 1

    assert parameters(2 * depth, width) == pytest.approx(parameters(depth, 2 * width), rel=0.01)
    assert (parameters(6, 64), parameters(3, 128)) == (16_833, 16_897)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"widths": [16, 32]}, "theory.widths: network.width = 64 is not among them"),
        ({"trained_depths": [2]}, "theory.trained_depths: network.depth = 3 is not among them"),
        ({"depths": [1, 3]}, "theory.depths.0: Input should be greater than or equal to 2"),
        ({"fit_from": 200_000}, "theory.fit_from: 0 frequencies lie between fit_from = 200000"),
        ({"weight_bound": 0.0}, "theory.weight_bound: Input should be greater than 0"),
        ({"n_points": 8}, "theory.frequencies: k = 4 is not below the Nyquist frequency"),
    ],
)
def test_bad_settings_are_one_line(values, said):
    with pytest.raises(UserError) as caught:
        theory(**values)
    assert said in str(caught.value) and "\n" not in str(caught.value)
