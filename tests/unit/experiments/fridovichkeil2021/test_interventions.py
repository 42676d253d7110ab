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
)
from spectral_bias.experiments.fridovichkeil2021.interventions.variant_panels import is_sweep
from spectral_bias.figures import style
from spectral_bias.figures.build import caption
from tests.unit.experiments.fridovichkeil2021.made_up import notes, shown


def texts(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


F = (0.01, 0.1)


def small(runs, waves=()):
    """Tables of a few runs by name: (accuracy, between, within, minimum at the lowest f)."""
    summary, fits, curves = [], [], []
    for run, (accuracy, between, within, lowest) in runs.items():
        summary += [(run, 5, 0.1, between, within), (run, 10, accuracy, between, within)]
        for f in F if run in (waves or runs) else ():
            fits.append(("compared", f"{run}.{f}", run, f, 10 if lowest < -0.9 else 4, lowest - f))
            for epoch in (1, 10):
                known = {"purpose": "compared", "run": f"{run}.{f}", "base": run, "frequency": f}
                wave = {"labels": "wave", "epoch": epoch, "excess": epoch * (1 + lowest)}
                curves += [known | wave, known | {"labels": "even", "epoch": epoch, "excess": 9.0}]
        fits += [("sweep", "other", run, 0.01, 9, -9.0)]
    columns = ["run", "epoch", "test_accuracy", "between_fraction", "within_fraction"]
    noise = ["purpose", "run", "base", "frequency", "dip_epoch", "noise_fitting"]
    none = pd.DataFrame(
        columns=["purpose", "run", "base", "frequency", "labels", "epoch", "excess"]
    )
    return {
        "interpolation_summary": pd.DataFrame(summary, columns=columns),
        "wave_fits": pd.DataFrame(fits, columns=noise),
        "noise_fitting": pd.DataFrame(curves) if curves else none,
    }


def variants(*names, values=None, intervention="weight_decay"):
    rows = {"variant": list(names), "value": values or [np.nan] * len(names), "run": list(names)}
    return pd.DataFrame(rows).assign(intervention=intervention)


@pytest.fixture
def base_context(context):
    settings = context["settings"]["cifar10"]
    own = {"baseline": "base", "networks": {"base": settings["networks"]["wrn_32"]}, "epochs": 10}
    own["extremes"] = {"weight_decay": ["base", "wide"]}
    return context | {"settings": {"cifar10": settings | own}}


def test_seeds_are_averaged_over_waves_and_shown_one_by_one_over_paths(base_context):
    runs = {"base": (0.9, 0.4, 0.2, -0.5), "base.seed1": (0.91, 0.5, 0.1, -0.3)}
    runs |= {"wide": (0.95, 0.6, 0.15, -1.0), "wide.seed1": (0.96, 0.7, 0.05, -1.0)}
    tables = small({**runs, "narrow": (0.1, 0.2, 0.3, 0.0)}, waves=runs)
    data = drawn_groups(
        tables, [Group("networks", variants("base", "wide", "narrow"))], base_context
    )
    noise = data[data["panel"] == "a"].set_index(["variant", "frequency"])
    assert list(noise.index) == [("base", 0.01), ("base", 0.1), ("wide", 0.01), ("wide", 0.1)]
    row = noise.loc[("base", 0.1)]
    spread = (row["noise_fitting_low"], row["noise_fitting"], row["noise_fitting_high"])
    assert spread == pytest.approx((-0.6, -0.5, -0.4)) and row["n_networks"] == 2
    curve = data[(data["panel"] == "b") & (data["variant"] == "base")]
    assert set(data.loc[data["panel"] == "b", "frequency"]) == {0.1}
    assert list(curve["excess"]) == pytest.approx([0.6, 6.0])
    assert list(curve["excess_high"]) == pytest.approx([0.7, 7.0])
    between = data[data["panel"] == "c"].set_index(["variant", "seed"])
    assert between["high_frequency_fraction"].to_dict() == {
        ("base", 0): 0.4,
        ("base", 1): 0.5,
        ("wide", 0): 0.6,
        ("wide", 1): 0.7,
        ("narrow", 0): 0.2,
    }
    assert between["extreme"].tolist() == ["low", "high", "", "low", "high"]
    pairs, *_ = [shown(fig09, data).axes[at] for at in (2, 3)]
    joined = [line.get_ydata().tolist() for line in pairs.lines if len(line.get_xdata()) == 2]
    assert joined == [[0.4, 0.6], [0.5, 0.7]]
    said = intervention.facts(data, base_context)["runs_text"]
    assert "2 each of base; wide; one of each other setting." in said
    assert "Without waves at this scale: narrow." in said
    assert "not yet begun to be fitted: 2 of 4." in said
    assert "Near chance at the end: narrow." in said


def test_a_missing_run_is_named(base_context):
    tables = small({"base": (0.9, 0.4, 0.2, -0.5)})
    data = drawn_groups(tables, [Group("networks", variants("base", "lost"))], base_context)
    shown(fig08, data)
    assert "Not measured: lost." in intervention.facts(data, base_context)["runs_text"]


@pytest.mark.parametrize("module", [fig05, fig06, fig07, fig08, fig09])
@pytest.mark.parametrize("gone", [["wave_fits", "noise_fitting"], ["interpolation_summary"]])
def test_a_table_without_rows_is_said_in_its_panels(module, gone, tables, context):
    data = module.drawn(tables | {name: tables[name].iloc[:0] for name in gone}, context)
    word = "not measured" if gone == ["interpolation_summary"] else "no network"
    found = notes(shown(module, data))
    # Rows of networks without waves have no panels for waves, but for the first row.
    rows = data["group"].nunique() if gone == ["interpolation_summary"] else 1
    assert sum(word in note for note in found) == 2 * rows
    assert all("no network" in note or "not measured" in note for note in found)
    assert caption(module, data, context).endswith(".")


def test_sweeps_are_ordered_by_colour_and_extremes_joined(tables, context):
    data = fig06.drawn(tables, context)
    assert is_sweep(data)
    noise, excess, between, last = shown(fig06, data).axes
    shades = style.colours("strength", context["settings"]["cifar10"]["train_sizes"]).values()
    assert [to_hex(line.get_color()) for line in noise.lines] == [c.lower() for c in shades]
    assert len(excess.lines) == 1 + 4
    joined = [line for line in between.lines if len(line.get_xdata()) == 2]
    assert len(joined) == 3
    assert texts(last)[0] == "20" and texts(last)[-1] == "80\n(baseline)"
    steps = [int(text.split("\n")[0]) for text in texts(last)]
    assert steps == sorted(steps)


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
    assert len(axes) == 8 and texts(axes[5]) == ["2", "4", "8"]
    assert notes(shown(fig07, data)) == []
    said = caption(fig07, data, context)
    assert "(a) Minimum" in said and "(c, e, g; d, f, h) Test" in said
    assert "Without waves at this scale: flip_crop; mixup 0.1; randaugment 4; " in said


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


def test_fig13_shows_every_network_and_the_smoothing_alone(tables, context):
    data = fig13.drawn(tables, context).set_index("run")
    counts = data.groupby(["kind", "norm"]).size().to_dict()
    single = {(kind, norm): 1 for kind in ("f2", "1/f2") for norm in (2.0, 8.0)}
    several = {("none", 0.0): 3, ("smoothing", 0.0): 3, ("f2", 4.0): 3, ("1/f2", 4.0): 3}
    assert counts == single | several
    summary = tables["interpolation_summary"].query("epoch == 40").set_index("run")
    for run in ("wrn_32", "wrn_32.images_antinatural_4.seed1"):
        assert data.loc[run, fig13.VALUES].tolist() == summary.loc[run, fig13.VALUES].tolist()
    assert data.loc["wrn_32.images_smoothing.seed2", ["kind", "seed"]].tolist() == ["smoothing", 2]
    drawn = data.reset_index()
    between = shown(fig13, drawn).axes[1]
    mean = data.loc[data["kind"] == "smoothing", "between_fraction"].mean()
    (first, *_) = (line.get_ydata()[0] for line in between.lines if line.get_linestyle() == "-")
    assert first == mean
    said = caption(fig13, drawn, context)
    assert "3 of 1/f2 at norm 4, 3 of f2 at norm 4, 3 of none, 3 of smoothing; else one" in said
