"""All models of the interventions: table, rank correlations, claims, figures 10 and 16."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.interventions import (
    all_models,
    claims,
    fig10,
    fig16,
    shift_claims,
)
from spectral_bias.experiments.fridovichkeil2021.interventions.models import (
    ALL,
    compared,
    effective_robustness,
    expected,
    measured,
    order,
)
from spectral_bias.figures.build import caption
from tests.unit.experiments.fridovichkeil2021.made_up import notes, shown

CLAIMS = {claim.id: claim for claim in (*claims.CLAIMS, *shift_claims.CLAIMS)}
SIZES = (1000, 2000, 3000, 4000, 5000, 6000)
NETWORKS = ("base", "wide", "deep", "other", "last", "more")
F = (0.01, 0.1)


def found(interventions, paths):
    """The tables of figures 10 and 16."""
    return measured(SimpleNamespace(table=lambda name: paths), interventions)


def parts(sign=1, best=0.9, shifted=True):
    """Six training sizes and six architectures that share a run; better ones have `sign` * more."""
    size_runs = [f"base.n{n}" if n < 6000 else "base" for n in SIZES]
    rows = [("train_size", str(n), n, run) for n, run in zip(SIZES, size_runs, strict=True)]
    rows += [("architecture", name, np.nan, name) for name in NETWORKS]
    rows += [("image_frequency", "f2", 5.0, "base.images")]
    table = pd.DataFrame(rows, columns=["intervention", "variant", "value", "run"])
    runs = [*size_runs[:5], *NETWORKS, "base.images", "base.seed1"]
    last = [summary(run, 20, rank, sign, best) for rank, run in enumerate(runs)]
    during = [summary("base", epoch, epoch / 4, sign, best) for epoch in (0, 1, 2, 4, 8, 12, 16)]
    paths = pd.DataFrame([*last, *during]).sample(frac=1, random_state=0)
    if not shifted:
        paths["shifted_accuracy"] = np.nan
    minima = [minimum(run, f, -sign * rank) for rank, run in enumerate(runs) for f in F]
    minima += [minimum("base", 0.3, 99), minimum("base", 0.01, 99, trained=False)]
    minima += [minimum("wide", 0.01, 99, noise_class=3), minimum("deep", 0.01, 99, kind="fourier")]
    return table, paths, pd.DataFrame(minima).sample(frac=1, random_state=0)


def summary(run, epoch, rank, sign, best):
    accuracy, fraction = best - 0.01 * (12 - rank), sign * rank / 100
    return {
        **{"run": run, "epoch": epoch, "test_accuracy": accuracy},
        **{"shifted_accuracy": accuracy - 0.2},
        **{"between_fraction": 0.3 + fraction, "within_fraction": 0.3 - fraction},
    }


def minimum(run, frequency, rank, trained=True, kind="radial", noise_class=np.nan):
    return {
        **{"run": f"{run}.{frequency}", "base": run, "trained": trained, "kind": kind},
        **{"frequency": frequency, "noise_class": noise_class},
        "noise_fitting": -0.5 + rank / 100 - frequency,
    }


@cache
def made(**options):
    table, paths, minima = parts(**options)
    return found(table, paths) | {"noise_minima": minima}


def result(name, given):
    (entry,) = evaluate([CLAIMS[name]], given)
    return entry


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
    models = made()["intervention_models"]
    assert set(models["intervention"]) == {"train_size", "architecture", "training_time"}
    everything = compared(models, ALL)
    assert len(everything) == 11 and everything["run"].is_unique
    assert set(everything["epoch"]) == {20}
    during = compared(models, "training_time")
    assert list(during["epoch"]) == [1, 2, 4, 8, 12, 16, 20] and set(during["run"]) == {"base"}
    assert "base.seed1" not in set(models["run"])
    assert result("interventions_within_class_frequency", made())["n_runs"] == 11


def test_order_equals_scipy():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.random((9, 2)), columns=["test_accuracy", "between_fraction"])
    estimate = order(rows.assign(run=list("abcdefghi")), "test_accuracy", "between_fraction")
    theirs = stats.spearmanr(rows["test_accuracy"], rows["between_fraction"]).statistic
    assert estimate.value == pytest.approx(theirs) and estimate.note.startswith("9 models")


def test_readiness_is_of_waves_that_all_networks_were_trained_on():
    entry = result("accurate_models_fit_noise_less_readily", made())
    assert entry["value"] == -1 and "f = 0.01, 0.1;" in entry["statistic"]


def test_networks_that_have_learnt_nothing_decide_nothing():
    for entry in evaluate(CLAIMS.values(), made(best=0.45)):
        assert entry["verdict"] == "not tested" and entry["value"] is None
        assert "the best model classifies 43 %" in entry["statistic"]


def test_few_models_and_missing_tables_decide_nothing():
    table, paths, minima = parts()
    three = found(table[table["intervention"] != "architecture"].head(3), paths)
    entry = result("train_size_between_class_frequency", three)
    assert entry["verdict"] == "not tested" and "3 pair(s)" in entry["statistic"]
    for name in ("distillation_between_class_frequency", "weight_decay_within_class_frequency"):
        assert "0 pair(s)" in result(name, made())["statistic"]
    nothing = found(table.iloc[:0], paths.iloc[:0]) | {"noise_minima": minima.iloc[:0]}
    assert {entry["verdict"] for entry in evaluate(CLAIMS.values(), nothing)} == {"not tested"}


def test_without_shifted_images_nothing_is_said_about_them():
    entry = result("shifted_accuracy_between_class_frequency", made(shifted=False))
    assert "no shifted images" in entry["statistic"] and entry["verdict"] == "not tested"


def test_a_run_that_diverged_decides_nothing():
    table, paths, _ = parts()
    paths.loc[paths["run"] == "wide", "between_fraction"] = np.nan
    entry = result("architecture_between_class_frequency", found(table, paths))
    assert entry["verdict"] == "not tested" and "not finite" in entry["statistic"]


def test_effective_robustness_of_known_values():
    assert expected(np.array([0.5])) == pytest.approx(expit(-0.4736))
    assert expected(np.array([0.95]))[0] == pytest.approx(0.8782, abs=1e-3)
    np.testing.assert_array_equal(expected(np.array([0.0, 1.0])), [0.0, 1.0])
    on_line = expected(np.array([0.8]))
    assert effective_robustness(on_line + 0.03, np.array([0.8])) == pytest.approx(0.03)


# Figures 10 and 16


@pytest.fixture(scope="module")
def models(tables):
    return found(tables["interventions"], tables["interpolation_summary"])


def panels(module, data):
    """By letter."""
    axes = shown(module, data).axes
    return {panel.get_title(loc="left")[10:11]: panel for panel in axes}


def test_fig10_states_the_correlations_of_the_claims(models, context):
    data = fig10.drawn(models, context)
    orders = data[data["panel"] == "e"]
    assert len(orders) == 14
    claimed = {entry["id"]: entry for entry in evaluate(claims.CLAIMS[:-1], models)}
    for row in orders[orders["intervention"] != "training_time"].itertuples():
        name = "interventions" if row.intervention == ALL else row.intervention
        entry = claimed[f"{name}_{row.kind}_class_frequency"]
        ends = [row.correlation, row.correlation_low, row.correlation_high]
        theirs = np.array([entry["value"], entry["ci_low"], entry["ci_high"]], dtype=float)
        np.testing.assert_allclose(ends, theirs, 1e-5)  # NaN where there is none
    once = data[(data["panel"] == "b")].drop_duplicates("run")
    theirs = stats.spearmanr(once["test_accuracy"], once["high_frequency_fraction"]).statistic
    overall = orders[(orders["intervention"] == ALL) & (orders["kind"] == "within")]
    assert overall["correlation"].item() == pytest.approx(theirs)
    assert overall["n_models"].item() == len(once) > 20


def test_fig10_shows_every_network_once_and_training_apart(models, context):
    data = fig10.drawn(models, context)
    axes = panels(fig10, data)
    points = sum(len(line.get_xdata()) for line in axes["a"].lines)
    rows = data[data["panel"] == "a"]
    assert points == (~rows["baseline"].astype(bool)).sum() + 1
    (line,) = axes["c"].lines
    assert len(line.get_xdata()) == 6
    assert [text.get_text() for text in axes["d"].texts] == ["epoch 1", "epoch 40"]
    assert "epochs 1, 2, 5, 10, 20, 40 " in caption(fig10, data, context)


def test_fig10_says_what_too_few_models_cannot_decide(tables, context):
    rows = tables["interventions"].query("run == 'wrn_32'")
    few = tables["interpolation_summary"].query("epoch == 40")
    data = fig10.drawn(found(rows, few), context)
    assert [text.get_text() for text in panels(fig10, data)["e"].texts] == ["no order"] * 7
    text = caption(fig10, data, context)
    assert "Not decided: all networks, architecture, training images, " in text
    assert "weight decay (1 pair(s), where an order needs at least 5)" in text


def test_fig16_has_each_network_once_and_its_correlations(models, context):
    data = fig16.drawn(models, context)
    rows = data[(data["panel"] == "d") & data["run"].notna()]
    assert rows["run"].is_unique and len(rows) > 20
    row = data[(data["panel"] == "d") & data["n_models"].notna()].iloc[0]
    robust = effective_robustness(rows["shifted_accuracy"], rows["test_accuracy"])
    theirs = stats.spearmanr(rows["high_frequency_fraction"], robust).statistic
    assert row["correlation"] == pytest.approx(theirs) and row["kind"] == "between"
    said = f"(d) {all_models.correlation_text(row)} (effective robustness, between)"
    assert said in caption(fig16, data, context)


@pytest.mark.parametrize(("source", "foreign"), [("cifar10.1", False), ("zoom", True)])
def test_fig16_says_whose_line_it_is(source, foreign, models, context):
    settings = context["settings"]["cifar10"] | {"shift": {"source": source, "folder": None}}
    other = context | {"settings": {"cifar10": settings}}
    text = caption(fig16, fig16.drawn(models, other), other)
    assert ("zero of effective robustness has no meaning" in text) == foreign
    assert ("seen from nearer" in text) == foreign


def test_fig16_without_shifted_images_says_so(tables, context):
    paths = tables["interpolation_summary"].assign(shifted_accuracy=np.nan)
    data = fig16.drawn(found(tables["interventions"], paths), context)
    assert notes(shown(fig16, data)) == ["not measured"] * 5
    assert "no rank correlation" in caption(fig16, data, context)
