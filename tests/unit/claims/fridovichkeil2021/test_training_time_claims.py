"""Claims on training time, on class pairs that obey, violate, and leave them open."""

from itertools import combinations

import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.interpolation import claims as training_time

EPOCHS = (0, 1, 5, 20, 60, 120, 200)
NAMES = tuple("abcdefgh")


def tables(between, within, epochs=EPOCHS, names=NAMES, best=0.9):
    """Fractions are functions of (number of the pair, number of the epoch) beyond an own level."""
    fractions, summary = [], [("other", 200, 0.99)]
    for n, epoch in enumerate(epochs):
        summary.append(("net", epoch, best * (n + 1) / len(epochs)))
        pairs = [("within", a, a) for a in names]
        pairs += [("between", *pair) for pair in combinations(names, 2)]
        count = {"within": 0, "between": 0}
        for kind, a, b in pairs:
            number = count[kind]
            count[kind] += 1
            value = {"within": within, "between": between}[kind](number, n)
            fractions.append(("net", epoch, kind, a, b, 0.3 + 0.001 * number + value))
    columns = ["run", "epoch", "kind", "class_a", "class_b", "high_frequency_fraction"]
    return {
        "interpolation_fractions": pd.DataFrame(fractions, columns=columns),
        "interpolation_summary": pd.DataFrame(summary, columns=["run", "epoch", "test_accuracy"]),
    }


def results(*args, **options):
    return evaluate(training_time.CLAIMS, tables(*args, **options))


def rises(pair, n):
    return 0.01 * n


def falls(pair, n):
    return -0.01 * n


def test_the_papers_picture_and_its_reverse():
    between, within = results(rises, falls)
    assert (between["value"], within["value"]) == (1, -1)
    assert between["verdict"] == within["verdict"] == "holds"
    assert "28 pairs of classes" in between["statistic"] and between["n_runs"] == 1
    assert "8 pairs of classes" in within["statistic"]
    assert {result["verdict"] for result in results(falls, rises)} == {"fails"}


def test_the_interval_is_over_pairs_of_classes():
    """Half of the pairs rise, half fall: one network, but pairs disagree."""

    def both(pair, n):
        return 0.01 * n * (-1) ** pair

    between, within = results(both, both)
    for found in (between, within):
        assert found["value"] == 0 and found["verdict"] == "not tested"
        assert found["ci_low"] < -0.2 < 0.2 < found["ci_high"]


def test_the_start_of_training_does_not_count():
    """Untrained and within the first fortieth of the training anything may happen."""

    def wild_start(pair, n):
        return 9.0 - n if EPOCHS[n] < 5 else 0.01 * n

    between, _ = results(wild_start, falls)
    assert between["value"] == 1 and "at epoch 5 and" in between["statistic"]
    assert "5 epochs of one network" in between["statistic"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"epochs": (0, 1, 2)}, "2 epochs were measured"),
        ({"names": NAMES[:3]}, "3 pairs of classes, where 5"),
        ({"best": 0.4}, "right about 40 %"),
    ],
)
def test_too_little_decides_nothing(options, said):
    for found in results(rises, falls, **options):
        assert found["verdict"] == "not tested" and said in found["statistic"]


def test_functions_that_never_change_have_no_order():
    between, _ = results(lambda pair, n: 0.0, falls)
    assert between["value"] == 0 and between["verdict"] == "not tested"


def test_nothing_measured_decides_nothing():
    made = {name: table.iloc[:0] for name, table in tables(rises, falls).items()}
    assert {found["verdict"] for found in evaluate(training_time.CLAIMS, made)} == {"not tested"}
