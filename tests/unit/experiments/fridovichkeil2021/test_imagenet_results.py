"""Larger images on tables whose order is known: claims, figures 14 and 15."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.imagenet import fig14, fig15
from spectral_bias.experiments.fridovichkeil2021.imagenet.claims import CLAIMS
from spectral_bias.experiments.fridovichkeil2021.imagenet.orders import (
    by_class,
    correlations,
    images_name,
    picked,
)
from spectral_bias.experiments.fridovichkeil2021.imagenet.tables import COLUMNS, sample_images
from spectral_bias.figures.build import caption
from tests.unit.experiments.fridovichkeil2021.made_up import context_of, notes, settings_of

NAMES = [f"class{i:02d}" for i in range(12)]
EXTREMES = [*NAMES[:3], *NAMES[-3:]]


def made(n_models=6, names=NAMES, accuracy=0.6, sign=1, n_classes=12):
    """Better networks and more diverse classes have what the paper finds, or the opposite."""
    rng, order = np.random.default_rng(0), np.arange(n_models)
    models = pd.DataFrame(
        {
            "model": [f"net{i}" for i in order],
            "kind": (["trained", "torchvision", "checkpoint"] * n_models)[:n_models],
            "n_classes": n_classes,
            "test_accuracy": accuracy + 0.05 * order,
            "published_accuracy": np.where(order == 1, 0.75, np.nan),
            "within_fraction": 0.2 - sign * 0.01 * order,
            "between_fraction": 0.3 + sign * 0.01 * order if sign > 0 else 0.1 - 0.001 * order,
            **{"within_error": 0.01, "between_error": 0.005, "n_within": 120, "n_between": 100},
        }
    )
    for kind in ("within", "between"):
        for measure in ("hann", "chord_free"):
            models[f"{kind}_{measure}_fraction"] = models[f"{kind}_fraction"] / 2
    frequency = {"relative_frequency": np.linspace(0, 1, 5), "magnitude": 0.1, "power": 0.01}
    spectra = [
        pd.DataFrame({"model": name, "kind": kind, **frequency})
        for name in models["model"]
        for kind in ("within", "between")
    ]
    rank = np.arange(len(names))
    classes = [
        pd.DataFrame(
            {
                "model": name,
                "class_name": names,
                "test_accuracy": 1 - np.roll(rank, 5) / 20,
                "within_fraction": 0.5 + sign * 0.01 * (rank + rng.normal(0, 0.6, len(names))),
                **{f"within_{m}_fraction": 0.1 - 0.001 * rank for m in ("hann", "chord_free")},
                "pixel_distance": 10.0 * (rank + 1),
                "feature_distance": (i + 1) * (rank + 1.0),
                "compressed_bytes": 5000 - 100 * rank,
                "level": rank / 11,
            }
        )
        for i, name in enumerate(models["model"])
    ]
    return with_orders(models, pd.concat(classes), pd.concat(spectra))


def with_orders(models, classes, spectra=None):
    return {
        "imagenet_models": models,
        "imagenet_classes": classes,
        "imagenet_spectra": spectra,
        "imagenet_correlations": correlations(models, classes),
    }


def nothing():
    return with_orders(
        *(pd.DataFrame(columns=COLUMNS[n]) for n in ("models", "classes", "spectra"))
    )


# Claims


def result(name, given):
    (entry,) = (row for row in evaluate(CLAIMS, given) if row["id"] == name)
    return entry


def verdicts(given):
    return {row["id"]: row["verdict"] for row in evaluate(CLAIMS, given)}


def test_all_claims_hold_in_the_order_of_the_paper_and_fail_in_the_opposite():
    assert set(verdicts(made()).values()) == {"holds"}
    assert set(verdicts(made(sign=-1)).values()) == {"fails"}


@pytest.mark.parametrize(
    ("given", "reason"),
    [(made(accuracy=0.1), "little above chance"), (nothing(), "no network was measured")],
)
def test_nothing_follows_from_networks_that_have_learnt_nothing(given, reason):
    for row in evaluate(CLAIMS, given):
        assert row["verdict"] == "not tested" and reason in row["statistic"]


def test_networks_that_have_not_learnt_are_left_out():
    given, bad = made(), made(n_models=1, accuracy=0.2, sign=-1)
    rows = []
    for name in ("imagenet_models", "imagenet_classes"):
        rows.append(pd.concat([given[name], bad[name].assign(model="bad")]))
    assert evaluate(CLAIMS, with_orders(*rows)) == evaluate(CLAIMS, given)


def test_what_counts_as_learnt_depends_on_the_number_of_classes():
    few, many = (verdicts(made(accuracy=0.1, n_classes=n)) for n in (10, 200))
    assert set(few.values()) == {"not tested"} and set(many.values()) == {"holds"}


def test_few_networks_and_few_classes_decide_nothing():
    three = made(n_models=3)
    for kind in ("between", "within"):
        entry = result(f"imagenet_accuracy_{kind}", three)
        assert entry["undecided"] == "no data" and "3 network(s) that" in entry["statistic"]
    assert verdicts(three)["imagenet_lower_within_classes"] == "holds"
    nine = verdicts(made(names=NAMES[:9]))
    assert {v for k, v in nine.items() if "diverse" in k} == {"not tested"}


def test_windowed_fractions_have_verdicts_of_their_own():
    given = made()
    ratio = result("imagenet_lower_within_classes", given)
    models = given["imagenet_models"]
    logs = np.log(models["between_fraction"] / models["within_fraction"])
    half = stats.t.ppf(0.975, 5) * logs.std() / np.sqrt(6)
    ends = [ratio["ci_low"], ratio["value"], ratio["ci_high"]]
    assert ends == pytest.approx(np.exp(logs.mean() + half * np.array([-1, 0, 1])), rel=1e-5)
    assert [other["verdict"] for other in ratio["others"]] == ["holds", "holds"]
    diverse = result("imagenet_diverse_classes_pixel_distance", given)
    others = {other["measure"]: other["verdict"] for other in diverse["others"]}
    assert others["raw fraction, accuracy not held fixed"] == diverse["verdict"] == "holds"
    assert others["Hann window"] == "fails"


def test_accuracy_that_explains_everything_leaves_no_order():
    given = made()
    rows = given["imagenet_classes"]
    rows["within_fraction"] = 2 - rows["test_accuracy"]
    entry = result(
        "imagenet_diverse_classes_pixel_distance", with_orders(given["imagenet_models"], rows)
    )
    assert entry["undecided"] == "no data" and "what is held fixed" in entry["statistic"]


@pytest.mark.parametrize(
    ("names", "level", "found"),
    [
        (NAMES, 0.5, "cuts of ten photographs (no ImageNet)"),
        (NAMES, np.nan, "the images in the folder"),
        ([f"n{i:08d}" for i in range(200)], np.nan, "the images in the folder"),
        ([f"n{i:08d}" for i in range(1000)], np.nan, "ImageNet"),
        ([f"class{i}" for i in range(1000)], np.nan, "the images in the folder"),
    ],
)
def test_statements_name_the_images_that_were_measured(names, level, found):
    classes = pd.DataFrame({"class_name": names, "level": level})
    assert images_name(classes) == found
    statement = result("imagenet_lower_within_classes", nothing() | {"imagenet_classes": classes})
    assert statement["statement"].startswith(f"On {found}, learned functions")
    for entry in evaluate(CLAIMS, nothing()):
        assert entry["statement"].startswith("On data that were not measured, ")


def test_features_of_every_network_weigh_the_same():
    given = made(n_models=2)
    rows = given["imagenet_classes"]
    rows.loc[rows["model"] == "net1", "feature_distance"] *= 1000
    mean = by_class(rows, given["imagenet_models"])["feature_distance"]
    assert mean.to_numpy() == pytest.approx(np.arange(1, 13) / 6.5)


def test_the_correlation_is_spearmans_of_means_over_networks():
    rng, given = np.random.default_rng(0), made(n_models=2)
    rows = given["imagenet_classes"]
    rows["within_fraction"] = rng.uniform(size=24)
    rows["pixel_distance"] = np.tile(rng.uniform(size=12), 2)
    means = rows["within_fraction"].to_numpy().reshape(2, 12).mean(axis=0)
    table = correlations(given["imagenet_models"], rows)
    found = picked(table, "classes", "pixel_distance", "raw", "")
    theirs = stats.spearmanr(rows["pixel_distance"][:12], means).statistic
    assert found["value"] == pytest.approx(theirs)
    assert found["ci_low"] < found["value"] < found["ci_high"] and found["n_runs"] == 2


# Figures


def context(**changes):
    found = context_of(settings_of("quick", "imagenet"), "imagenet")
    return found | {"settings": {"imagenet": found["settings"]["imagenet"] | changes}}


def images(names=EXTREMES):
    pixels = np.random.default_rng(1).integers(0, 256, (len(names), 4, 8, 8, 3))
    return {"images": pixels.astype(np.uint8), "class_names": np.array(names)}


def test_fig14_draws_each_network_and_states_the_correlations():
    tables = made()
    data = fig14.drawn(tables, context())
    orders = tables["imagenet_correlations"].query("over == 'networks' and fraction == 'raw'")
    orders = orders.set_index("measure")
    for kind, letter in (("between", "c"), ("within", "d")):
        rows = data[data["panel"] == letter]
        fraction = tables["imagenet_models"][f"{kind}_fraction"]
        assert rows["high_frequency_fraction"].tolist() == fraction.tolist()
        order = data[(data["panel"] == "order") & (data["kind"] == kind)].iloc[0]
        assert order["correlation"] == orders.loc[kind, "value"]
    assert len(data[data["panel"] == "a"]) == 6 * 5
    spectra, _, fractions, _ = fig14.draw(data).axes
    assert len(spectra.lines) == 6 and len(fractions.containers) == 6
    text = caption(fig14, data, context())
    assert "1.00 [0.38, 1.00] between classes" in text
    models = tables["imagenet_models"]
    ratio = np.exp(np.log(models["between_fraction"] / models["within_fraction"]).mean())
    assert f"raw, the authors' {ratio:.2f}, Hann window {ratio:.2f}, without" in text
    assert "net1 65.0 (published 75.0)" in text and "120 paths within and 100 between" in text


def test_fig15_draws_each_class_and_states_the_correlations():
    tables = made()
    data = fig15.drawn(tables, context())
    orders = data[data["panel"] == "order"].set_index(["measure", "given"])
    measured = tables["imagenet_correlations"].query("over == 'classes' and fraction == 'raw'")
    measured = measured.set_index(["measure", "given"])
    ends = ["correlation", "correlation_low", "correlation_high", "least", "most"]
    theirs = measured[["value", "ci_low", "ci_high", "least", "most"]]
    np.testing.assert_array_equal(
        orders.loc[theirs.index, ends].astype(float), theirs.astype(float)
    )
    assert orders.loc[("level", ""), "correlation"] > 0.9
    assert (orders["least"] < orders["most"]).any()
    rows = data[data["panel"] == "b"].set_index("class_name")
    assert rows.loc[NAMES[0], "value"] == pytest.approx(1 / 6.5)  # over each network's mean
    assert rows["extreme"].value_counts().to_dict() == {"": 6, "low": 3, "high": 3}
    drawn = fig15.draw(data, images()).axes
    titles = {axes.get_title(): axes.title.get_color() for axes in drawn if axes.images}
    colours = [fig15.COLOURS["low"]] * 3 + [fig15.COLOURS["high"]] * 3
    assert titles == dict(zip(EXTREMES, colours, strict=True))
    text = caption(fig15, data, context())
    assert "mean over 6 network(s)" in text and "level of diversity" in text
    given = orders.loc[("compressed_bytes", "test_accuracy"), "correlation"]
    assert f"given (d) {given:.2f} [" in text and "hardly learnt" not in text


def test_networks_that_have_not_learnt_are_drawn_and_said():
    tables = made(accuracy=0.1)
    data = fig15.drawn(tables, context())
    fig15.draw(data, images())
    assert "hardly learnt the classes" in caption(fig15, data, context())
    text = caption(fig14, fig14.drawn(tables, context()), context())
    assert "the best network classifies 35 % of the images" in text


def test_few_classes_show_each_once():
    data = fig15.drawn(made(1, NAMES[:5]), context())
    figure = fig15.draw(data, images(NAMES[:5]))
    assert sum(len(axes.images) for axes in figure.axes) == 5
    assert "There are no rank correlations" not in caption(fig15, data, context())


NO_FOLDER = {"source": "imagefolder", "folder": None, "size": 224}


@pytest.mark.parametrize("module", [fig14, fig15])
@pytest.mark.parametrize(
    ("changes", "said"),
    [({"enabled": False}, "turned off"), ({"data": NO_FOLDER}, "no folder of images is named")],
)
def test_that_nothing_was_measured_is_said(module, changes, said):
    data = module.drawn(nothing(), context(**changes))
    shown = [sample_images(None, [], [])] if module is fig15 else []
    assert notes(module.draw(data, *shown)) == ["nothing was measured"] * 4
    text = caption(module, data, context(**changes))
    assert said in text and "nan" not in text


COUNTED = context()["settings"]["imagenet"]["interpolation"] | {"spacing": None, "n_samples": 64}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"interpolation": COUNTED}, "at 64 points"),
        ({"data": NO_FOLDER | {"folder": "a"}}, "which need not be ImageNet's own"),
        ({"models": ["torchvision:resnet18:IMAGENET1K_V1"]}, "Weights of torchvision"),
        ({"checkpoints": {"mine": {}}}, "From files: mine."),
    ],
)
def test_captions_follow_the_settings(changes, said):
    for module in (fig14, fig15):
        text = caption(module, module.drawn(made(), context()), context(**changes))
        assert said in text and "other numbers; this one is ours" in text
