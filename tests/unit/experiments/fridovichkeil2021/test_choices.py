"""Each figure depends on the runs that it draws, and on no others."""

import re
from importlib import import_module

import pandas as pd
import pytest

from spectral_bias.errors import UserError
from spectral_bias.experiments import figures, measurements, training_runs
from spectral_bias.experiments.fridovichkeil2021 import choices
from spectral_bias.experiments.fridovichkeil2021.classifiers.plan import seeded
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import (
    intervention_table,
    wave_tables,
)
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.single_classes import (
    CORRELATED,
    by_class,
    correlation,
)
from spectral_bias.figures.build import caption, joined
from spectral_bias.statistics import estimate_row
from tests.unit.experiments.fridovichkeil2021.made_up import (
    context_of,
    interpolation,
    noise,
    notes,
    runs_of,
    settings_of,
    shown,
)

SEED = r"(\.seed\d)?"
BASE = rf"wrn_32{SEED}"
FLOORS = rf"{BASE}\.uniform"
FEW = {
    "n_seeds": 2,
    "trainings_per_job": 1,
    "wave": {
        "frequencies": [0.02, 0.05, 0.1],
        "epochs": 4,
        "n_seeds": 2,
        "compared": [0.02, 0.1],
        "interventions": ["architecture"],
    },
    "extremes": {"weight_decay": ["0", "0.001"]},
    "matched": {"test_accuracy": None},
    "train_sizes": [40, 60, 80],
    "weight_decays": [0.0, 5e-4, 1e-3],
    "directions": {"cycles": [0.1, 0.2], "spatial_frequencies": [1.4, 2.8]},
    "natural": {"kinds": ["1/f2", "random"], "cycles": [0.1, 0.2], "n_random": 2},
    "image_frequency": {"kinds": ["f2", "1/f2"], "norms": [8.0]},
    "single_class": {"classes": [0, 3]},
}
"""Enough for every figure to be told from the others."""
VARIANTS = {
    "fig05": rf"(wrn_32|wrn_160|shake_shake_\d+|pyramid_net){SEED}",
    "fig06": rf"{BASE}|wrn_32\.n\d+{SEED}",
    "fig07": rf"{BASE}|wrn_32\.(none|flip_crop|autoaugment|(mixup|randaugment)_[\d.]+?){SEED}",
    "fig08": rf"{BASE}|wrn_32\.distilled_[\d.]+_gen\d{SEED}",
    "fig09": rf"{BASE}|wrn_32\.decay_[\d.e-]+?{SEED}",
    "fig13": rf"{BASE}|wrn_32\.images_(smoothing|(anti)?natural_[\d.]+?){SEED}",
}
"""Names of the networks that figures of one intervention compare."""
SWEEPS = rf"{BASE}(\.epochs\d+)?\.(radial_[\d.]+|uniform)"
DIRECTED = {
    "fig11": r"wrn_32\.fourier_[\d.]+_at_[\d.]+",
    "fig12": r"wrn_32\.(natural|antinatural|random)_[\d.]+(_\d)?",
    "fig17": r"wrn_32\.radial_[\d.]+_class\d",
}
"""Names of the networks that other figures train on waves."""
DRAWN = {
    name: import_module(place.dotted(name))
    for name, (place, _) in figures()["fridovichkeil2021"].items()
}
ALL = ("fig01", "fig03", "fig04", *VARIANTS, *DIRECTED)


def few(**values):
    return settings_of(**FEW | values)


def plan_of(settings):
    return settings.fridovichkeil2021.cifar10.plan()


def named(settings, pattern):
    return [name for name in plan_of(settings).runs if re.fullmatch(pattern, name)]


def noise_runs(settings, figure):
    return choices.noise_runs(settings, choices.wave_rows(settings, figure))


@pytest.mark.parametrize(("scale", "values"), [("tiny", FEW), ("quick", {}), ("paper", {})])
def test_figures_name_their_runs(scale, values):
    settings = settings_of(scale, **values)
    plan, section = plan_of(settings), settings.fridovichkeil2021.cifar10
    waves = rf"radial_({'|'.join(re.escape(f'{f:g}') for f in section.wave.compared)})"
    spread = [f"{seeded('wrn_32', seed)}.uniform" for seed in range(section.wave.n_seeds)]
    trained = {row["run"] for row in plan.extremes}
    trained |= {
        row["run"]
        for row in plan.interventions
        if row["intervention"] in section.wave.interventions
    }
    for figure, pattern in VARIANTS.items():
        assert choices.measured_runs(settings, figure) == named(settings, pattern)
        rows = choices.wave_rows(settings, figure)
        bases = {*named(settings, pattern)} & trained if figure != "fig13" else set()
        assert {row["base"] for row in rows} == bases
        assert all(re.fullmatch(rf"{re.escape(row['base'])}\.{waves}", row["run"]) for row in rows)
        assert len(rows) == len(bases) * len(section.wave.compared)
        floors = {f"{base}.uniform" for base in bases} | ({*spread} if bases else set())
        assert {*noise_runs(settings, figure)} == {row["run"] for row in rows} | floors
    for figure, pattern in DIRECTED.items():
        wanted = {*spread, *named(settings, pattern)}
        assert noise_runs(settings, figure) == [name for name in plan.runs if name in wanted]
        assert {*spread} < wanted <= plan.runs.keys()


@pytest.mark.parametrize("epochs", [None, 4])
def test_radial_waves_bring_the_floor_of_their_own_length(epochs):
    """Figure 3; waves on which variants are compared are others, unless the lengths agree."""
    settings = few(wave=FEW["wave"] | {"epochs": epochs})
    own = named(settings, rf"{BASE}\.epochs4\.\S+") if epochs else named(settings, SWEEPS)
    assert noise_runs(settings, "fig03") == own and len(own) == 2 * (3 + 1)
    lengths = {plan_of(settings).runs[name].training.epochs for name in own}
    assert lengths == {epochs or settings.fridovichkeil2021.cifar10.epochs}


@pytest.mark.parametrize(("frequency", "drawn"), [(0.05, "0.05"), (0.03, "0.02")])
def test_figure_1_needs_one_frequency_the_default_or_else_the_lowest(frequency, drawn):
    settings = few(single_class={"frequency": frequency, "classes": []})
    wanted = named(settings, rf"{BASE}\.epochs4\.(uniform|radial_{drawn})")
    assert noise_runs(settings, "fig01") == wanted and len(wanted) == 4


@pytest.mark.parametrize("scale", ["tiny", "quick", "overnight", "paper"])
def test_figures_of_all_models_and_of_training_name_theirs(scale):
    settings = settings_of(scale)
    plan, trajectory = plan_of(settings), choices.trajectory_runs(settings)
    assert choices.measured_runs(settings, "fig04") == trajectory
    assert trajectory == named(settings, r"wrn_\d+(\.long)?(\.seed\d)?")[: len(trajectory)]
    compared, measured = (
        choices.compared_runs(settings),
        [name for name, run in plan.runs.items() if run.wave is None],
    )
    pictures = named(settings, r"wrn_32\.images_\S+")
    assert compared == [name for name in measured if name not in pictures]
    stopped = {row["run"] for row in plan.matched}
    assert stopped < {*compared} and all(name.endswith(".matched") for name in stopped)
    for figure in VARIANTS:
        assert not stopped & {*choices.measured_runs(settings, figure)}


def test_seeds_of_a_run_are_told_from_other_runs_of_like_names():
    settings = few(extremes={"train_size": ["40", "80"]}, matched={"test_accuracy": 0.5})
    assert choices.with_seeds(settings, "wrn_32") == ["wrn_32", "wrn_32.seed1"]
    assert choices.with_seeds(settings, "wrn_32.n40") == ["wrn_32.n40", "wrn_32.n40.seed1"]
    assert choices.with_seeds(settings, "wrn_32.n60") == ["wrn_32.n60"]
    assert "wrn_32.n40.matched" in plan_of(settings).runs


# --- what is drawn ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole():
    settings = few()
    finished = {record["run"]: (record, history) for record, history in runs_of(settings)}
    return settings, context_of(settings), finished, interpolation(settings)


def drawn_from(figure, rows, finished, whole, measured=None):
    """What a figure draws of some rows of the plan, finished trainings and measured networks."""
    settings, context, _, paths = whole
    tables = wave_tables(finished, rows, settings.fridovichkeil2021.cifar10.wave.warm_up)
    summary = paths["interpolation_summary"]
    if figure in VARIANTS:
        tables["interventions"] = intervention_table(plan_of(settings).interventions)
        tables["interpolation_summary"] = (
            summary if measured is None else summary[summary["run"].isin(measured)]
        )
    if figure == "fig17":
        own = [of_baseline(paths[name]) for name in ("interpolation_fractions", "class_accuracy")]
        tables = single_class_tables(tables["wave_fits"], *own)
    return DRAWN[figure].drawn(tables, context)


def of_baseline(table):
    return table[table["run"] == "wrn_32"]


def single_class_tables(fits, fractions, accuracy):
    classes = by_class(fits, fractions, accuracy)
    orders = [
        {"x": x, "y": y, **estimate_row(lambda x=x, y=y: correlation(classes, x, y))}
        for x, y in CORRELATED
    ]
    return {"single_classes": classes, "single_class_correlations": pd.DataFrame(orders)}


def without(rows, gone):
    """Rows of the plan without a run, be it the training on a wave or one of the floor."""
    kept = [row for row in rows if row["run"] != gone]
    parts = ("floors", "spread")
    return [
        row | {part: [name for name in row[part] if name != gone] for part in parts} for row in kept
    ]


def same(one, other):
    try:
        pd.testing.assert_frame_equal(one, other)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("figure", ["fig01", "fig03", *VARIANTS, *DIRECTED])
def test_no_training_of_a_figure_can_be_left_out_and_no_other_changes_it(figure, whole):
    settings, _, finished, _ = whole
    rows = choices.wave_rows(settings, figure)
    own = {name: finished[name] for name in noise_runs(settings, figure)}
    clean = choices.measured_runs(settings, figure) if figure in VARIANTS else []
    data = drawn_from(figure, rows, own.values(), whole, clean)
    assert same(drawn_from(figure, rows, finished.values(), whole), data)
    assert len(own) + len(clean) >= 4
    for gone in own:
        fewer = [run for name, run in own.items() if name != gone]
        assert not same(drawn_from(figure, without(rows, gone), fewer, whole), data), gone
    for gone in clean:
        fewer = [name for name in clean if name != gone]
        assert not same(drawn_from(figure, rows, own.values(), whole, fewer), data), gone


# --- interventions without variants -------------------------------------------------------------

EMPTY = {
    "fig05": {"architectures": []},
    "fig06": {"train_sizes": []},
    "fig07": {"augmentations": [], "magnitudes": [], "mixup_alphas": []},
    "fig08": {"teacher_weights": []},
    "fig09": {"weight_decays": []},
    "fig11": {"directions": {"spatial_frequencies": []}},
    "fig12": {"natural": {"kinds": []}},
    "fig13": {"image_frequency": {"kinds": []}},
    "fig17": {"single_class": {"classes": []}},
}


def drawn_runs(settings, *chosen):
    return {
        name
        for figure in chosen
        for name in (*noise_runs(settings, figure), *choices.measured_runs(settings, figure))
    }


@pytest.mark.parametrize(
    ("figure", "values"),
    [
        *EMPTY.items(),
        ("fig11", {"directions": {"cycles": []}}),
        ("fig12", {"natural": {"cycles": []}}),
    ],
)
def test_an_empty_list_leaves_an_intervention_out_with_its_extremes(figure, values):
    before, after = few(), few(**values)
    old, new = plan_of(before), plan_of(after)
    others = [name for name in ALL if name != figure]
    lost = old.runs.keys() - new.runs.keys()
    assert lost == drawn_runs(before, figure) - drawn_runs(before, *others) != set()
    assert drawn_runs(after, *others) == drawn_runs(before, *others)
    assert drawn_runs(after, figure) <= {*named(before, rf"{BASE}(\.long)?{SEED}")}
    left_out = choices.INTERVENTIONS.get(figure)
    for rows in (new.interventions, new.extremes):
        assert left_out not in {row["intervention"] for row in rows}
    kept = [row for row in old.extremes if row["intervention"] != left_out]
    assert new.extremes == kept
    assert choices.intervention_rows(after, figure) == choices.wave_rows(after, figure) == []


@pytest.mark.parametrize("figure", EMPTY)
def test_a_figure_of_nothing_says_that_there_is_none(figure):
    settings = few(**EMPTY[figure])
    tables, paths = noise(settings, figure), interpolation(settings)
    if figure in VARIANTS:
        tables["interventions"] = intervention_table(choices.intervention_rows(settings, figure))
        tables["interpolation_summary"] = joined([])
    if figure == "fig17":
        own = [of_baseline(paths[name]) for name in ("interpolation_fractions", "class_accuracy")]
        tables = single_class_tables(tables["wave_fits"], *own)
    data = DRAWN[figure].drawn(tables, context_of(settings))
    drawing = shown(DRAWN[figure], data)
    assert [text[:2] for text in notes(drawing)] == ["no"] * len(drawing.axes)
    assert "nan" not in caption(DRAWN[figure], data, context_of(settings)).split()


def test_without_compared_waves_variants_are_trained_on_none():
    before, after = few(), few(wave=FEW["wave"] | {"compared": []})
    lost = plan_of(before).runs.keys() - plan_of(after).runs.keys()
    assert lost == {
        *named(before, r"\S+\.radial_0\.(02|1)"),
        *named(before, r"\S+\.uniform"),
    } - {*named(before, rf"{FLOORS}|\S+\.epochs4\.\S+")}
    assert all(choices.wave_rows(after, figure) == [] for figure in VARIANTS)


def test_without_any_intervention_the_baseline_is_left():
    nothing = {name: value for values in EMPTY.values() for name, value in values.items()}
    settings = few(**nothing)
    plan = plan_of(settings)
    waves = rf"{BASE}\.(uniform|epochs4\.\S+)"
    assert {*plan.runs} == {*named(few(), rf"{BASE}|wrn_32\.long{SEED}|{waves}")}
    assert plan.interventions == plan.extremes == plan.matched == []
    long = [name for name in plan.runs if ".long" in name]
    assert choices.compared_runs(settings) == choices.trajectory_runs(settings) == long
    assert intervention_table(plan.interventions).empty


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"weight_decays": [0.0, 5e-4]},
            "extremes.weight_decay: no variant '0.001'; did you mean '0.0005'; known: 0, 0.0005; "
            "choose two of them, or [] for none",
        ),
        (
            {"train_sizes": [40]},
            "extremes.train_size: no variant '80'; did you mean '40'; known: 40;",
        ),
        ({"generations": 0}, "extremes.distillation: no variant 'a = 0.5, generation 1'"),
        ({"extremes": {"train_size": [40, 40]}}, "['40', '40'] is not a pair; choose two variants"),
        ({"extremes": {"train_size": [40]}}, "['40'] is not a pair"),
        ({"extremes": {"train_size": [40, 60, 80]}}, "extremes.train_size: Input should hold 2"),
    ],
)
def test_a_pair_that_lacks_a_variant_is_refused_in_one_line(values, said):
    with pytest.raises(UserError) as caught:
        few(**values)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_no_extremes_are_an_empty_pair():
    before, after = few(), few(extremes=FEW["extremes"] | {"train_size": []}, train_sizes=[40])
    assert {row["intervention"] for row in plan_of(before).extremes} == {
        *choices.INTERVENTIONS.values()
    } - {"image_frequency"}
    kept = [row for row in plan_of(before).extremes if row["intervention"] != "train_size"]
    assert plan_of(after).extremes == kept


# --- one more variant ---------------------------------------------------------------------------


def jobs(settings):
    """Inputs and arguments of every measurement, by its name and, of several, its item."""
    found = {}
    for place, measurement in measurements():
        if place.paper != "fridovichkeil2021":
            continue
        for item in measurement.items(settings) if measurement.items else [None]:
            given = (settings,) if item is None else (settings, item)
            name = measurement.name if item is None else f"{measurement.name} {item}"
            found[name] = measurement.inputs(*given), measurement.params(*given)
    return found


def drawn_files(settings):
    """What each figure is drawn from, item by item."""
    return {
        name: figure.items(settings) for name, (_, figure) in figures()["fridovichkeil2021"].items()
    }


OF_FIGURE = "measure_noise_fitting_of_figure"
PROBED = rf"{BASE}\.uniform"
"""Networks on even labels are probed by all waves of their length, so they are trained again."""


@pytest.mark.parametrize(
    ("values", "figure", "changed", "trained"),
    [
        (
            {"architectures": ["wrn_32", "shake_shake_32", "wrn_160"]},
            "fig05",
            {
                "collect_interpolation",
                f"{OF_FIGURE} fig05",
                "measure_interventions",
            },  # … of figures 10 and 16
            "none",
        ),
        (
            {"weight_decays": [0.0, 5e-4, 1e-3, 0.1]},
            "fig09",
            {"collect_interpolation", f"{OF_FIGURE} fig09", "measure_interventions"},
            "none",
        ),
        (
            {"image_frequency": {"kinds": ["f2", "1/f2"], "norms": [8.0, 9.0]}},
            "fig13",
            {"collect_interpolation", f"{OF_FIGURE} fig13"},
            "none",
        ),
        (
            {"single_class": {"classes": [0, 3, 4]}},
            "fig17",
            {"measure_single_classes"},
            PROBED,
        ),
        (
            {"directions": FEW["directions"] | {"cycles": [0.1, 0.2, 0.4]}},
            "fig11",
            {f"{OF_FIGURE} fig11"},
            PROBED,
        ),
    ],
)
def test_one_more_variant_changes_the_jobs_of_its_figure_alone(values, figure, changed, trained):
    before, after = few(), few(**values)
    old, new = jobs(before), jobs(after)
    whole = {"measure_noise_fitting"}  # of all runs, for the claims
    assert {name for name, job in old.items() if new[name] != job} == changed | whole
    drawn, again = drawn_files(before), drawn_files(after)
    differing = {name for name in drawn if drawn[name] != again[name]}
    assert differing == ({figure} if figure in VARIANTS else set())
    runs, more = (training_runs(each, "fridovichkeil2021") for each in (before, after))
    assert [name for name in runs if runs[name] != more[name]] == named(before, trained)


def test_one_more_variant_changes_no_batch_before_it():
    """Jobs of several trainings end with the last ones of the plan, which are then others."""
    before, after = (
        few(trainings_per_job=6, weight_decays=decays)
        for decays in ([0.0, 5e-4, 1e-3], [0.0, 5e-4, 1e-3, 0.1])
    )
    old, new = (each.fridovichkeil2021.cifar10.batches() for each in (before, after))
    added = plan_of(after).runs.keys() - plan_of(before).runs.keys()
    assert added == {"wrn_32.decay_0.1"}
    first = next(n for n, batch in enumerate(new) if added & {*batch})
    assert old[:first] == new[:first] and first > 3
