"""Figures 5 to 9 and 13: which rows of the tables are drawn, how they look and what is said."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from spectral_bias.experiments.fridovichkeil2021.interventions import (
    fig05,
    fig06,
    fig07,
    fig08,
    fig09,
    fig13,
    intervention,
)
from spectral_bias.experiments.fridovichkeil2021.interventions.intervention import (
    Group,
    drawn_groups,
    is_sweep,
)
from spectral_bias.figures import style
from spectral_bias.figures.build import caption
from tests.unit.experiments.fridovichkeil2021.made_up import notes, shown


def texts(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def small(runs, frequencies=(0.01, 0.1)):
    """Tables of a few runs by name: (accuracy, between, within, minimum at the lowest f)."""
    summary, minima = [], []
    for run, (accuracy, between, within, lowest) in runs.items():
        summary += [(run, 5, 0.1, between, within), (run, 10, accuracy, between, within)]
        for f in frequencies:
            epoch = 10 if lowest < -0.9 else 4
            minima.append((f"{run}.{f}", run, True, "radial", f, np.nan, epoch, lowest - f))
        minima.append((run, run, False, "radial", 0.01, np.nan, 9, -9.0))
        minima.append(("other", run, True, "fourier", 0.01, np.nan, 9, -9.0))
        minima.append(("class", run, True, "radial", 0.01, 3, 9, -9.0))
    columns = ["run", "epoch", "test_accuracy", "between_fraction", "within_fraction"]
    noise = ["run", "base", "trained", "kind", "frequency", "noise_class", "epoch", "noise_fitting"]
    return {
        "interpolation_summary": pd.DataFrame(summary, columns=columns),
        "noise_minima": pd.DataFrame(minima, columns=noise),
    }


def variants(*names, values=None):
    rows = {"variant": list(names), "value": values or [np.nan] * len(names), "run": list(names)}
    return pd.DataFrame(rows)


@pytest.fixture
def base_context(context):
    settings = context["settings"]["cifar10"]
    waves = settings["wave"] | {"compared": [0.01, 0.1]}
    own = {"baseline": "base", "networks": {"base": settings["networks"]["wrn_32"]}}
    return context | {"settings": {"cifar10": settings | own | {"epochs": 10, "wave": waves}}}


def test_seeds_of_the_baseline_are_averaged_and_marked(base_context):
    runs = {"base": (0.9, 0.4, 0.2, -0.5), "base.seed1": (0.91, 0.5, 0.1, -0.3)}
    tables = small({**runs, "wide": (0.95, 0.6, 0.15, -1.0)}, frequencies=(0.01, 0.1, 0.5))
    data = drawn_groups(tables, [Group("networks", variants("base", "wide"))], base_context)
    noise = data[data["panel"] == "a"].set_index(["variant", "frequency"])
    assert list(noise.index) == [("base", 0.01), ("base", 0.1), ("wide", 0.01), ("wide", 0.1)]
    row = noise.loc[("base", 0.1)]
    spread = (row["noise_fitting_low"], row["noise_fitting"], row["noise_fitting_high"])
    assert spread == pytest.approx((-0.6, -0.5, -0.4))
    between = data[data["panel"] == "b"]
    assert list(between["high_frequency_fraction"]) == [0.4, 0.5, 0.6]
    assert list(between["replicate"]) == [False, True, False]
    assert list(between["baseline"]) == [True, True, False]
    assert list(data.loc[data["panel"] == "c", "high_frequency_fraction"]) == [0.2, 0.1, 0.15]
    facts = intervention.facts(data, base_context)
    assert "2 of the baseline" in facts["runs_text"]
    assert "not yet begun to be fitted: 2 of 4." in facts["runs_text"]


def test_a_missing_run_is_named(base_context):
    tables = small({"base": (0.9, 0.4, 0.2, -0.5)})
    data = drawn_groups(tables, [Group("networks", variants("base", "lost"))], base_context)
    shown(fig08, data)
    assert "Not measured: lost." in intervention.facts(data, base_context)["runs_text"]


@pytest.mark.parametrize("module", [fig05, fig06, fig07, fig08, fig09])
@pytest.mark.parametrize("gone", ["noise_minima", "interpolation_summary"])
def test_a_table_without_rows_is_said_in_its_panels(module, gone, tables, context):
    data = module.drawn(tables | {gone: tables[gone].iloc[:0]}, context)
    word = {"noise_minima": "no network", "interpolation_summary": "not measured"}[gone]
    found = notes(shown(module, data))
    assert found and all(word in note for note in found)
    assert caption(module, data, context).endswith(".")


def test_sweeps_are_ordered_by_colour_and_joined(tables, context):
    data = fig06.drawn(tables, context)
    assert is_sweep(data)
    noise, between, last = shown(fig06, data).axes
    shades = style.colours("strength", context["settings"]["cifar10"]["train_sizes"]).values()
    assert [to_hex(line.get_color()) for line in noise.lines] == [c.lower() for c in shades]
    order = [data.query("value == @n and panel == 'b'").iloc[0] for n in (20, 40, 60, 80)]
    assert list(between.lines[0].get_xdata()) == [row["test_accuracy"] for row in order]
    assert texts(last)[0] == "20" and texts(last)[-1] == "80 (baseline)"


def test_things_without_order_have_a_look_each_and_the_baseline_is_black(tables, context):
    data = fig05.drawn(tables, context)
    assert not is_sweep(data)
    lines = shown(fig05, data).axes[0].lines
    looks = {(to_hex(line.get_color()), line.get_marker()) for line in lines}
    assert len(looks) == 5 and to_hex(lines[0].get_color()) == "#000000"


def test_fig07_has_kinds_at_their_usual_strength_and_two_sweeps(tables, context):
    data = fig07.drawn(tables, context)
    kinds = {"none", "flip_crop", "cutout", "mixup 0.1", "randaugment 4", "autoaugment"}
    assert {name: set(part["variant"]) for name, part in data.groupby("group")} == {
        "augmentation": kinds,
        "RandAugment": {"randaugment 2", "randaugment 4", "randaugment 8"},
        "mixup": {"mixup 0.05", "mixup 0.1", "mixup 0.4"},
    }
    axes = shown(fig07, data).axes
    assert len(axes) == 9 and texts(axes[5]) == ["2", "4", "8"]
    assert "(a, d, g) Minimum" in caption(fig07, data, context)


def test_fig07_without_a_sweep_has_no_empty_row(tables, context):
    rows = tables["interventions"]
    kept = rows[~rows["variant"].str.startswith("randaugment")]
    data = fig07.drawn(tables | {"interventions": kept}, context)
    assert list(dict.fromkeys(data["group"])) == ["augmentation", "mixup"]
    assert len(shown(fig07, data).axes) == 6


def test_fig08_starts_without_distillation(base_context):
    tables = small({name: (0.9, 0.4, 0.2, -0.5) for name in ("base", "half", "half2", "zero")})
    rows = variants("zero", "half", "half2", "base", values=[0.0, 0.5, 0.5, 1.0])
    tables["interventions"] = rows.assign(intervention="distillation")
    data = fig08.drawn(tables, base_context)
    assert list(dict.fromkeys(data["variant"])) == ["base", "half", "half2", "zero"]
    assert not is_sweep(data)


def test_fig13_joins_norms_with_the_last_epoch(tables, context):
    data = fig13.drawn(tables, context).set_index("run")
    assert data["kind"].value_counts().to_dict() == {"f2": 3, "1/f2": 3, "none": 3}
    assert set(data.index[data["kind"] == "none"]) == {"wrn_32", "wrn_32.seed1", "wrn_32.seed2"}
    summary = tables["interpolation_summary"].query("epoch == 40").set_index("run")
    for run in ("wrn_32", "wrn_32.images_antinatural_5"):
        assert data.loc[run, fig13.VALUES].tolist() == summary.loc[run, fig13.VALUES].tolist()
    row = data.loc["wrn_32.images_antinatural_5"]
    assert (row["kind"], row["norm"]) == ("f2", 5)
    said = caption(fig13, data.reset_index(), context)
    assert "3 networks that differ in their seed" in said
