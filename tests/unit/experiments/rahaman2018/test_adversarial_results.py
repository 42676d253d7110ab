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
EVEN = (-0.4, 0.1, 0.3)
"""How far networks lie from their mean: percent of length."""


def measured(kept=(0.99, 0.99, 0.99), excess=3.0, pairs=100, line=0.5, accuracy=(0.9, 0.9, 0.9)):
    """Networks that keep a fraction of their paths, and of their lines the fraction `line`.

    Paths that repair a line are longer by `excess` on average, the others by 50 percent.
    """
    parts = []
    for member, fraction in enumerate(kept):
        pair = np.arange(pairs)
        bend = np.where(pair < line * pairs, 50.0, excess + EVEN[member % 3])
        keeps = {"bent": fraction, "straight": min(line, fraction)}
        parts += [
            pd.DataFrame({"member": member, "path": path, "pair": pair, "class": pair % 10}).assign(
                keeps_class=(pair < round(share * pairs)).astype(int),
                relative_length=1 + (bend / 100 if path == "bent" else 0.0),
            )
            for path, share in keeps.items()
        ]
    metrics = [
        (member, *metric)
        for member, value in enumerate(accuracy)
        for metric in (("test_accuracy", value), ("parameters", 10.0))
    ]
    attacks = [("training", 1)] * 18 + [("training", 0)] * 2 + [("adversarial", 0)] * 5
    return {
        "adversarial_paths": pd.concat(parts, ignore_index=True),
        "adversarial_classifier": frame("member metric value", metrics),
        "adversarial_attacks": frame("kind succeeded", attacks),
    }


def result(name, **options):
    return results(CLAIMS, measured(**options))[name]


@pytest.mark.parametrize(
    ("kept", "verdict"),
    [
        ((1.0, 0.99, 1.0), "holds"),
        ((0.6, 0.7, 0.55), "fails"),
        # Two networks keep all paths and one does not: three networks cannot tell.
        ((1.0, 0.7, 1.0), "not tested"),
    ],
)
def test_fraction_of_kept_paths(kept, verdict):
    found = result(KEEPS, kept=kept)
    assert found["value"] == pytest.approx(np.mean(kept), rel=1e-5)
    assert (found["verdict"], found["n_runs"]) == (verdict, 3)
    assert found["unit"] == "networks (seeds)"
    assert 0 <= found["ci_low"] < found["ci_high"] <= 1
    assert "2 of 20 training images, misclassified, left out" in found["statistic"]


def test_certainty_has_an_interval_that_is_not_empty():
    found = result(KEEPS, kept=(1.0, 1.0, 1.0))
    assert (found["ci_low"], found["ci_high"]) == (pytest.approx(0.99), 1)
    # One pair in fifty is two percent: not enough to tell 0.96 from 0.95.
    assert result(KEEPS, kept=(0.96,) * 3, pairs=50)["verdict"] == "not tested"


@pytest.mark.parametrize(
    ("excess", "verdict"), [(3.0, "holds"), (7.0, "fails"), (4.8, "not tested")]
)
def test_excess_length_in_percent_of_the_paths_that_repair_a_line(excess, verdict):
    found = result(NEARLY_STRAIGHT, excess=excess)
    assert found["value"] == pytest.approx(excess, rel=1e-5)
    assert found["verdict"] == verdict
    assert "147 such paths" in found["statistic"]


def test_networks_are_the_unit_and_not_pairs():
    """One network has 1 %, the others 9 %: pairs are many, networks few."""
    made = measured(excess=9.0, pairs=1000)
    walked = made["adversarial_paths"]
    walked.loc[(walked["path"] == "bent") & (walked["member"] == 0), "relative_length"] = 1.01
    found = results(CLAIMS, made)[NEARLY_STRAIGHT]
    assert found["verdict"] == "not tested"
    assert found["ci_low"] < 5 < 6 < found["ci_high"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"accuracy": (0.9, 0.3, 0.9)}, "a network classifies only 30 % of the test images"),
        ({"pairs": 40}, "40 pairs of images of one network, where a fraction needs at least 50"),
        ({"kept": (0.9, 0.95), "accuracy": (0.9, 0.9)}, "2 value(s)"),
        ({"pairs": 0}, "0 pairs of images"),
    ],
)
def test_too_little_to_decide(options, said):
    assert_undecided(CLAIMS, measured(**options), said)


def test_a_few_repaired_lines_decide_nothing():
    found = result(NEARLY_STRAIGHT, line=0.95)
    assert found["verdict"] == "not tested"
    assert "4 paths of one network keep a class that the straight line leaves" in found["statistic"]


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
    walked = [(0, "bent", 0, 1, 0.99, 1.02), (1, "bent", 0, 1, 0.96, 1.05)]
    walked += [(0, "straight", 0, 1, 0.9, 1.0), (1, "straight", 0, 0, 0.1, 1.0)]
    attacks = [("adversarial", ok) for ok in (1, 1, 1, 0)] + [("training", ok) for ok in (1, 0)]
    names = ("parameters", "training_accuracy", "test_accuracy")
    values = [(269_722, 1.0, 0.93), (269_722, 1.0, 0.89)]
    metrics = [(m, *pair) for m, of in enumerate(values) for pair in zip(names, of, strict=True)]
    return {
        "adversarial_images": pd.concat(images, ignore_index=True),
        "adversarial_paths": frame(
            "member path pair keeps_class lowest_softmax relative_length", walked
        ),
        "adversarial_attacks": frame("kind succeeded", attacks),
        "adversarial_classifier": frame("member metric value", metrics),
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
        **{("", "networks"): 2, ("", "test_accuracy"): 0.91},
        **{("repaired", "pairs"): 1, ("repaired", "excess"): 5},
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
        "Of all 2 pairs of 2 networks the",
        "The 1 paths that keep a class which the straight line leaves are 5.0",
        "training images: 1 of 2 drawn, misclassified, left out",
        "CIFAR-10",
    ):
        assert part in text
    if module is fig21:
        assert "Of the 2 rows 1 show no other class, and 5 of their 6 images" in text
    other = adversarial(data={"source": "patches", "n_train": 2000, "n_test": 1000, "size": 24})
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
    assert excess.verdict == "not comparable" and "2 runs" in excess.note
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
