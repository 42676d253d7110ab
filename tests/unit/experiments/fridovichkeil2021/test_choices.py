"""Each figure depends on the runs that it draws, and on no others."""

import re
from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest

from spectral_bias.experiments import figures, measurements
from spectral_bias.experiments.fridovichkeil2021 import choices
from spectral_bias.experiments.fridovichkeil2021.interventions.models import measured
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import intervention_table
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.single_classes import by_class
from spectral_bias.figures.build import caption, joined
from tests.unit.experiments.fridovichkeil2021.made_up import (
    context_of,
    interpolation,
    noise,
    notes,
    settings_of,
    shown,
)

BASE = r"wrn_32(\.seed\d)?"
FEW = {
    "n_seeds": 2,
    "train_sizes": [40, 80],
    "weight_decays": [0.0, 5e-4],
    "wave": {"frequencies": [0.02, 0.05, 0.1], "compared": [0.02, 0.1]},
    "natural": {"kinds": ["1/f2", "random"], "n_random": 2},
    "image_frequency": {"kinds": ["f2", "1/f2"]},
    "single_class": {"classes": [0, 3]},
}
"""Enough for every figure to be told from the others."""
VARIANTS = {
    "fig05": rf"{BASE}|wrn_160|shake_shake_\d+|pyramid_net",
    "fig06": rf"{BASE}|wrn_32\.n\d+",
    "fig07": rf"{BASE}|wrn_32\.(none|flip_crop|autoaugment|(mixup|randaugment)_[\d.]+)",
    "fig08": rf"{BASE}|wrn_32\.distilled_[\d.]+_gen\d",
    "fig09": rf"{BASE}|wrn_32\.decay_[\d.e-]+",
    "fig13": rf"{BASE}|wrn_32\.images_(anti)?natural_[\d.]+",
}
"""Names of the networks that figures of one intervention compare."""
NOISED = {
    "fig03": rf"{BASE}\.(radial_[\d.]+|uniform)",
    "fig11": rf"{BASE}\.uniform|wrn_32\.fourier_[\d.]+_at_[\d.]+",
    "fig12": rf"{BASE}\.(uniform|(radial|natural|antinatural|random)_[\d.]+(_\d)?)",
    "fig17": r"wrn_32\.radial_[\d.]+_class\d",
}
DRAWN = {
    name: import_module(place.dotted(name))
    for name, (place, _) in figures()["fridovichkeil2021"].items()
}
OWN = ("fig01", "fig03", *VARIANTS, "fig11", "fig12")


def few(**values):
    return settings_of(**FEW | values)


def plan_of(settings):
    return settings.fridovichkeil2021.cifar10.plan()


def named(settings, pattern):
    return [name for name in plan_of(settings).runs if re.fullmatch(pattern, name)]


@pytest.mark.parametrize(
    ("scale", "values", "own"),
    [
        ("tiny", {}, {"fig09": r"wrn_32\.decay_0"}),  # the baseline's decay is not compared
        ("tiny", FEW, {}),
        ("quick", {}, {}),
    ],
)
def test_figures_name_their_runs(scale, values, own):
    settings, variants = settings_of(scale, **values), VARIANTS | own
    compared = settings.fridovichkeil2021.cifar10.wave.compared
    waves = rf"\.radial_({'|'.join(re.escape(f'{f:g}') for f in compared)})"
    for figure, pattern in variants.items():
        assert choices.measured_runs(settings, figure) == named(settings, pattern)
        noised = [] if figure == "fig13" else named(settings, f"({pattern}){waves}")
        assert choices.noise_runs(settings, figure) == noised
    for figure, pattern in NOISED.items():
        assert choices.noise_runs(settings, figure) == named(settings, pattern)
    assert choices.measured_runs(settings, "fig04") == ["wrn_32"]
    networks = "|".join(pattern for figure, pattern in variants.items() if figure != "fig13")
    seeds = named(settings, r"wrn_32\.seed\d")
    wanted = [name for name in named(settings, networks) if name not in seeds]
    assert choices.compared_runs(settings) == wanted


@pytest.mark.parametrize(("frequency", "drawn"), [(0.05, "0.05"), (0.03, "0.02")])
def test_figure_1_needs_one_frequency_the_default_or_else_the_lowest(frequency, drawn):
    settings = few(single_class={"frequency": frequency, "classes": []})
    wanted = named(settings, rf"{BASE}(\.uniform|\.radial_{drawn})?")
    assert choices.noise_runs(settings, "fig01") == wanted


@pytest.fixture(scope="module")
def whole():
    settings = few()
    return settings, context_of(settings), interpolation(settings)["interpolation_summary"]


def drawn_from(figure, whole, noised, clean):
    """What a figure draws where only some runs were made."""
    settings, context, summary = whole
    tables = {
        "interventions": intervention_table(plan_of(settings).interventions),
        "interpolation_summary": summary[summary["run"].isin(clean)],
        **noise(settings, noised),
    }
    return DRAWN[figure].drawn(tables, context)


def same(one, other):
    try:
        pd.testing.assert_frame_equal(one, other)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("figure", OWN)
def test_all_runs_give_the_figure_of_its_own_and_none_can_be_left_out(figure, whole):
    settings = whole[0]
    own = choices.noise_runs(settings, figure)
    clean = choices.measured_runs(settings, figure)
    data = drawn_from(figure, whole, own, clean)
    everything = settings.fridovichkeil2021.cifar10.measured_runs()
    assert same(drawn_from(figure, whole, plan_of(settings).runs, everything), data)
    for gone in own:
        assert not same(drawn_from(figure, whole, [n for n in own if n != gone], clean), data)
    for gone in clean if figure in VARIANTS else []:
        assert not same(drawn_from(figure, whole, own, [n for n in clean if n != gone]), data)


# Interventions without variants

EMPTY = {
    "fig05": {"architectures": []},
    "fig06": {"train_sizes": []},
    "fig07": {"augmentations": [], "magnitudes": [], "mixup_alphas": []},
    "fig08": {"teacher_weights": []},
    "fig09": {"weight_decays": []},
    "fig11": {"directions": {"spatial_frequencies": []}},
    "fig13": {"image_frequency": {"kinds": []}},
    "fig17": {"single_class": {"classes": []}},
}
SHARED = ("fig01", "fig03", *VARIANTS, "fig11", "fig12", "fig17")


def runs_of(settings, *chosen):
    return {
        name
        for figure in chosen
        for choose in (choices.noise_runs, choices.measured_runs)
        for name in choose(settings, figure)
    }


@pytest.mark.parametrize(("figure", "values"), EMPTY.items())
def test_an_empty_list_leaves_an_intervention_out_and_its_figure_says_so(figure, values):
    before, settings = few(), few(**values)
    others = [name for name in SHARED if name != figure]
    lost = plan_of(before).runs.keys() - plan_of(settings).runs.keys()
    assert lost == runs_of(before, figure) - runs_of(before, *others) != set()
    assert runs_of(settings, *others) == runs_of(before, *others)
    tables = noise(settings, choices.noise_runs(settings, figure))
    if figure == "fig17":
        own = interpolation(settings)
        paths = own["interpolation_fractions"], own["class_accuracy"]
        tables = {"single_classes": by_class(tables["noise_minima"], *paths)}
    if figure in VARIANTS:
        assert choices.measured_runs(settings, figure) == []
        rows = choices.intervention_rows(settings, figure)
        tables |= {"interventions": intervention_table(rows), "interpolation_summary": joined([])}
    data = DRAWN[figure].drawn(tables, context_of(settings))
    drawing = shown(DRAWN[figure], data)
    assert [text[:2] for text in notes(drawing)] == ["no"] * len(drawing.axes)
    assert "nan" not in caption(DRAWN[figure], data, context_of(settings))


def test_without_any_intervention_the_baseline_is_left():
    nothing = {name: value for values in EMPTY.values() for name, value in values.items()}
    settings = few(**nothing, natural={"kinds": []})
    assert {*plan_of(settings).runs} == {*named(few(), rf"{BASE}(\.uniform|\.radial_0[\d.]+)?")}
    assert choices.compared_runs(settings) == choices.measured_runs(settings, "fig04") == ["wrn_32"]
    summary = interpolation(settings)["interpolation_summary"]
    job = SimpleNamespace(table=lambda name: summary[summary["run"] == "wrn_32"])
    tables = measured(job, plan_of(settings).interventions)
    assert set(tables["intervention_models"]["intervention"]) == {"training_time"}
    for figure in ("fig10", "fig16"):
        data = DRAWN[figure].drawn(tables, context_of(settings))
        assert "not measured" in notes(shown(DRAWN[figure], data))
        assert "no rank correlation" in caption(DRAWN[figure], data, context_of(settings))


# One more variant


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


WHOLE = {"measure_noise_fitting", "collect_interpolation"}
"""Measurements of all runs, for the claims."""
OF_FIGURE = "measure_noise_fitting_of_figure"


@pytest.mark.parametrize(
    ("values", "figure", "changed"),
    [
        (
            {"architectures": ["wrn_32", "shake_shake_32", "wrn_160"]},
            "fig05",
            {*WHOLE, f"{OF_FIGURE} fig05", "measure_interventions"},  # … of figures 10 and 16
        ),
        (
            {"weight_decays": [0.0, 5e-4, 0.1]},
            "fig09",
            {*WHOLE, f"{OF_FIGURE} fig09", "measure_interventions"},
        ),
        (
            {"image_frequency": {"kinds": ["f2", "1/f2"], "norms": [4.0, 9.0]}},
            "fig13",
            {*WHOLE, f"{OF_FIGURE} fig13"},
        ),
        (
            {"single_class": {"classes": [0, 3, 4]}},
            "fig17",
            {"measure_noise_fitting", "measure_single_classes"},
        ),
    ],
)
def test_one_more_variant_changes_the_jobs_of_its_figure_alone(values, figure, changed):
    before, after = few(), few(**values)
    old, new = jobs(before), jobs(after)
    assert {name for name, job in old.items() if new[name] != job} == changed
    drawn, again = drawn_files(before), drawn_files(after)
    differing = {name for name in drawn if drawn[name] != again[name]}
    assert differing == ({figure} if figure in VARIANTS else set())
