"""Claims on paths within classes, on tables that obey, violate, and leave them open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.adversarial.claims import CLAIMS


def tables(kept=0.99, excess=3.0, pairs=30, classes=10, accuracy=0.9):
    """Every class keeps the same share of its paths; lengths vary evenly around their mean."""
    rows = []
    for path in ("bent", "straight"):
        for label in range(classes):
            number = np.arange(pairs)
            bend = (excess + np.linspace(-1, 1, pairs)) / 100 if path == "bent" else 0 * number
            rows.append(
                pd.DataFrame(
                    {
                        "path": path,
                        "class": label,
                        "pair": number + label * pairs,
                        "keeps_class": (number < round(kept * pairs)).astype(int),
                        "relative_length": 1 + bend,
                    }
                )
            )
    metrics = {"metric": ["test_accuracy", "parameters"], "value": [accuracy, 10.0]}
    return {
        "adversarial_paths": pd.concat(rows, ignore_index=True),
        "adversarial_classifier": pd.DataFrame(metrics),
    }


def results(**options):
    return {result["id"]: result for result in evaluate(CLAIMS, tables(**options))}


@pytest.mark.parametrize(
    ("kept", "verdict"), [(1.0, "holds"), (0.6, "fails"), (29 / 30, "not tested")]
)
def test_share_of_kept_paths(kept, verdict):
    found = results(kept=kept)["adversarial_paths_keep_class"]
    assert found["value"] == pytest.approx(kept)
    assert found["verdict"] == verdict
    assert found["n_runs"] == 1


def test_certainty_has_an_interval_that_is_not_empty():
    found = results(kept=1.0)["adversarial_paths_keep_class"]
    # Of 300 independent pairs the exact interval (Clopper and Pearson): (0.05 / 2) ** (1 / 300).
    assert found["ci_low"] == pytest.approx(0.025 ** (1 / 300), rel=1e-5)
    assert found["ci_high"] == 1
    assert results(kept=1.0, pairs=5)["adversarial_paths_keep_class"]["verdict"] == "not tested"


@pytest.mark.parametrize(("excess", "verdict"), [(3.0, "holds"), (7.0, "fails")])
def test_excess_length_in_percent(excess, verdict):
    found = results(excess=excess)["adversarial_paths_nearly_straight"]
    assert found["value"] == pytest.approx(excess, rel=1e-5)
    assert found["verdict"] == verdict


def test_interval_is_over_classes_and_not_over_pairs():
    """Half of the classes have 1 %, half 9 %: pairs are many, classes few."""
    made = tables(excess=0.0, pairs=1000)
    paths = made["adversarial_paths"]
    bent = paths["path"] == "bent"
    paths.loc[bent, "relative_length"] += np.where(paths.loc[bent, "class"] < 5, 0.01, 0.09)
    (found,) = [r for r in evaluate(CLAIMS, made) if r["id"].endswith("nearly_straight")]
    assert found["verdict"] == "not tested"
    assert found["ci_low"] < 4 < 6 < found["ci_high"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"accuracy": 0.3}, "calls only 30 % of the test images right"),
        ({"pairs": 4}, "40 pairs of images, where a share needs at least 50"),
        ({"pairs": 40, "classes": 2}, "2 run(s), where an interval needs at least 3"),
    ],
)
def test_too_little_to_decide(options, said):
    for found in results(**options).values():
        assert found["verdict"] == "not tested"
        assert said in found["statistic"]


def test_no_path_at_all_decides_nothing():
    made = tables()
    made["adversarial_paths"] = made["adversarial_paths"].iloc[:0]
    for found in evaluate(CLAIMS, made):
        assert found["verdict"] == "not tested" and "0 pairs of images" in found["statistic"]
