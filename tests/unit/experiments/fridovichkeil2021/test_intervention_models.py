"""All models of the interventions: tables, rank correlations, claims, figures 10 and 16."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit, logit

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021 import choices
from spectral_bias.experiments.fridovichkeil2021.interventions import (
    added_image_claims,
    all_models,
    claims,
    fig10,
    fig16,
    shift_claims,
    wave_claims,
)
from spectral_bias.experiments.fridovichkeil2021.interventions.models import (
    ALL,
    compared,
    effective_robustness,
    expected,
    fitted_line,
    measured,
    order,
)
from spectral_bias.figures import published
from spectral_bias.figures.build import caption
from spectral_bias.reference import authors
from spectral_bias.statistics import partial_rank_correlation
from tests.unit.experiments.fridovichkeil2021.made_up import notes, shown

CLAIMS = {
    claim.id: claim
    for module in (claims, wave_claims, added_image_claims, shift_claims)
    for claim in module.CLAIMS
}
SIZES = (1000, 2000, 3000, 4000, 5000, 6000)
NETWORKS = ("base", "wide", "deep", "other", "last", "more")
FRACTIONS = ("fraction", "hann_fraction", "chord_free_fraction")
STOP = {"test_accuracy": 0.8, "training_loss": None}


def found(interventions, paths, matched=(), source="patches", shift="zoom"):
    """The tables of figures 10 and 16."""
    job = SimpleNamespace(table=lambda name: paths)
    return measured(job, interventions, matched, STOP, 20, source, shift)


def parts(sign=1, best=0.9, shifted=True):
    """Six training sizes and six architectures that share a run; better ones have `sign` * more."""
    size_runs = [f"base.n{n}" if n < 6000 else "base" for n in SIZES]
    rows = [("train_size", str(n), n, 0, run) for n, run in zip(SIZES, size_runs, strict=True)]
    rows += [("architecture", name, np.nan, 0, name) for name in NETWORKS]
    rows += [(*row[:3], 1, "base.seed1") for row in rows if row[-1] == "base"]
    rows += [("image_frequency", "f2", 5.0, 0, "base.images")]
    table = pd.DataFrame(rows, columns=["intervention", "variant", "value", "seed", "run"])
    runs = [*size_runs[:5], *NETWORKS, "base.images", "base.seed1"]
    last = [summary(run, 20, rank, sign, best) for rank, run in enumerate(runs)]
    during = [summary("base", epoch, epoch / 4, sign, best) for epoch in (0, 1, 2, 4, 8, 12, 16)]
    paths = pd.DataFrame([*last, *during]).sample(frac=1, random_state=0)
    if not shifted:
        paths["shifted_accuracy"] = np.nan
    return table, paths


def summary(run, epoch, rank, sign, best):
    """Raw fractions in order of accuracy; windowed ones against it within classes."""
    accuracy, step = best - 0.01 * (12 - rank), sign * rank / 100
    # Accuracy on shifted images, given that on usual ones, goes with the fractions' own waver.
    waver = sign * ((7 * rank) % 13 - 6) / 500
    return {
        **{"run": run, "epoch": epoch, "test_accuracy": accuracy},
        **{"shifted_accuracy": accuracy - 0.2 + abs(sign) * ((7 * rank) % 13 - 6) / 500},
        **{f"between_{name}": 0.3 + step + waver for name in FRACTIONS},
        **{f"within_{name}": 0.2 + step + waver for name in FRACTIONS[1:]},
        **{"within_fraction": 0.3 - step - waver},
        **{"between_confidence": accuracy, "within_confidence": accuracy},
    }


@cache
def made(**options):
    return found(*parts(**options))


def result(name, given):
    (entry,) = evaluate([CLAIMS[name]], given)
    return entry


# All networks

POOLED = [
    *("interventions_between_class_frequency", "interventions_within_class_frequency"),
    *("shifted_accuracy_between_class_frequency", "shifted_accuracy_within_class_frequency"),
]


@pytest.mark.parametrize("name", POOLED)
def test_models_in_the_claimed_order_and_in_the_other(name):
    assert result(name, made())["verdict"] == "holds"
    assert result(name, made(sign=-1))["verdict"] == "fails"


def test_windowed_fractions_have_verdicts_of_their_own():
    (hann, chord_free) = result("interventions_within_class_frequency", made())["others"]
    assert hann["measure"] == "Hann window" and hann["verdict"] == "fails"
    assert chord_free["verdict"] == "fails"


def test_a_network_counts_once_in_every_intervention():
    models = made()["intervention_models"]
    assert set(models["intervention"]) == {"train_size", "architecture"}
    assert len(models) == 14 and len(compared(models)) == 12
    assert set(models["epoch"]) == {20}
    assert (models["run"] == "base.seed1").sum() == 2
    entry = result("interventions_within_class_frequency", made())
    assert entry["n_runs"] == 12 and "12 networks, test accuracy 78.0" in entry["statistic"]


def test_differences_between_interventions_play_no_part():
    table, paths = parts()
    common = table["run"].isin(["base", "base.seed1"]) & (table["intervention"] == "architecture")
    table, values = table[~common], []
    for shift in (0, 10):
        sizes = paths["run"].isin(table.loc[table["intervention"] == "train_size", "run"])
        paths["between_fraction"] += shift * sizes
        given = found(table, paths)
        values.append(result("interventions_between_class_frequency", given)["value"])
    assert values[0] == values[1] > 0.7


def test_order_equals_scipy():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.random((9, 2)), columns=["test_accuracy", "between_fraction"])
    rows = rows.assign(run=list("abcdefghi"))
    estimate = order(rows, "between_fraction", "test_accuracy", "")
    theirs = stats.spearmanr(rows["test_accuracy"], rows["between_fraction"]).statistic
    assert estimate.value == pytest.approx(theirs) and estimate.note.startswith("9 networks")


def test_networks_that_have_learnt_nothing_decide_nothing():
    for name in POOLED:
        entry = result(name, made(best=0.45))
        assert entry["undecided"] == "no data"
        assert "the best model classifies 45 %" in entry["statistic"]


def test_few_models_and_missing_tables_decide_nothing():
    table, paths = parts()
    three = found(table[table["intervention"] != "architecture"].head(3), paths)
    entry = result("interventions_between_class_frequency", three)
    assert entry["undecided"] == "no data" and "3 pair(s) in 1 strata" in entry["statistic"]
    nothing = found(table.iloc[:0], paths.iloc[:0])
    assert {result(name, nothing)["undecided"] for name in POOLED} == {"no data"}


def test_without_shifted_images_nothing_is_said_about_them():
    entry = result("shifted_accuracy_between_class_frequency", made(shifted=False))
    assert "no shifted images" in entry["statistic"] and entry["verdict"] == "not tested"


def test_shifted_accuracy_that_repeats_the_usual_one_decides_nothing():
    table, paths = parts()
    paths["shifted_accuracy"] = paths["test_accuracy"] - 0.2
    entry = result("shifted_accuracy_between_class_frequency", found(table, paths))
    assert entry["undecided"] == "no data" and "what is held fixed" in entry["statistic"]
    plain = {other["measure"]: other for other in entry["others"]}
    assert plain["raw fraction, test accuracy not held fixed"]["verdict"] == "holds"


def test_the_reason_quotes_published_networks_rightly():
    table = authors("fridovichkeil2021", "robustnets_resnet18")
    clean, shifted = (table[name].to_numpy() for name in ("test_accuracy", "cifar10_1_accuracy"))
    for kind in ("between", "within"):
        value = partial_rank_correlation(shifted, table[f"{kind}_fraction"].to_numpy(), clean).value
        assert f"{value:.2f} {kind}" in shift_claims.REASON


def test_effective_robustness_of_known_values():
    assert expected(np.array([0.5])) == pytest.approx(expit(-0.4736))
    assert expected(np.array([0.95]))[0] == pytest.approx(0.8782, abs=1e-3)
    np.testing.assert_array_equal(expected(np.array([0.0, 1.0])), [0.0, 1.0])
    on_line = expected(np.array([0.8]))
    assert effective_robustness(on_line + 0.03, np.array([0.8])) == pytest.approx(0.03)


def test_our_own_line_is_found_and_the_papers_is_for_its_images_alone():
    clean = np.linspace(0.3, 0.9, 7)
    assert fitted_line(clean, expit(0.7 * logit(clean) - 0.4)) == pytest.approx((0.7, -0.4))
    assert np.isnan(fitted_line(clean[:2], clean[:2])).all()
    table, paths = parts()
    for shift, theirs in (("zoom", False), ("cifar10.1", True)):
        models = found(table, paths, shift=shift)["intervention_models"]
        assert models["effective_robustness"].notna().all() == theirs
        assert abs(models.drop_duplicates("run")["own_robustness"].mean()) < 0.002


def test_matched_networks_say_whether_they_came_so_far():
    table, paths = parts()
    more = [summary("early", 7, 3, 1, 0.9), summary("late", 20, 3, 1, 0.9)]
    more += [summary("never", 20, 3, 1, 0.8)]
    rows = [
        {"intervention": "architecture", "variant": name, "run": run}
        for name, run in (("base", "early"), ("wide", "late"), ("deep", "never"))
    ]
    paths = pd.concat([paths, pd.DataFrame(more)])
    ends = found(table, paths, rows)["matched_models"].set_index("variant")
    assert ends["reached"].to_dict() == {"base": True, "wide": True, "deep": False}
    assert ends.loc["base", "usual_accuracy"] == pytest.approx((0.83 + 0.9) / 2)


# Published networks


def test_distances_count_in_spreads_of_the_published_ones():
    line = published.relation("within")
    accuracy = np.array([0.93, 0.93, 0.7, 0.0])
    shift = np.array([0.0, 3.0, -1.0, 0.0]) * line.deviation
    points = pd.DataFrame({"run": list("abcd"), "epoch": 1, "test_accuracy": accuracy})
    points["between_fraction"] = 0.3
    points["within_fraction"] = 0.1
    points.loc[:2, "within_fraction"] = line.expected(accuracy[:3]) + shift[:3]
    rows = published.distances(points)
    within = rows[rows["kind"] == "within"].set_index("run")
    assert within["spreads"].tolist() == pytest.approx([0, 3, -1], abs=1e-9)
    assert within["inside"].tolist() == [True, True, False]
    assert "2 points in their range of accuracies" in published.agreement_text(rows)
    assert "1.5 within classes (50 %); for 1 point outside" in published.agreement_text(rows)
    assert published.distances(points.iloc[:0]).empty and published.agreement_text(rows[:0]) == ""


def test_the_line_through_published_networks_is_least_squares():
    table = authors("fridovichkeil2021", "robustnets_resnet18")
    for kind in ("within", "between"):
        line = published.relation(kind)
        fit = stats.linregress(logit(table["test_accuracy"]), table[f"{kind}_fraction"])
        assert (line.slope, line.offset) == pytest.approx((fit.slope, fit.intercept))
        spread = (table[f"{kind}_fraction"] - line.expected(table["test_accuracy"])).std()
        assert line.deviation == pytest.approx(spread, rel=0.01)


# Paired extremes

NAMES = {"low": "none", "high": "cutout"}
ACCURACY = {"low": [0.70, 0.71, 0.69, 0.70], "high": [0.80, 0.79, 0.80, 0.81]}


def pairs(between=0.03, accuracy=ACCURACY, near=(), intervention="augmentation"):
    """Tables of two extremes with four seeds each; `between` is the effect on the fraction."""
    noise = np.array([-1, 1, 0.5, -0.5]) * 1e-3
    rows, paths, fits = [], [], []
    for place, name in NAMES.items():
        for seed, right in enumerate(accuracy[place]):
            run = f"{name}.seed{seed}"
            known = {"intervention": intervention, "place": place, "variant": name}
            rows.append(known | {"seed": seed, "run": run})
            effect = (between + noise[seed]) * (place == "high")
            values = {f"between_{fraction}": 0.3 + effect for fraction in FRACTIONS}
            values |= {f"within_{fraction}": 0.2 - effect for fraction in FRACTIONS}
            paths.append({"run": run, "epoch": 20, "test_accuracy": right, **values})
            paths.append({"run": run, "epoch": 1, "test_accuracy": 0.1, **values})
            for f, fitted in ((0.01, True), (0.02, True), (0.1, False)):
                fit = 1 - 10 * f - 0.2 * (place == "high") + noise[seed] * (1 + (place == "high"))
                wave = {"frequency": f, "fitted": fitted, "mean_fit": fit, "fit": 2 * fit}
                known = {"purpose": "compared", "run": f"{run}.{f}", "base": run, "seed": seed}
                fits.append(known | wave | {"test_accuracy": right})
    runs = [row["run"] for row in rows]
    sizes = {"n_parameters": [1000 if "none" in run else 2000 for run in runs]}
    values = pd.DataFrame({"variant": list(NAMES.values()), "value": [0.0, 0.5]})
    return {
        "extremes": pd.DataFrame(rows),
        "classifiers": pd.DataFrame(
            {"run": runs, "near_chance": [r in near for r in runs], **sizes}
        ),
        "interpolation_summary": pd.DataFrame(paths),
        "interventions": values.assign(intervention=intervention, run="").copy(),
        "wave_fits": pd.DataFrame(fits),
    }


def test_the_more_accurate_extreme_is_compared_with_the_other_seed_by_seed():
    between, within = (f"augmentation_{kind}_class_frequency" for kind in ("between", "within"))
    entry = result(between, pairs())
    difference = 0.03 + np.array([-1, 1, 0.5, -0.5]) * 1e-3
    half = stats.t.ppf(0.975, 3) * difference.std(ddof=1) / 2
    assert entry["value"] == pytest.approx(0.03) and entry["n_runs"] == 8
    assert [entry["ci_low"], entry["ci_high"]] == pytest.approx([0.03 - half, 0.03 + half], 1e-4)
    assert entry["statement"].startswith("Of the two extreme data augmentations (none and cutout)")
    assert "cutout 80.0 %, none 70.0 % accurate; 4 seeds each" in entry["statistic"]
    assert entry["verdict"] == result(within, pairs())["verdict"] == "holds"
    assert [other["verdict"] for other in entry["others"]] == ["holds", "holds"]
    assert result(between, pairs(between=-0.03))["verdict"] == "fails"
    swapped = {"low": ACCURACY["high"], "high": ACCURACY["low"]}
    assert result(between, pairs(accuracy=swapped))["verdict"] == "fails"


def test_an_effect_within_the_margin_fails():
    entry = result("augmentation_between_class_frequency", pairs(between=0.001))
    assert entry["verdict"] == "fails" and "within the margin ±0.005" in entry["statistic"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"accuracy": {"low": [0.7, 0.8, 0.75, 0.7], "high": [0.8, 0.7, 0.8, 0.7]}}, "not differ"),
        ({"near": ["none.seed2"]}, "near chance: 1 network(s) of none"),
        ({"accuracy": {"low": [0.3, 0.31, 0.3, 0.3], "high": [0.4, 0.4, 0.4, 0.41]}}, "40 %"),
        ({"accuracy": {"low": [0.7, 0.71], "high": [0.8, 0.8]}}, "2 value(s)"),
        ({"intervention": "train_size"}, "no two extreme variants were trained"),
    ],
)
def test_extremes_that_cannot_be_compared_decide_nothing(given, reason):
    entry = result("augmentation_between_class_frequency", pairs(**given))
    assert entry["undecided"] == "no data" and reason in entry["statistic"]


# Waves


def test_who_fits_the_highest_common_wave_faster():
    given = pairs()
    entry = result("augmentation_delays_waves", given)
    assert "f = 0.02: 0.6000, 0.8000 of cutout and none" in entry["statistic"]
    assert entry["value"] == pytest.approx(-0.2) and entry["verdict"] == "holds"
    (last,) = entry["others"]
    assert last["value"] == pytest.approx(-0.4) and last["verdict"] == "holds"
    larger = pairs(intervention="architecture")
    assert result("larger_models_fit_waves_faster", larger)["verdict"] == "fails"
    assert "of cutout and none" in result("weight_decay_delays_waves", pairs(
        intervention="weight_decay"))["statistic"]  # fmt: skip
    distilled = result("distillation_delays_waves", pairs(intervention="distillation"))
    assert distilled["verdict"] == "fails" and distilled["value"] == pytest.approx(0.2)


def test_networks_that_never_fit_a_wave_are_slower_than_those_that_do():
    given = pairs()
    fits = given["wave_fits"].query("frequency == 0.02")
    augmented = fits["base"].str.contains("cutout")
    given["wave_fits"] = fits.assign(fitted=~augmented)
    assert result("augmentation_delays_waves", given)["verdict"] == "holds"


def test_waves_that_no_extreme_fits_decide_nothing():
    given = pairs()
    given["wave_fits"] = given["wave_fits"].assign(fitted=False)
    entry = result("augmentation_delays_waves", given)
    assert entry["undecided"] == "no data" and "networks of either" in entry["statistic"]
    given["wave_fits"] = given["wave_fits"].iloc[:0]
    assert (
        "no extreme variant was trained on a wave"
        in result("augmentation_delays_waves", given)["statistic"]
    )


# Added images


def images(natural=-0.02, both=0.0, smoothing=True, n_seeds=4):
    """Networks with added images: 1/f² images lower the fraction, both change it alike."""
    noise = np.random.default_rng(1).normal(0, 1e-3, (4, n_seeds))
    kinds = {"none": (0.0, 0.1), "1/f2": (4.0, natural + both), "f2": (4.0, both)}
    kinds |= {"smoothing": (0.0, 0.0)} if smoothing else {}
    rows = [("image_frequency", kind, norm, f"net.{kind}") for kind, (norm, _) in kinds.items()]
    rows += [("image_frequency", "f2", 16.0, "net.f2_16")]
    names = {f"net.{kind}": effect for kind, (_, effect) in kinds.items()} | {"net.f2_16": 9}
    paths = []
    for rank, (name, effect) in enumerate(names.items()):
        for seed in range(1 if effect == 9 else n_seeds):
            run = f"{name}.seed{seed}" if seed else name
            values = {f"between_{f}": 0.3 + effect + noise[rank % 4, seed] for f in FRACTIONS}
            paths.append({"run": run, "epoch": 5, "test_accuracy": 0.8, **values})
    columns = ["intervention", "variant", "value", "run"]
    return {
        "interventions": pd.DataFrame(rows, columns=columns),
        "interpolation_summary": pd.DataFrame(paths),
    }


def test_spectra_of_added_images_are_compared_at_the_norm_with_seeds():
    name = "natural_images_lower_between_class_frequency"
    entry = result(name, images())
    assert entry["verdict"] == "holds" and entry["value"] == pytest.approx(-0.02, abs=0.002)
    assert "norm 4: 1/f2 0.2" in entry["statistic"] and "4 seeds each" in entry["statistic"]
    assert result(name, images(natural=0.02))["verdict"] == "fails"
    assert "within the margin" in result(name, images(natural=0.0))["statistic"]


def test_added_images_count_against_their_smoothing_alone():
    name = "added_images_change_between_class_frequency"
    for both in (0.04, -0.04):
        entry = result(name, images(natural=0.0, both=both))
        assert entry["verdict"] == "holds" and entry["value"] == pytest.approx(0.04, abs=0.002)
        assert 0 < entry["ci_low"] < 0.04 < entry["ci_high"]
        assert f"change {both:+.2f}"[:10] in entry["statistic"]
    assert result(name, images(natural=0.0))["verdict"] == "fails"
    entry = result(name, images(smoothing=False))
    assert entry["undecided"] == "no data" and "smoothing alone" in entry["statistic"]


# Figures 10 and 16


def of(settings, tables, source="patches", shift="zoom"):
    plan = settings.fridovichkeil2021.cifar10.plan()
    job = SimpleNamespace(table=lambda name: tables["interpolation_summary"])
    rows = choices.compared_rows(settings)
    return measured(job, rows, plan.matched, STOP, 40, source, shift)


@pytest.fixture(scope="module")
def models(settings, tables):
    return of(settings, tables)


@pytest.fixture(scope="module")
def real(context):
    """The context of images of CIFAR-10 and CIFAR-10.1."""
    own = context["settings"]["cifar10"]
    data = own["data"] | {"source": "cifar10"}
    changed = own | {"data": data, "shift": {"source": "cifar10.1", "folder": None}}
    return context | {"settings": {"cifar10": changed}}


def panels(module, data):
    """By letter."""
    axes = shown(module, data).axes
    return {panel.get_title(loc="left")[10:11]: panel for panel in axes}


def test_fig10_states_the_correlations_of_the_claims(models, context):
    data = fig10.drawn(models, context)
    text = caption(fig10, data, context)
    for kind, letter in (("between", "i"), ("within", "j")):
        orders = data[data["panel"] == letter]
        assert len(orders) == 18
        entry = result(f"interventions_{kind}_class_frequency", models)
        overall = orders[orders["intervention"] == ALL].set_index("measure")
        ends = overall.loc["raw", ["correlation", "correlation_low", "correlation_high"]]
        theirs = [entry["value"], entry["ci_low"], entry["ci_high"]]
        assert ends.tolist() == pytest.approx(theirs, rel=1e-5)
        assert f"{all_models.correlation_text(overall.loc['raw'])} {kind}" in text
        one = orders.query("intervention == 'weight_decay' and measure == 'hann'").iloc[0]
        rows = compared(models["intervention_models"], "weight_decay")
        order = rows["test_accuracy"], rows[f"{kind}_hann_fraction"]
        assert one["correlation"] == pytest.approx(stats.spearmanr(*order).statistic)
        assert one["n_models"] == rows["run"].nunique()


def test_fig10_shows_every_network_under_three_measures_and_its_confidence(models, context):
    data = fig10.drawn(models, context)
    axes = panels(fig10, data)
    common = data["baseline"].eq(True)
    for letter in "abcdefgh":
        rows = data[data["panel"] == letter]
        points = sum(len(line.get_xdata()) for line in axes[letter].lines)
        once = rows.loc[common, "run"].nunique()
        assert points == (~common[rows.index]).sum() + once and once == 3
    named = data[(data["panel"] == "g") & (data["run"] == "wrn_32.decay_0")].iloc[0]
    models = models["intervention_models"].set_index("run")
    assert named["fraction"] == models.loc["wrn_32.decay_0", "within_chord_free_fraction"]


def test_fig10_joins_extremes_of_one_accuracy_and_names_those_that_never_reached_it(
    settings, tables, context
):
    paths = tables["interpolation_summary"].copy()
    paths.loc[paths["run"] == "wrn_160.matched", "test_accuracy"] = 0.43
    paths.loc[paths["run"] == "wrn_32.n20.seed1", "test_accuracy"] = 0.19
    data = fig10.drawn(of(settings, {"interpolation_summary": paths}), context)
    matched = data[data["panel"] == "l"]
    assert len(matched) == 10 and (~matched["reached"].astype(bool)).sum() == 1
    crosses = [line for line in panels(fig10, data)["l"].lines if line.get_marker() == "x"]
    assert len(crosses) == 1
    text = caption(fig10, data, context)
    assert "trained until 80 % of the test images are correct" in text
    assert "Crosses never came so far: architecture wrn_160 (43 %)." in text
    assert "Near chance at the end: wrn_32.n20.seed1." in text


def test_fig10_says_what_too_few_models_cannot_decide(settings, tables, context):
    few = tables["interpolation_summary"].query("epoch == 40 and run == 'wrn_32'")
    data = fig10.drawn(of(settings, {"interpolation_summary": few}), context)
    assert notes(shown(fig10, data)).count("no order") == 12
    text = caption(fig10, data, context)
    assert "No order of: all networks (" in text
    assert "weight decay (1 pair(s), where an order needs at least 5)" in text


def test_published_networks_lie_under_those_of_cifar10_alone(settings, tables, context, real):
    for given, count in ((context, 0), (real, 153)):
        source = given["settings"]["cifar10"]["data"]["source"]
        made = of(settings, tables, source)
        data = fig10.drawn(made, given)
        assert (data["source"] == "published").sum() == 2 * count
        assert ("153 ResNet-18" in caption(fig10, data, given)) == bool(count)
        shown(fig10, data)
        agreement = fig10.agreement(made, given)
        assert (agreement.value is None) == (not count)
    rows = data[(data["panel"] == "agreement") & data["inside"].eq(True)]
    assert agreement.value == pytest.approx(rows["spreads"].astype(float).abs().median())
    within = next(q for q in agreement.quantities if "within" in q.name)
    own = rows.loc[rows["kind"] == "within", "spreads"].astype(float)
    assert within.ours == pytest.approx(own.mean()) and within.n_runs == len(own) > 10
    assert (within.theirs_low, within.theirs_high) == (-published.NEAR, published.NEAR)
    far = made["published_agreement"].assign(inside=False)
    assert fig10.agreement(made | {"published_agreement": far}, given).value is None


def test_fig16_has_each_network_once_and_its_correlations(models, context):
    data = fig16.drawn(models, context)
    rows = data[(data["panel"] == "d")]
    assert rows["run"].is_unique and len(rows) > 20
    order = data.query("panel == 'order' and kind == 'between'").set_index("y")
    theirs = stats.spearmanr(rows["fraction"], rows["own_robustness"]).statistic
    assert order.loc["own_robustness", "correlation"] == pytest.approx(theirs)
    said = (
        f"effective robustness, between {all_models.correlation_text(order.loc['own_robustness'])}"
    )
    assert said in caption(fig16, data, context)
    assert set(panels(fig16, data)) >= set("abcde") and "f" not in panels(fig16, data)


def test_fig16_has_the_papers_line_for_its_own_images_alone(settings, tables, context, real):
    for given, theirs in ((context, False), (real, True)):
        shift = given["settings"]["cifar10"]["shift"]["source"]
        data = fig16.drawn(of(settings, tables, "cifar10", shift), given)
        axes, text = panels(fig16, data), caption(fig16, data, given)
        assert ("f" in axes) == theirs == ("0.8318 logit" in text) == ("153 ResNet-18" in text)
        assert ("seen from nearer" in text) != theirs
        lines = [line for line in axes["a"].lines if len(line.get_xdata()) == 100]
        assert len(lines) == 1 + theirs


def test_fig16_without_shifted_images_says_so(settings, tables, context):
    paths = tables["interpolation_summary"].assign(shifted_accuracy=np.nan)
    data = fig16.drawn(of(settings, {"interpolation_summary": paths}), context)
    assert notes(shown(fig16, data)) == ["not measured"] * 5
    assert "no rank correlation" in caption(fig16, data, context)
