import numpy as np
import pandas as pd
import pytest

from spectral_bias.experiments.rahaman2018.sinusoids import fig01
from spectral_bias.experiments.rahaman2018.spectrum_agreement import half_times, matched
from spectral_bias.reference import authors

READ = authors("rahaman2018", "sinusoids_equal_amplitude")


def hand_made():
    """Two members, two iterations, k = 5 and 10, one layer; means 0.5 and 1.25 at iteration 100."""
    spectrum = pd.DataFrame(
        [
            ("equal", 0, 0, 5, 0.0),
            ("equal", 1, 0, 5, 0.2),
            ("equal", 0, 100, 5, 0.4),
            ("equal", 1, 100, 5, 0.6),
            ("increasing", 0, 100, 10, 1.0),
            ("increasing", 1, 100, 10, 1.5),
        ],
        columns=["setting", "member", "iteration", "frequency", "amplitude"],
    )
    norms = pd.DataFrame(
        [("equal", 0, 0, 1, 1.0), ("equal", 1, 0, 1, 4.0)],
        columns=["setting", "member", "iteration", "layer", "spectral_norm"],
    )
    return {"sinusoids_spectrum": spectrum, "sinusoids_norms": norms}


def authors_as_ours():
    """The authors' own numbers in the format of our measured tables, as two equal members."""
    rows = READ[["iteration", "frequency", "amplitude"]]
    spectrum = pd.concat([rows.assign(setting="equal", member=member) for member in (0, 1)])
    return {**hand_made(), "sinusoids_spectrum": spectrum}


def test_drawn_holds_the_unclipped_means_and_the_spread(context):
    data = fig01.drawn(hand_made(), context)
    assert list(data.columns) == fig01.COLUMNS
    ours = data[(data["source"] == "ours") & (data["panel"] != "c")]
    cells = ours[ours["frequency"].notna()].set_index(["panel", "iteration", "frequency"])
    means = cells["amplitude"].to_dict()
    assert means == pytest.approx({("a", 0, 5): 0.1, ("a", 100, 5): 0.5, ("b", 100, 10): 1.25})
    assert cells["amplitude_std"].iloc[-1] == pytest.approx(0.5 / np.sqrt(2))
    norm = ours[ours["layer"].notna()].iloc[0]
    assert norm["panel"] == "a"
    assert norm["spectral_norm"] == 2.5
    # The sample standard deviation of 1 and 4 is 3 / sqrt(2).
    assert norm["spectral_norm_low"] == pytest.approx(2.5 - 3 / np.sqrt(2))
    assert norm["spectral_norm_high"] == pytest.approx(2.5 + 3 / np.sqrt(2))


def test_drawn_shows_the_authors_heatmap_as_it_was_read(context):
    data = fig01.drawn(hand_made(), context)
    shown = data[(data["source"] == "authors") & (data["panel"] == "a")]
    columns = ["iteration", "frequency", "amplitude"]
    pd.testing.assert_frame_equal(
        shown[columns].reset_index(drop=True), READ[columns], check_dtype=False
    )


def test_times_of_the_authors_are_drawn_only_beside_the_same_experiment(context, new_context):
    same = fig01.drawn(hand_made(), context)
    other = fig01.drawn(hand_made(), new_context(width=64))
    assert set(same.loc[same["panel"] == "c", "source"]) == {"ours", "authors"}
    assert set(other.loc[other["panel"] == "c", "source"]) == {"ours"}
    reached = other[other["panel"] == "c"].set_index(["setting", "frequency"])["iteration"]
    assert reached.to_dict() == {("equal", 5): 100, ("increasing", 10): 100}


def test_the_authors_agree_with_themselves(context):
    found = fig01.agreement(fig01.drawn(authors_as_ours(), context), context)
    assert found[0].value == 0
    assert "3260 pairs" in found[0].meaning
    assert [entry.value for entry in found[1:]] == [1.0] * 10
    assert found[1].meaning.startswith("ours 300, authors 300")


def test_a_shift_in_amplitude_is_the_mean_difference_after_clipping(context):
    tables = authors_as_ours()
    read = tables["sinusoids_spectrum"]["amplitude"]
    tables["sinusoids_spectrum"]["amplitude"] = read + 0.05
    expected = (np.minimum(READ["amplitude"] + 0.05, 1) - READ["amplitude"]).mean()
    found = fig01.agreement(fig01.drawn(tables, context), context)
    assert found[0].value == pytest.approx(expected)


def test_other_settings_are_not_compared(new_context):
    context = new_context(width=64, frequencies=[2, 4])
    found = fig01.agreement(fig01.drawn(hand_made(), context), context)
    assert [entry.value for entry in found] == [None, None]
    assert "network.width 64 (authors 256)" in found[0].meaning
    assert "frequencies 2, 4" in found[0].meaning


def test_a_frequency_that_is_not_reached_has_no_ratio(context):
    tables = authors_as_ours()
    spectrum = tables["sinusoids_spectrum"]
    tables["sinusoids_spectrum"] = spectrum[spectrum["iteration"] <= 2000]
    found = fig01.agreement(fig01.drawn(tables, context), context)
    assert [entry.value for entry in found] == [0.0, 1.0, 1.0] + [None] * 8
    assert "up to iteration 1,900" in found[0].meaning
    assert "not reached in ours" in found[-1].meaning


def test_no_shared_iteration_is_said(context):
    tables = authors_as_ours()
    spectrum = tables["sinusoids_spectrum"]
    tables["sinusoids_spectrum"] = spectrum.assign(iteration=spectrum["iteration"] + 10**6)
    found = fig01.agreement(fig01.drawn(tables, context), context)
    assert found[0].value is None and "no iteration recorded by both" in found[0].meaning


def test_matched_takes_the_nearest_iteration_within_100():
    columns = ["iteration", "frequency", "amplitude"]
    theirs = pd.DataFrame([(0, 5, 0.0), (300, 5, 0.3), (1000, 5, 0.9)], columns=columns)
    ours = pd.DataFrame(
        [(250, 5, 0.25), (310, 5, 0.31), (1101, 5, 1.0), (0, 10, 7)], columns=columns
    )
    pairs = matched(ours, theirs)
    assert pairs[["iteration", "ours"]].to_numpy().tolist() == [[300, 0.31]]


def test_half_times_takes_the_first_record_at_or_above_one_half():
    rows = [("ours", "equal", 5, 100, 0.49), ("ours", "equal", 5, 200, 0.5)]
    rows += [("ours", "equal", 5, 300, 0.4), ("ours", "equal", 10, 300, 0.4)]
    columns = ["source", "setting", "frequency", "iteration", "amplitude"]
    times = half_times(pd.DataFrame(rows, columns=columns))
    assert times[["frequency", "iteration"]].to_numpy().tolist() == [[5, 200]]
