"""Figures 20 and 21 on hand-made tables: what is drawn, said and compared."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.artefacts import read_json, read_table, write_arrays, write_table
from spectral_bias.experiments.rahaman2018.adversarial import fig20, fig21
from spectral_bias.experiments.rahaman2018.adversarial import shown_paths as adversarial_paths
from spectral_bias.experiments.rahaman2018.source_settings import PAPER
from spectral_bias.figures import style
from spectral_bias.figures.build import build, caption

N_POINTS, N_IMAGES = 5, 3


def context(**changes):
    settings = {
        **PAPER["adversarial"],
        "attack": {"budget": 8.0, "steps": 20},
        "neb": {**PAPER["adversarial"]["neb"], "pivots": 3, "insertions": 2},
        "checked_points": N_POINTS,
        "confidence": 0.95,
        **changes,
    }
    return {"scale": "paper", "settings": {"adversarial": settings}}


def path(figure, row, kind, name, softmax, called, first):
    image = [first, None, first + 1, None, first + 2]
    return pd.DataFrame(
        {
            "figure": figure,
            "row": row,
            "path": kind,
            "class_name": name,
            "position": np.linspace(0, 1, N_POINTS),
            "called_name": called,
            "softmax": softmax,
            "relative_length": 1.0 if kind == "straight" else 1.04,
            "image": pd.array(image, dtype="Int64"),
        }
    )


@pytest.fixture
def tables():
    low = [0.99, 0.9, 0.3, 0.9, 0.97]
    images = [
        path("fig20", 0, "bent", "cat", [0.99] * 5, "cat", 0),
        path("fig20", 1, "straight", "cat", low, ["cat", "cat", "dog", "cat", "cat"], 3),
        path("fig21", 0, "bent", "ant", [1, 0.98, 0.96, 0.99, 1], "ant", 6),
        path("fig21", 1, "bent", "cat", low, ["cat", "cat", "dog", "cat", "cat"], 9),
    ]
    paths = {
        "path": ["bent", "bent", "straight", "straight"],
        "keeps_class": [1, 1, 1, 0],
        "lowest_softmax": [0.99, 0.96, 0.9, 0.1],
        "relative_length": [1.02, 1.05, 1.0, 1.0],
    }
    attacks = {
        "kind": ["adversarial"] * 4 + ["training"] * 2,
        "succeeded": [1, 1, 1, 0, 1, 1],
    }
    classifier = {
        "metric": ["parameters", "training_accuracy", "test_accuracy"],
        "value": [269_722, 1.0, 0.91],
    }
    return {
        "adversarial_images": pd.concat(images, ignore_index=True),
        "adversarial_paths": pd.DataFrame(paths),
        "adversarial_attacks": pd.DataFrame(attacks),
        "adversarial_classifier": pd.DataFrame(classifier),
    }


PIXELS = {"pixels": np.random.default_rng(0).integers(0, 256, (12, 4, 4, 3)).astype(np.uint8)}


@pytest.fixture(params=[fig20, fig21])
def module(request):
    return request.param


def test_outcome_is_counted_over_all_pairs(tables):
    data = fig20.drawn(tables, context())
    value = lambda path, name: adversarial_paths.outcome(data, path, name)  # noqa: E731
    assert value("bent", "keeps_class") == 1 and value("straight", "keeps_class") == 0.5
    assert value("bent", "excess") == pytest.approx(3.5)
    assert value("bent", "excess_std") == pytest.approx(np.std([2, 5], ddof=1))
    assert value("", "adversarial_succeeded") == 0.75 and value("", "adversarial_candidates") == 4
    assert value("bent", "nothing") is None


def test_captions_state_the_outcome(tables, module):
    made = context()
    text = caption(module, module.drawn(tables, made), made)
    for part in (
        "whole path is called the class for 100 % (paper: all)",
        "straight line for 50 %",
        "paths are 3.5 ± 2.1 % longer than straight lines (paper: 3.0 ± 0.3 %",
        "75 % of 4 attacks succeed",
        "CIFAR-10",
    ):
        assert part in text
    assert "{" not in text and "  " not in text
    other = context(data={"source": "patches", "n_train": 2000, "n_test": 1000})
    text = caption(module, module.drawn(tables, other), other)
    assert "patches of ten photographs" in text
    assert "data.n_train 2,000 (paper 50,000)" in text


def test_fig21_counts_rows_and_sure_images(tables):
    made = context()
    text = caption(fig21, fig21.drawn(tables, made), made)
    assert "Of the 2 rows 1 show no other class, and 5 of their 6 images" in text


def test_fig20_shows_both_paths_and_their_softmax(tables):
    with style.look():
        figure = fig20.draw(fig20.drawn(tables, context()), PIXELS)
    images = [axes for axes in figure.axes if axes.images]
    assert len(images) == 2 * N_IMAGES
    for number, axes in enumerate(images):
        np.testing.assert_array_equal(axes.images[0].get_array(), PIXELS["pixels"][number])
    assert images[4].get_xlabel() == "0.30\ndog"
    curve = next(axes for axes in figure.axes if not axes.images)
    bent, straight, border = curve.lines
    assert bent.get_ydata().tolist() == [0.99] * 5
    assert straight.get_ydata().tolist() == [0.99, 0.9, 0.3, 0.9, 0.97]
    assert border.get_ydata()[0] == 0.95


def test_frames_say_what_an_image_is_called(tables):
    figure = fig21.draw(fig21.drawn(tables, context()), PIXELS)
    colours = [axes.xaxis.label.get_color() for axes in figure.axes]
    sure, lost = adversarial_paths.SURE, adversarial_paths.LOST
    assert colours == [sure, sure, sure, sure, lost, sure]
    assert figure.axes[0].get_ylabel() == "ant\n+4.0 %"
    unsure = fig21.drawn(tables, context(confidence=0.98))
    colours = [axes.xaxis.label.get_color() for axes in fig21.draw(unsure, PIXELS).axes]
    assert colours.count(adversarial_paths.UNSURE) == 2


def test_figures_without_any_path_say_so(tables, module):
    for name in ("adversarial_images", "adversarial_paths"):
        tables[name] = tables[name].iloc[:0]
    made = context()
    data = module.drawn(tables, made)
    texts = [text.get_text() for axes in module.draw(data, PIXELS).axes for text in axes.texts]
    assert any("no " in text for text in texts)
    assert "No class has two images to join." in caption(module, data, made)
    assert [entry.value for entry in module.agreement(data, made)] == [None, None]


def test_agreement_with_the_papers_numbers_only_under_its_settings(tables, module):
    made = context()
    share, excess = module.agreement(module.drawn(tables, made), made)
    assert share.value == 0 and excess.value == pytest.approx(0.5)
    other = context(n_training=4)
    share, excess = module.agreement(module.drawn(tables, other), other)
    assert share.value is None and "n_training 4 (paper 50)" in share.meaning


def test_figures_are_built_from_files(tables, module, tmp_path):
    for name, table in tables.items():
        write_table(tmp_path / f"{name}.csv", table, {"sources": ["key"]})
    write_arrays(tmp_path / "adversarial_pixels.npz", PIXELS, {})
    files = [*tmp_path.glob("*.csv"), tmp_path / "adversarial_pixels.npz"]
    name = module.__name__.rpartition(".")[2]
    for folder in ("first", "second"):
        build("rahaman2018", name, files, tmp_path / folder / name, context())
    for suffix in ("png", "csv", "json", "pdf"):
        first, second = (tmp_path / f / f"{name}.{suffix}" for f in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
    assert read_json(tmp_path / f"first/{name}.json")["sources"] == ["key"]
    again = read_table(tmp_path / f"first/{name}.csv")
    assert len(module.draw(again, PIXELS).axes) >= 6
    with pytest.raises(ValueError, match="needs table adversarial_pixels"):
        build("rahaman2018", name, files[:-1], tmp_path / name, context())
