"""Experiment 9, adversarial paths: claims, figures 20 and 21."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import assert_undecided, caption, context, drawing, frame, results

from spectral_bias.artefacts import read_json, write_arrays, write_table
from spectral_bias.experiments.rahaman2018.adversarial import fig20, fig21, shown_paths
from spectral_bias.experiments.rahaman2018.adversarial.claims import CLAIMS
from spectral_bias.figures.build import FigureJob, build

KEEPS, NEARLY_STRAIGHT = (claim.id for claim in CLAIMS)


# Claims
def measured(kept=0.99, excess=3.0, pairs=30, classes=10, accuracy=0.9):
    """Every class keeps the same fraction of its paths; lengths vary evenly around their mean."""
    number = np.arange(pairs * classes)
    bend = (excess + np.tile(np.linspace(-1, 1, pairs), classes)) / 100
    columns = {"class": number // pairs, "pair": number}
    columns["keeps_class"] = (number % pairs < round(kept * pairs)).astype(int)
    walked = [
        pd.DataFrame({"path": path, **columns, "relative_length": 1 + more})
        for path, more in {"bent": bend, "straight": 0.0}.items()
    ]
    return {
        "adversarial_paths": pd.concat(walked, ignore_index=True),
        "adversarial_classifier": frame(
            "metric value", [("test_accuracy", accuracy), ("parameters", 10.0)]
        ),
    }


def result(name, **options):
    return results(CLAIMS, measured(**options))[name]


@pytest.mark.parametrize(
    ("kept", "verdict"), [(1.0, "holds"), (0.6, "fails"), (29 / 30, "not tested")]
)
def test_fraction_of_kept_paths(kept, verdict):
    found = result(KEEPS, kept=kept)
    assert found["value"] == pytest.approx(kept)
    assert (found["verdict"], found["n_runs"]) == (verdict, 1)


def test_certainty_has_an_interval_that_is_not_empty():
    found = result(KEEPS, kept=1.0)
    # Of 300 independent pairs the exact interval (Clopper and Pearson): (0.05 / 2) ** (1 / 300).
    assert found["ci_low"] == pytest.approx(0.025 ** (1 / 300), rel=1e-5)
    assert found["ci_high"] == 1
    assert result(KEEPS, kept=1.0, pairs=5)["verdict"] == "not tested"


@pytest.mark.parametrize(("excess", "verdict"), [(3.0, "holds"), (7.0, "fails")])
def test_excess_length_in_percent(excess, verdict):
    found = result(NEARLY_STRAIGHT, excess=excess)
    assert found["value"] == pytest.approx(excess, rel=1e-5)
    assert found["verdict"] == verdict


def test_interval_is_over_classes_and_not_over_pairs():
    """Half of the classes have 1 %, half 9 %: pairs are many, classes few."""
    made = measured(excess=0.0, pairs=1000)
    walked = made["adversarial_paths"]
    bent = walked["path"] == "bent"
    walked.loc[bent, "relative_length"] += np.where(walked.loc[bent, "class"] < 5, 0.01, 0.09)
    found = results(CLAIMS, made)[NEARLY_STRAIGHT]
    assert found["verdict"] == "not tested"
    assert found["ci_low"] < 4 < 6 < found["ci_high"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"accuracy": 0.3}, "calls only 30 % of the test images right"),
        ({"pairs": 4}, "40 pairs of images, where a fraction needs at least 50"),
        ({"pairs": 40, "classes": 2}, "2 run(s), where an interval needs at least 3"),
        ({"classes": 0}, "0 pairs of images"),
    ],
)
def test_too_little_to_decide(options, said):
    assert_undecided(CLAIMS, measured(**options), said)


# Figures
PIXELS = {"pixels": np.random.default_rng(0).integers(0, 256, (12, 4, 4, 3)).astype(np.uint8)}
LOW = [0.99, 0.9, 0.3, 0.9, 0.97]


def adversarial(**changes):
    neb = {"pivots": 1, "insertions": 0}  # so that five checked points are fine enough
    return context(adversarial={"checked_points": 5, "shown_images": 3, "neb": neb} | changes)


CONTEXT = adversarial()


def shown(figure, row, path, name, softmax, first):
    """Five points of a path; every other one with its image."""
    called = ["dog" if value == 0.3 else name for value in softmax]
    table = pd.DataFrame({"position": np.linspace(0, 1, 5), "called_name": called})
    return table.assign(
        **{"figure": figure, "row": row, "path": path, "class_name": name, "softmax": softmax},
        relative_length=1.0 if path == "straight" else 1.04,
        image=pd.array([first, None, first + 1, None, first + 2], dtype="Int64"),
    )


@pytest.fixture
def tables():
    images = [
        shown("fig20", 0, "bent", "cat", [0.99] * 5, 0),
        shown("fig20", 1, "straight", "cat", LOW, 3),
        shown("fig21", 0, "bent", "ant", [1, 0.98, 0.96, 0.99, 1], 6),
        shown("fig21", 1, "bent", "cat", LOW, 9),
    ]
    walked = [("bent", 1, 0.99, 1.02), ("bent", 1, 0.96, 1.05)]
    walked += [("straight", 1, 0.9, 1.0), ("straight", 0, 0.1, 1.0)]
    attacks = [("adversarial", ok) for ok in (1, 1, 1, 0)] + [("training", 1)] * 2
    metrics = [("parameters", 269_722), ("training_accuracy", 1.0), ("test_accuracy", 0.91)]
    return {
        "adversarial_images": pd.concat(images, ignore_index=True),
        "adversarial_paths": frame("path keeps_class lowest_softmax relative_length", walked),
        "adversarial_attacks": frame("kind succeeded", attacks),
        "adversarial_classifier": frame("metric value", metrics),
    }


@pytest.fixture(params=[fig20, fig21], ids=["fig20", "fig21"])
def module(request):
    return request.param


def test_outcome_is_counted_over_all_pairs(tables):
    data = fig20.drawn(tables, CONTEXT)
    expected = {
        **{("bent", "keeps_class"): 1, ("straight", "keeps_class"): 0.5},
        **{("bent", "excess"): 3.5, ("bent", "excess_std"): np.std([2, 5], ddof=1)},
        **{("", "adversarial_succeeded"): 0.75, ("", "adversarial_candidates"): 4},
    }
    for (path, name), value in expected.items():
        assert shown_paths.outcome(data, path, name) == pytest.approx(value)
    assert shown_paths.outcome(data, "bent", "nothing") is None


def test_captions_state_the_outcome(tables, module):
    text = caption(module, tables, CONTEXT)
    for part in (
        "whole path is classified as the class for 100 % (paper: all)",
        "straight line for 50 %",
        "paths are 3.5 ± 2.1 % longer than straight lines (paper: 3.0 ± 0.3 %",
        "75 % of 4 attacks succeed",
        "CIFAR-10",
    ):
        assert part in text
    if module is fig21:
        assert "Of the 2 rows 1 show no other class, and 5 of their 6 images" in text
    other = adversarial(data={"source": "patches", "n_train": 2000, "n_test": 1000})
    text = caption(module, tables, other)
    assert "patches of ten photographs" in text
    assert "data.n_train 2,000 (paper 50,000)" in text


def test_fig20_shows_both_paths_and_their_softmax(tables):
    figure = drawing(fig20, fig20.drawn(tables, CONTEXT), PIXELS)
    images = [axes for axes in figure.axes if axes.images]
    assert len(images) == 2 * 3
    for number, axes in enumerate(images):
        np.testing.assert_array_equal(axes.images[0].get_array(), PIXELS["pixels"][number])
    assert images[4].get_xlabel() == "0.30\ndog"
    bent, straight, border = next(axes for axes in figure.axes if not axes.images).lines
    assert bent.get_ydata().tolist() == [0.99] * 5
    assert straight.get_ydata().tolist() == LOW
    assert border.get_ydata()[0] == 0.95


def test_frames_say_what_an_image_is_classified_as(tables):
    def colours(confidence):
        data = fig21.drawn(tables, adversarial(confidence=confidence))
        axes = drawing(fig21, data, PIXELS).axes
        assert axes[0].get_ylabel() == "ant\n+4.0 %"
        return [panel.xaxis.label.get_color() for panel in axes]

    sure, lost = shown_paths.SURE, shown_paths.LOST
    assert colours(0.95) == [sure, sure, sure, sure, lost, sure]
    assert colours(0.98).count(shown_paths.UNSURE) == 2


def test_figures_without_any_path_say_so(tables, module):
    tables |= {n: tables[n].iloc[:0] for n in ("adversarial_images", "adversarial_paths")}
    assert "No class has two images to join." in caption(module, tables, CONTEXT)
    data = module.drawn(tables, CONTEXT)
    (note,) = drawing(module, data, PIXELS).axes[0].texts
    notes = {fig20: "no class has two adversarial images", fig21: "no attack succeeded"}
    assert notes[module] in note.get_text()
    found = fig21.agreement(tables, CONTEXT)
    assert found.value is None and "no pair of images was joined" in found.note


def test_agreement_with_the_papers_numbers_only_under_its_settings(tables):
    found = fig21.agreement(tables, CONTEXT)
    kept, excess = found.quantities
    assert found.value == 0 and kept.ours == 1
    assert (excess.theirs, excess.theirs_high) == (3.0, 3.3) and excess.ours == pytest.approx(3.5)
    assert excess.verdict == "not comparable" and "one run" in excess.note
    found = fig21.agreement(tables, adversarial(n_training=4))
    assert found.value is None and "n_training 4 (paper 50)" in found.note


def test_figures_are_built_from_tables_and_pixels(tables, module, tmp_path):
    for name, table in tables.items():
        write_table(tmp_path / f"{name}.csv", table, {"sources": ["key"]})
    write_arrays(tmp_path / "adversarial_pixels.npz", PIXELS, {})
    name, files = module.__name__[-5:], {table: [tmp_path / f"{table}.csv"] for table in tables}
    arrays = {"adversarial_pixels": tmp_path / "adversarial_pixels.npz"}
    build(FigureJob("rahaman2018", name, module.__name__, files, arrays, CONTEXT), tmp_path / name)
    assert read_json(tmp_path / f"{name}.json")["sources"] == ["key"]
    with pytest.raises(ValueError, match="needs table adversarial_pixels"):
        build(FigureJob("rahaman2018", name, module.__name__, files, {}, CONTEXT), tmp_path / "x")
