"""The claim on robustness, on tables made to obey it, to violate it, and to leave it open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.perturbation.claims import CLAIMS, kept_amplitude

FREQUENCIES = np.arange(10, 55, 5)
DELTAS = np.linspace(0, 5, 101)


def perturbation(rates, members=4):
    """relative amplitude 1 - rate * delta / 5 for every frequency."""
    rows = [
        pd.DataFrame(
            {
                "member": member,
                "delta": DELTAS,
                "frequency": k,
                "relative_amplitude": 1 - rate * DELTAS / 5,
            }
        )
        for member in range(members)
        for k, rate in zip(FREQUENCIES, rates, strict=True)
    ]
    return {"perturbation": pd.concat(rows)}


def test_kept_amplitude_of_straight_lines_and_clipping():
    relative_SK = np.stack([1 - 0.4 * DELTAS / 5, 1 + DELTAS, 1 - 2 * DELTAS / 5], axis=1)
    np.testing.assert_allclose(kept_amplitude(relative_SK), [0.8, 1.0, 0.25], atol=0.003)


@pytest.mark.parametrize(
    ("rates", "tau", "expected"),
    [
        (np.linspace(0.1, 1, 9), -1.0, "holds"),
        (np.linspace(1, 0.1, 9), 1.0, "fails"),
        (np.array([0.5, 0.1, 0.9, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6]), -1 / 9, "fails"),
    ],
)
def test_order_of_robustness(rates, tau, expected):
    (result,) = evaluate(CLAIMS, perturbation(rates))
    assert result["value"] == pytest.approx(tau, abs=1e-5)
    assert result["verdict"] == expected


@pytest.mark.parametrize(
    ("rates", "members", "note"),
    [(np.linspace(0.1, 1, 9), 2, "2 run(s)"), (np.zeros(9), 4, "no finite number")],
)
def test_too_few_runs_or_no_loss_at_all_decide_nothing(rates, members, note):
    (result,) = evaluate(CLAIMS, perturbation(rates, members))
    assert result["verdict"] == "not tested" and note in result["statistic"]
    assert result["n_runs"] == members
