"""The claim on nearest neighbours, on exponents that obey it, violate it, and leave it open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.neighbours.claims import CLAIMS


def exponents(network, **by_k):
    kinds = [
        ("network", np.nan, network),
        *(("neighbours", int(k[1:]), v) for k, v in by_k.items()),
    ]
    rows = [
        (model, k, member, value, 4.0, 20.0)
        for model, k, values in kinds
        for member, value in enumerate(values)
    ]
    columns = ["model", "neighbours", "member", "exponent", "fit_from", "fit_to"]
    table = pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=0)
    return {"neighbours_exponent": table}


@pytest.mark.parametrize(
    ("network", "value", "expected"),
    [
        ([-1.2, -1.3, -1.1, -1.2], -0.6, "holds"),
        ([-0.2, -0.3, -0.1, -0.2], 0.4, "fails"),
        ([-1.2, -0.3, -0.9, 0.0], 0.0, "not tested"),
    ],
)
def test_network_against_the_steepest_classifier(network, value, expected):
    tables = exponents(network, k5=[-0.3, -0.4, -0.3, -0.2], k20=[-0.6, -0.7, -0.5, -0.6])
    (result,) = evaluate(CLAIMS, tables)
    assert result["value"] == pytest.approx(value, abs=1e-9)
    assert result["verdict"] == expected and result["n_runs"] == 4
    assert "K = 20: -0.60" in result["statistic"] and "4 to 20" in result["statistic"]


def test_every_classifier_must_be_beaten_within_each_run():
    """Each K alone is beaten by 0.5 on average, the steeper of the two in each run is not."""
    one, two = [-2.0, 0.0, -2.0, 0.0], [0.0, -2.0, 0.0, -2.0]
    (result,) = evaluate(CLAIMS, exponents([-1.5] * 4, k5=one, k10=two))
    assert result["value"] == pytest.approx(0.5) and result["verdict"] == "fails"


@pytest.mark.parametrize(
    ("tables", "note"),
    [
        (exponents([-1.0] * 2, k5=[-0.5] * 2), "2 run(s)"),
        (exponents([-1.0] * 4), "no nearest-neighbour classifier"),
        (exponents([-1.0, np.nan, -1.0], k5=[-0.5] * 3), "not finite"),
    ],
)
def test_undecided(tables, note):
    (result,) = evaluate(CLAIMS, tables)
    assert result["verdict"] == "not tested" and note in result["statistic"]
