"""Figures 5 to 9 on made-up tables: which rows are drawn, how they look and what is said."""

import string

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from spectral_bias.artefacts import read_table, write_table
from spectral_bias.experiments.fridovichkeil2021.interventions import (
    fig06,
    fig07,
    fig08,
    intervention,
)
from spectral_bias.experiments.fridovichkeil2021.interventions.intervention import (
    Group,
    drawn_groups,
    is_sweep,
)
from spectral_bias.figures import style
from spectral_bias.figures.build import build, caption, figure_module

FIGURES = ["fig05", "fig06", "fig07", "fig08", "fig09"]
NOISE = ["kind", "frequency", "amplitude", "noise_class"]


def module_of(figure):
    return figure_module("fridovichkeil2021", figure)


def drawn_figure(module, data):
    with style.look():
        figure = module.draw(data)
        figure.draw_without_rendering()
    return figure


def texts(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("size", ["tables", "few_tables"])
def test_only_what_is_in_the_csv_is_drawn(figure, size, tmp_path, request):
    tables = request.getfixturevalue(size)
    context = request.getfixturevalue(size.replace("tables", "context"))
    module = module_of(figure)
    data = module.drawn(tables, context)
    assert list(data.columns) == intervention.COLUMNS
    assert data["panel"].notna().all() and set(data["source"]) == {"ours"}
    write_table(tmp_path / "drawn.csv", data)
    drawn = drawn_figure(module, read_table(tmp_path / "drawn.csv"))
    assert all(axes.has_data() for axes in drawn.axes)
    text = caption(module, data, context)
    assert not [name for _, name, _, _ in string.Formatter().parse(text) if name]
    assert "  " not in text and text.endswith(".") and f"{context['scale']} scale" in text


@pytest.mark.parametrize("figure", ["fig06", "fig08"])
def test_a_figure_is_written_twice_with_the_same_bytes(figure, few_tables, few_context, tmp_path):
    paths = [tmp_path / f"{name}.csv" for name in module_of(figure).TABLES]
    for path in paths:
        write_table(path, few_tables[path.stem], {"sources": ["run"]})
    for folder in ("first", "second"):
        build("fridovichkeil2021", figure, paths, tmp_path / folder / figure, few_context)
    for suffix in ("png", "pdf", "csv", "json"):
        first, second = (tmp_path / folder / f"{figure}.{suffix}" for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("figure", FIGURES)
def test_nothing_measured_is_said_in_the_panels(figure, tables, context):
    module = module_of(figure)
    for gone in (module.TABLES, ("noise_minima",), ("interpolation_summary",)):
        fewer = {n: t.iloc[:0] if n in gone else t for n, t in tables.items()}
        data = module.drawn(fewer, context)
        shown = drawn_figure(module, data)
        notes = [text.get_text() for axes in shown.axes for text in axes.texts]
        assert notes and all("not measured" in n or "no network" in n for n in notes)
        assert caption(module, data, context).endswith(".")


def small(runs, frequencies=(0.01, 0.1)):
    """Tables of a few runs by name: (accuracy, between, within, minimum at the lowest f)."""
    summary, minima = [], []
    for run, (accuracy, between, within, lowest) in runs.items():
        for epoch in (5, 10):
            values = (run, epoch, accuracy if epoch == 10 else 0.1, 0.5, between, within)
            summary.append(values)
        for f in frequencies:
            epoch = 10 if lowest < -0.9 else 4
            minima.append((f"{run}.{f}", run, True, "radial", f, 0.1, np.nan, epoch, lowest - f))
        minima.append((run, run, False, "radial", 0.01, 0.1, np.nan, 9, -9.0))
        minima.append(("other", run, True, "fourier", 0.01, 0.1, np.nan, 9, -9.0))
        minima.append(("class", run, True, "radial", 0.01, 0.1, 3, 9, -9.0))
    columns = ["run", "epoch", "test_accuracy", "shifted_accuracy"]
    columns += ["between_fraction", "within_fraction"]
    noise = ["run", "base", "trained", *NOISE[:3], "noise_class", "epoch", "noise_fitting"]
    return {
        "interpolation_summary": pd.DataFrame(summary, columns=columns),
        "noise_minima": pd.DataFrame(minima, columns=noise),
    }


def variants(*names, values=None):
    rows = {"variant": list(names), "value": values or [np.nan] * len(names), "run": list(names)}
    return pd.DataFrame(rows)


@pytest.fixture
def base_context(new_context):
    waves = {"frequencies": [0.01, 0.1, 0.5], "compared": [0.01, 0.1]}
    made = new_context(epochs=10, wave=waves)
    settings = made["settings"]["cifar10"]
    networks = {"base": settings["networks"]["wrn_32"]}
    settings |= {"baseline": "base", "networks": networks}
    return made


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
    drawn_figure(fig08, data)
    assert "Not measured: lost." in intervention.facts(data, base_context)["runs_text"]


def test_sweeps_are_ordered_by_colour_and_joined(tables, context):
    data = fig06.drawn(tables, context)
    assert is_sweep(data)
    noise, between, last = drawn_figure(fig06, data).axes
    shades = style.colours("strength", context["settings"]["cifar10"]["train_sizes"]).values()
    assert [to_hex(line.get_color()) for line in noise.lines] == [c.lower() for c in shades]
    joined = list(between.lines[0].get_xdata())
    assert len(joined) == len(shades) and joined == sorted(joined)
    assert texts(last)[0] == "5,000" and texts(last)[-1] == "50,000 (baseline)"


def test_things_without_order_have_a_look_each_and_the_baseline_is_black(tables, context):
    data = module_of("fig05").drawn(tables, context)
    assert not is_sweep(data)
    lines = drawn_figure(module_of("fig05"), data).axes[0].lines
    looks = {(to_hex(line.get_color()), line.get_marker()) for line in lines}
    assert len(looks) == 6 and to_hex(lines[0].get_color()) == "#000000"


def test_fig07_has_kinds_at_their_usual_strength_and_two_sweeps(tables, context):
    rows = tables["interventions"]
    kept = ~rows["variant"].isin(["randaugment", "mixup"])  # are named with their strength
    data = fig07.drawn(tables | {"interventions": rows[kept]}, context)
    groups = {name: set(part["variant"]) for name, part in data.groupby("group")}
    assert groups == {
        "augmentation": {
            "none",
            "flip_crop",
            "cutout",
            "mixup 0.1",
            "randaugment 4",
            "autoaugment",
        },
        "RandAugment": {"randaugment 2", "randaugment 4", "randaugment 8"},
        "mixup": {"mixup 0.05", "mixup 0.1", "mixup 0.4"},
    }
    figure = drawn_figure(fig07, data)
    assert len(figure.axes) == 9 and texts(figure.axes[5]) == ["2", "4", "8"]
    assert "(a, d, g) Minimum" in caption(fig07, data, context)


def test_fig07_without_a_sweep_has_no_empty_row(tables, context):
    rows = tables["interventions"]
    kept = rows[~rows["variant"].str.startswith("randaugment")]
    data = fig07.drawn(tables | {"interventions": kept}, context)
    assert list(dict.fromkeys(data["group"])) == ["augmentation", "mixup"]
    assert len(drawn_figure(fig07, data).axes) == 6


def test_fig08_starts_without_distillation(base_context):
    tables = small({name: (0.9, 0.4, 0.2, -0.5) for name in ("base", "half", "half2", "zero")})
    rows = variants("zero", "half", "half2", "base", values=[0.0, 0.5, 0.5, 1.0])
    tables["interventions"] = rows.assign(intervention="distillation")
    data = fig08.drawn(tables, base_context)
    assert list(dict.fromkeys(data["variant"])) == ["base", "half", "half2", "zero"]
    assert not is_sweep(data)
