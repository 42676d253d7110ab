import numpy as np
import pytest

from spectral_bias.figures.agreement import (
    Reading,
    compared,
    differences,
    not_comparable,
    typical_factor,
)
from spectral_bias.statistics import prediction_interval

THEIRS = {"network": {"depth": 6, "width": 256}, "frequencies": [5, 10], "learning_rate": 3e-4}


def test_equal_settings_do_not_differ_whatever_else_ours_hold():
    ours = {**THEIRS, "frequencies": (5, 10), "n_runs": 3}
    assert differences(ours, THEIRS) == []


def test_every_difference_is_named_with_both_values():
    ours = {"network": {"depth": 6, "width": 64}, "frequencies": [5, 10, 15]}
    assert differences(ours, THEIRS) == [
        "network.width 64 (authors 256)",
        "frequencies 5, 10, 15 (authors 5, 10)",
        "learning_rate none (authors 0.0003)",
    ]
    assert differences({}, {"network": {"depth": 6}}, whose="paper") == [
        "network.depth none (paper 6)"
    ]


def test_not_comparable_gives_the_reasons_instead_of_a_value():
    agreement = not_comparable("ratio", "", ["other width", "other k"])
    assert agreement.value is None and agreement.quantities == ()
    assert agreement.note == "not comparable: other width; other k"


RUNS = np.array([1.0, 1.2, 1.1])
LOW, HIGH = (getattr(prediction_interval(RUNS, 1), name) for name in ("ci_low", "ci_high"))


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [
        (1.1, 0.0, "inside"),
        (HIGH, 0.0, "inside"),
        (HIGH + 0.1, 0.05, "outside"),
        (HIGH + 0.1, 0.11, "inside"),  # the reading error reaches into the interval
        (LOW - 0.1, 0.05, "outside"),
        (LOW - 0.1, 0.11, "inside"),
    ],
)
def test_a_quantity_is_inside_if_its_reading_meets_our_interval(value, error, verdict):
    found = compared("x", RUNS, Reading(value, value - error, value + error), unit="m")
    assert found.verdict == verdict
    assert (found.ours, found.ours_low, found.ours_high) == pytest.approx((1.1, LOW, HIGH))
    assert (found.name, found.unit, found.n_runs, found.note) == ("x", "m", 3, "")


def test_the_more_runs_the_authors_had_the_narrower_the_interval():
    widths = [
        found.ours_high - found.ours_low
        for found in (compared("x", RUNS, Reading(1, 1, 1, runs)) for runs in (1, 5, 20))
    ]
    assert widths == sorted(widths, reverse=True) and widths[0] > 1.5 * widths[2]


@pytest.mark.parametrize(("count", "said"), [(1, "one run"), (2, "2 runs")])
def test_fewer_than_three_runs_have_a_number_and_no_interval(count, said):
    found = compared("x", RUNS[:count], Reading(9, 9, 9), note="more")
    assert found.verdict == "not comparable" and found.ours == pytest.approx(RUNS[:count].mean())
    assert (found.ours_low, found.ours_high) == (None, None)
    assert found.note == f"{said} of ours, no interval; more"


def test_what_was_not_recorded_and_runs_that_diverged_have_no_number():
    none = compared("x", np.array([]), Reading(9, 9, 9))
    assert (none.ours, none.verdict, none.note) == (None, "not comparable", "not recorded in ours")
    lost = compared("x", np.array([1, np.nan, 2]), Reading(9, 9, 9))
    assert (lost.ours, lost.verdict) == (None, "not comparable") and "not finite" in lost.note


def test_ratios_are_compared_on_the_scale_of_logarithms():
    found = compared("x", np.array([0.5, 1.0, 2.0]), Reading(1, 1, 1), log=True)
    assert found.ours == pytest.approx(1) and found.ours_low == pytest.approx(1 / found.ours_high)
    assert found.verdict == "inside"


def test_what_chance_does_not_touch_has_no_width_and_equal_runs_a_resolution():
    same = np.full(4, 2.0)
    exact = [compared("x", same, Reading(v, v - 0.1, v + 0.1), exact=True) for v in (2.05, 2.2)]
    assert [found.verdict for found in exact] == ["inside", "outside"]
    assert (exact[0].ours_low, exact[0].ours_high) == (2.0, 2.0)
    assert compared("x", same, Reading(2, 2, 2)).verdict == "not comparable"
    steps = compared("x", same, Reading(3, 3, 3), resolution=1.0)
    assert steps.verdict == "inside" and steps.ours_low <= 1.0


def test_clipped_pictures_are_met_by_clipped_numbers():
    runs = np.array([1.2, 1.25, 1.3])
    assert compared("x", runs, Reading(0.998, 0.996, 1.0)).verdict == "outside"
    clipped = compared("x", runs, Reading(0.998, 0.996, 1.0), at_most=1.0)
    assert (clipped.ours, clipped.ours_high, clipped.verdict) == (1.0, 1.0, "inside")


def test_the_typical_factor_counts_both_ways():
    assert typical_factor([1, 2], [1, 2]) == 1
    assert typical_factor([2, 1], [1, 2]) == pytest.approx(2)
