"""Claims on larger images: verdicts on tables whose order is known, and when nothing follows."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.imagenet.claims import (
    CLAIMS,
    by_class,
    class_order,
)


def models(accuracy, between, within, n_classes=10):
    return pd.DataFrame(
        {
            "model": [f"net{i}" for i in range(len(accuracy))],
            "n_classes": n_classes,
            "test_accuracy": accuracy,
            "between_fraction": between,
            "within_fraction": within,
        }
    )


def classes(within, names, count):
    rank = np.arange(count, dtype=float)
    return pd.concat(
        pd.DataFrame(
            {
                "model": name,
                "class_name": [f"c{i:03d}" for i in range(count)],
                "within_fraction": within,
                "test_accuracy": 0.5,
                "pixel_distance": rank,
                "feature_distance": rank,
                "compressed_bytes": -rank,
                "level": np.nan,
            }
        )
        for name in names
    )


def tables(n_models=6, count=10, accuracy=0.6, sign=1, n_classes=10):
    order = np.arange(n_models)
    found = models(accuracy + 0.05 * order, 0.3 + sign * 0.01 * order, 0.2 - sign * 0.01 * order,
                   n_classes)  # fmt: skip
    within = 0.5 + sign * 0.01 * np.arange(count)
    return {
        "imagenet_models": found,
        "imagenet_classes": classes(within, found["model"], count),
    }


def verdicts(given):
    return {row["id"]: row["verdict"] for row in evaluate(CLAIMS, given)}


def test_all_claims_hold_in_the_order_that_the_paper_finds():
    assert set(verdicts(tables()).values()) == {"holds"}


def test_they_fail_in_the_opposite_order():
    given = tables(sign=-1)
    given["imagenet_models"]["between_fraction"] = 0.1 - 0.001 * np.arange(6)
    assert set(verdicts(given).values()) == {"fails"}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (tables(accuracy=0.1), "little above chance"),
        ({name: table.iloc[:0] for name, table in tables().items()}, "no network was measured"),
    ],
)
def test_nothing_follows_from_networks_that_have_learnt_nothing(given, reason):
    for row in evaluate(CLAIMS, given):
        assert row["verdict"] == "not tested" and reason in row["statistic"]


def test_networks_that_have_not_learnt_are_left_out():
    given = tables()
    alone = {row["id"]: row["value"] for row in evaluate(CLAIMS, given)}
    bad = models([0.2], [0.9], [0.9]).assign(model="bad")
    given["imagenet_models"] = pd.concat([given["imagenet_models"], bad])
    given["imagenet_classes"] = pd.concat(
        [given["imagenet_classes"], classes(np.arange(10)[::-1], ["bad"], 10)]
    )
    assert {row["id"]: row["value"] for row in evaluate(CLAIMS, given)} == alone


def test_what_counts_as_learnt_depends_on_the_number_of_classes():
    few, many = (verdicts(tables(accuracy=0.1, n_classes=n)) for n in (10, 200))
    assert set(few.values()) == {"not tested"} and set(many.values()) == {"holds"}


def test_few_networks_and_few_classes_decide_nothing():
    three = verdicts(tables(n_models=3))
    assert three["imagenet_accuracy_between"] == three["imagenet_accuracy_within"] == "not tested"
    assert three["imagenet_lower_within_classes"] == "holds"
    nine = verdicts(tables(count=9))
    assert {v for k, v in nine.items() if "diverse" in k} == {"not tested"}


def test_features_of_every_network_weigh_the_same():
    given = tables(n_models=2, accuracy=0.6)
    rows = given["imagenet_classes"]
    rows.loc[rows["model"] == "net1", "feature_distance"] *= 1000
    mean = by_class(rows, given["imagenet_models"])["feature_distance"]
    assert mean.to_numpy() == pytest.approx(np.arange(10) / 4.5)


def test_the_correlation_is_spearmans_of_means_over_networks():
    rng = np.random.default_rng(0)
    given = tables(n_models=2, count=30)
    rows = given["imagenet_classes"]
    rows["within_fraction"] = rng.uniform(size=60)
    rows["pixel_distance"] = np.tile(rng.uniform(size=30), 2)
    means = rows["within_fraction"].to_numpy().reshape(2, 30).mean(axis=0)
    found = class_order(given, "pixel_distance")
    expected = stats.spearmanr(rows["pixel_distance"][:30], means).statistic
    assert found.value == pytest.approx(expected)
    assert found.ci_low < found.value < found.ci_high and found.n_runs == 2
