"""Claims on interventions and shift, on models made to obey them, violate them, leave them open."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.interventions import claims as interventions
from spectral_bias.experiments.fridovichkeil2021.interventions import shift_claims as shift
from spectral_bias.experiments.fridovichkeil2021.interventions.claims import compared, models, order

CLAIMS = {claim.id: claim for claim in (*interventions.CLAIMS, *shift.CLAIMS)}
SIZES = (1000, 2000, 3000, 4000, 5000, 6000)
NETWORKS = ("base", "wide", "deep", "other", "last", "more")
F = (0.01, 0.1)


def made(sign=1, best=0.9, shifted=True):
    """Six training sizes and six architectures that share a run; better ones have `sign` * more."""
    size_runs = [f"base.n{n}" if n < 6000 else "base" for n in SIZES]
    rows = [("train_size", str(n), n, run) for n, run in zip(SIZES, size_runs, strict=True)]
    rows += [("architecture", name, np.nan, name) for name in NETWORKS]
    rows += [("image_frequency", "f2", 5.0, "base.images")]
    table = pd.DataFrame(rows, columns=["intervention", "variant", "value", "run"])
    runs = [*size_runs[:5], *NETWORKS, "base.images", "base.seed1"]
    last = [summary(run, 20, rank, sign, best) for rank, run in enumerate(runs)]
    during = [summary("base", epoch, epoch / 4, sign, best) for epoch in (0, 1, 2, 4, 8, 12, 16)]
    minima = [minimum(run, f, -sign * rank) for rank, run in enumerate(runs) for f in F]
    minima += [minimum("base", 0.3, 99), minimum("base", 0.01, 99, trained=False)]
    minima += [minimum("wide", 0.01, 99, noise_class=3), minimum("deep", 0.01, 99, kind="fourier")]
    found = pd.DataFrame([*last, *during])
    if not shifted:
        found["shifted_accuracy"] = np.nan
    return {
        "interventions": table,
        "interpolation_summary": found.sample(frac=1, random_state=0),
        "noise_minima": pd.DataFrame(minima).sample(frac=1, random_state=0),
    }


def summary(run, epoch, rank, sign, best):
    accuracy = best - 0.01 * (12 - rank)
    fractions = {"between_fraction": 0.3 + sign * rank / 100}
    fractions["within_fraction"] = 0.3 - sign * rank / 100
    return {
        **{"run": run, "epoch": epoch, "test_accuracy": accuracy},
        **{"shifted_accuracy": accuracy - 0.2, **fractions},
    }


def minimum(run, frequency, rank, trained=True, kind="radial", noise_class=np.nan):
    return {
        **{"run": f"{run}.{frequency}", "base": run, "trained": trained, "kind": kind},
        **{"frequency": frequency, "noise_class": noise_class},
        "noise_fitting": -0.5 + rank / 100 - frequency,
    }


def result(name, tables):
    (found,) = evaluate([CLAIMS[name]], tables)
    return found


DECIDED = [
    *("interventions_between_class_frequency", "interventions_within_class_frequency"),
    *("train_size_between_class_frequency", "architecture_within_class_frequency"),
    "accurate_models_fit_noise_less_readily",
    *("shifted_accuracy_between_class_frequency", "shifted_accuracy_within_class_frequency"),
]


@pytest.mark.parametrize("name", DECIDED)
def test_models_in_the_claimed_order_and_in_the_other(name):
    assert result(name, made())["verdict"] == "holds"
    assert result(name, made(sign=-1))["verdict"] == "fails"


def test_a_run_counts_once_and_training_time_only_alone():
    found = models(made())
    assert set(found["intervention"]) == {"train_size", "architecture", "training_time"}
    everything = compared(found, None)
    assert len(everything) == 11 and everything["run"].is_unique
    assert set(everything["epoch"]) == {20}
    during = compared(found, "training_time")
    assert list(during["epoch"]) == [1, 2, 4, 8, 12, 16, 20] and set(during["run"]) == {"base"}
    assert "base.seed1" not in set(found["run"])
    assert result("interventions_within_class_frequency", made())["n_runs"] == 11


def test_order_equals_scipy():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.random((9, 2)), columns=["test_accuracy", "between_fraction"])
    found = order(rows.assign(run=list("abcdefghi")), "test_accuracy", "between_fraction")
    expected = stats.spearmanr(rows["test_accuracy"], rows["between_fraction"]).statistic
    assert found.value == pytest.approx(expected) and found.note.startswith("9 models")


def test_readiness_is_of_waves_that_all_networks_were_trained_on():
    found = result("accurate_models_fit_noise_less_readily", made())
    assert found["value"] == -1 and "f = 0.01, 0.1;" in found["statistic"]


@pytest.mark.parametrize("name", CLAIMS)
def test_networks_that_have_learnt_nothing_decide_nothing(name):
    found = result(name, made(best=0.45))
    assert found["verdict"] == "not tested" and found["value"] is None
    assert "the best model is right about 43 %" in found["statistic"]


def test_three_models_and_missing_tables_decide_nothing():
    tables = made()
    rows = tables["interventions"]
    tables["interventions"] = rows[rows["intervention"] != "architecture"].head(3)
    found = result("train_size_between_class_frequency", tables)
    assert found["verdict"] == "not tested" and "3 model(s)" in found["statistic"]
    nothing = {name: table.iloc[:0] for name, table in tables.items()}
    assert {r["verdict"] for r in evaluate(CLAIMS.values(), nothing)} == {"not tested"}
    assert {r["verdict"] for r in evaluate(CLAIMS.values(), {})} == {"not tested"}


def test_interventions_that_were_not_run_decide_nothing():
    for name in ("distillation_between_class_frequency", "weight_decay_within_class_frequency"):
        assert "0 model(s)" in result(name, made())["statistic"]


def test_without_shifted_images_nothing_is_said_about_them():
    found = result("shifted_accuracy_between_class_frequency", made(shifted=False))
    assert "no shifted images" in found["statistic"] and found["verdict"] == "not tested"


def test_a_run_that_diverged_decides_nothing():
    tables = made()
    wrong = tables["interpolation_summary"]["run"] == "wide"
    tables["interpolation_summary"].loc[wrong, "between_fraction"] = np.nan
    found = result("architecture_between_class_frequency", tables)
    assert found["verdict"] == "not tested" and "not finite" in found["statistic"]
