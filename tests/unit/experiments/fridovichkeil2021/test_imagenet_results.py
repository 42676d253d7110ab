"""Figures 14 and 15 on made-up tables: what is drawn and said, with little and with nothing."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.artefacts import read_json, read_table, write_arrays, write_table
from spectral_bias.experiments.fridovichkeil2021.imagenet import claims, fig14, fig15
from spectral_bias.experiments.fridovichkeil2021.imagenet.tables import COLUMNS, sample_images
from spectral_bias.figures.build import build, caption

NAMES = [f"class{i:02d}" for i in range(12)]
NETWORK = {"callable": "wide_resnet", "arguments": {"depth": 10, "width": 8, "stem": 8}}


def made_context(**changes):
    settings = {
        "enabled": True,
        "data": {"source": "photographs", "folder": None, "size": 64},
        "networks": {"wrn_8": NETWORK},
        "trained": ["wrn_8"],
        "models": [],
        "checkpoints": {},
        "epochs": 12,
        "momentum": 0.9,
        "augmentation": "flip_crop",
        "interpolation": {
            **{"class_images": 24, "n_within": 12, "n_between": 100},
            **{"spacing": 3.0, "n_samples": None, "high": 0.1},
        },
        **changes,
    }
    return {"scale": "quick", "settings": {"imagenet": settings}}


def made_tables(n_models=5, accuracy=0.7):
    """The more accurate a network the higher its fraction between and the lower that within."""
    rng = np.random.default_rng(0)
    order = np.arange(n_models)
    models = pd.DataFrame(
        {
            "model": [f"net{i}" for i in order],
            "kind": (["trained", "torchvision", "checkpoint"] * n_models)[:n_models],
            "trained_here": True,
            "n_parameters": 1000,
            "n_classes": len(NAMES),
            "n_images": 240,
            "test_accuracy": accuracy + 0.02 * order,
            "published_accuracy": np.where(order == 1, 0.75, np.nan),
            "within_fraction": 0.15 - 0.01 * order,
            "within_error": 0.01,
            "between_fraction": 0.28 + 0.01 * order,
            "between_error": 0.005,
            "n_within": 120,
            "n_between": 100,
        }
    )
    frequency = np.linspace(0, 1, 5)
    spectra = pd.concat(
        pd.DataFrame(
            {
                "model": name,
                "kind": kind,
                "relative_frequency": frequency,
                "magnitude": 0.1 / (1 + 10 * frequency),
                "power": 0.01,
            }
        )
        for name in models["model"]
        for kind in ("within", "between")
    )
    rank = np.arange(len(NAMES))
    classes = pd.concat(
        pd.DataFrame(
            {
                "model": name,
                "class_name": NAMES,
                "n_images": 24,
                "test_accuracy": 1 - rank / 20,
                "within_fraction": 0.01 * (rank + rng.normal(0, 0.2, len(NAMES))),
                "path_length": 10.0 * (rank + 1),
                "pixel_distance": 10.0 * (rank + 1),
                "feature_distance": (i + 1) * (rank + 1.0),
                "compressed_bytes": 5000 - 100 * rank,
                "level": rank / 11,
            }
        )
        for i, name in enumerate(models["model"])
    )
    return {"imagenet_models": models, "imagenet_spectra": spectra, "imagenet_classes": classes}


def images(names):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (len(names), 4, 8, 8, 3)).astype(np.uint8)
    return {"images": pixels, "class_names": np.array(names)}


EXTREMES = [*NAMES[:3], *NAMES[-3:]]


def test_figure_14_draws_each_network_and_states_the_claims_correlations():
    tables, context = made_tables(), made_context()
    data = fig14.drawn(tables, context)
    for kind, letter in (("between", "c"), ("within", "d")):
        rows = data[data["panel"] == letter]
        fraction = tables["imagenet_models"][f"{kind}_fraction"]
        assert rows["high_frequency_fraction"].tolist() == fraction.tolist()
        order = data[(data["panel"] == "order") & (data["kind"] == kind)].iloc[0]
        assert order["correlation"] == claims.model_order(tables, kind).value
    assert len(data[data["panel"] == "a"]) == 5 * 5
    figure = fig14.draw(data)
    spectra, _, fractions, _ = figure.axes
    assert len(spectra.lines) == 5 and len(fractions.containers) == 5
    text = caption(fig14, data, context)
    assert "1.00 [0.00, 1.00] between classes" in text or "1.00 [1.00, 1.00] between" in text
    assert "net1 72.0 (published 75.0)" in text and "120 paths within and 100 between" in text


def test_figure_15_draws_each_class_and_states_the_claims_correlations():
    tables, context = made_tables(), made_context()
    data = fig15.drawn(tables, context)
    orders = data[data["panel"] == "order"].set_index("measure")
    for column in claims.DIVERSITY:
        found = claims.class_order(tables, column)
        row = orders.loc[column]
        ends = (row["correlation"], row["correlation_low"], row["correlation_high"])
        assert ends == (found.value, found.ci_low, found.ci_high)
        assert row["least"] <= row["most"]
    assert orders.loc["level"]["correlation"] > 0.9
    rows = data[data["panel"] == "b"].set_index("class_name")
    assert rows.loc[NAMES[0], "value"] == pytest.approx(1 / 6.5)  # over each network's mean
    assert rows["extreme"].value_counts().to_dict() == {"": 6, "low": 3, "high": 3}
    figure = fig15.draw(data, images(EXTREMES))
    assert sum(len(axes.images) for axes in figure.axes) == 6
    text = caption(fig15, data, context)
    assert "mean over 5 network(s)" in text and "level of diversity" in text
    assert "-1.00 [-1.00, " in text and "hardly learnt" not in text


def test_sample_images_bear_the_colour_of_their_end():
    data = fig15.drawn(made_tables(), made_context())
    figure = fig15.draw(data, images(EXTREMES))
    titles = {axes.get_title(): axes.title.get_color() for axes in figure.axes if axes.images}
    assert titles == dict.fromkeys(NAMES[:3], fig15.COLOURS["low"]) | dict.fromkeys(
        NAMES[-3:], fig15.COLOURS["high"]
    )


def test_networks_that_have_not_learnt_are_drawn_and_said():
    tables, context = made_tables(accuracy=0.1), made_context()
    data = fig15.drawn(tables, context)
    fig15.draw(data, images(EXTREMES))
    assert "hardly learnt the classes" in caption(fig15, data, context)
    text = caption(fig14, fig14.drawn(tables, context), context)
    assert "the best network is right about 18 % of the images" in text


def test_few_classes_show_each_once():
    tables = made_tables(1)
    tables["imagenet_classes"] = tables["imagenet_classes"].iloc[:4]
    data = fig15.drawn(tables, made_context())
    figure = fig15.draw(data, images(NAMES[:4]))
    assert sum(len(axes.images) for axes in figure.axes) == 4
    caption(fig15, data, made_context())


NO_FOLDER = {"source": "imagefolder", "folder": None, "size": 224}


@pytest.mark.parametrize("module", [fig14, fig15])
@pytest.mark.parametrize(
    ("changes", "said"),
    [({"enabled": False}, "turned off"), ({"data": NO_FOLDER}, "no folder of images is named")],
)
def test_nothing_was_measured_is_said(module, changes, said):
    context = made_context(**changes)
    tables = {
        f"imagenet_{name}": pd.DataFrame(columns=columns) for name, columns in COLUMNS.items()
    }
    data = module.drawn(tables, context)
    shown = [sample_images(None, [], [])] if module is fig15 else []
    figure = module.draw(data, *shown)
    notes = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert notes == ["nothing was measured"] * 4
    text = caption(module, data, context)
    assert said in text and "nan" not in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"interpolation": made_context()["settings"]["imagenet"]["interpolation"]
          | {"spacing": None, "n_samples": 64}}, "at 64 points"),
        (
            {"data": {"source": "imagefolder", "folder": "a", "size": 64}},
            "which need not be ImageNet's own",
        ),
        ({"models": ["torchvision:resnet18:IMAGENET1K_V1"]}, "Weights of torchvision"),
        ({"checkpoints": {"mine": {}}}, "From files: mine."),
    ],
)  # fmt: skip
def test_captions_follow_the_settings(changes, said):
    context = made_context(**changes)
    for module in (fig14, fig15):
        text = caption(module, module.drawn(made_tables(), context), context)
        assert said in text and "{" not in text and "other numbers; this one is ours" in text


@pytest.mark.parametrize("figure", ["fig14", "fig15"])
@pytest.mark.parametrize("measured", [True, False])
def test_figures_are_built_from_files(figure, measured, tmp_path):
    tables, shown = made_tables(), images(EXTREMES)
    if not measured:
        tables = {name: table.iloc[:0] for name, table in tables.items()}
        shown = sample_images(None, [], [])
    for name, table in tables.items():
        write_table(tmp_path / f"{name}.csv", table, {"sources": ["a"] if measured else []})
    write_arrays(tmp_path / "imagenet_samples.npz", shown, {})
    files = [*tmp_path.glob("*.csv"), tmp_path / "imagenet_samples.npz"]
    build("fridovichkeil2021", figure, files, tmp_path / figure, made_context())
    assert read_json(tmp_path / f"{figure}.json")["sources"] == (["a"] if measured else [])
    assert set(read_table(tmp_path / f"{figure}.csv")["source"]) <= {"ours"}
