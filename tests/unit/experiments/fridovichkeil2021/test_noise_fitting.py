"""Noise fitting: its tables, and figures 1, 3, 11, 12 and 17 that are drawn from them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.artefacts import write_arrays, write_json, write_table
from spectral_bias.experiments import training_runs
from spectral_bias.experiments.fridovichkeil2021 import choices, noise_curves
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import (
    fig01,
    fig03,
    fig11,
    fig12,
    fig17,
    single_classes,
)
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import (
    classifier_table,
    minima_table,
    noise_fitting_table,
)
from spectral_bias.figures.build import caption
from spectral_bias.measurements.measuring import MeasuringJob
from tests.unit.experiments.fridovichkeil2021 import made_up
from tests.unit.experiments.fridovichkeil2021.made_up import shown

# Tables

RADIAL = {"kind": "radial", "frequency": 0.1, "amplitude": 0.2, "spatial_frequency": None}
RADIAL |= {"noise_class": None, "seed": 0}
NAMES = ("training_loss", "training_accuracy", "test_loss", "test_accuracy")


def finished(name, clean, noisy, smoothing=None, probes=(RADIAL,), **settings):
    """A run of E epochs; clean and noisy are (E, P)."""
    clean, noisy = np.array(clean, dtype=float), np.array(noisy, dtype=float)
    run = {
        **{"run": name, "architecture": "wrn_32", "n_train": 100, "weight_decay": 0.1},
        **{"augmentation": {"name": "cutout", "magnitude": 0.0}, "replicate": 1},
        **{"teacher": None, "teacher_weight": 1.0, "generation": 0},
        **{"wave": smoothing, "probes": list(probes), **settings},
    }
    epochs = np.arange(1, len(clean) + 1)
    losses = {"epoch": epochs, "clean_test_loss": clean, "noisy_test_loss": noisy}
    history = {name: epochs / 10 for name in NAMES} | losses
    return {"settings": run, "n_parameters": 7, "run_key": name}, history


NOISED = finished("a.w", [[3], [2], [1], [1]], [[3.5], [4], [2], [1.2]], RADIAL)


def test_noise_fitting_is_clean_minus_noisy_loss_by_epoch():
    table = noise_fitting_table([NOISED], {"a.w": "a"})
    assert table["noise_fitting"].tolist() == pytest.approx([-0.5, -2, -1, -0.2])
    assert table["epoch"].tolist() == [1, 2, 3, 4]
    first = table.iloc[0][["base", "kind", "frequency", "seed", "trained", "floor"]]
    assert first.tolist() == ["a", "radial", 0.1, 1, True, ""]


@pytest.mark.parametrize(("warm_up", "epoch", "value"), [(0, 2, -2), (2, 3, -1), (4, 4, -0.2)])
def test_minimum_is_taken_after_the_warm_up(warm_up, epoch, value):
    minima = minima_table(noise_fitting_table([NOISED], {}), warm_up).iloc[0]
    assert (minima["epoch"], minima["noise_fitting"]) == (epoch, pytest.approx(value))
    assert minima["final_noise_fitting"] == pytest.approx(-0.2)


def test_a_diverged_run_has_no_minimum():
    diverged = finished("d", [[1], [np.nan]], [[2], [np.nan]], RADIAL)
    minima = minima_table(noise_fitting_table([diverged, NOISED], {}), 0)
    assert minima["noise_fitting"].isna().tolist() == [True, False]
    assert minima["run"].tolist() == ["d", "a.w"]


def test_runs_that_saw_no_wave_are_floors_of_every_probe():
    probes = (RADIAL, RADIAL | {"frequency": 0.5})
    uniform = RADIAL | {"kind": "uniform", "frequency": None}
    clean = finished("a", [[1, 1]], [[2, 4]], None, probes)
    even = finished("a.uniform", [[1, 1]], [[2, 3]], uniform, probes)
    table = noise_fitting_table([clean, even], {"a.uniform": "a"})
    assert table["floor"].tolist() == ["true labels"] * 2 + ["uniform"] * 2
    assert table["frequency"].tolist() == [0.1, 0.5, 0.1, 0.5] and not table["trained"].any()
    assert table["noise_fitting"].tolist() == [-1, -3, -1, -2] and set(table["base"]) == {"a"}
    assert len(minima_table(table, 0)) == 4


def test_classifiers_are_described_by_what_they_change():
    rand = {"name": "randaugment", "magnitude": 4.0}
    table = classifier_table([NOISED, finished("r", [[1]], [[1]], augmentation=rand)])
    assert table["strength"].tolist()[1] == 4 and np.isnan(table["strength"][0])
    assert table["kind"][0] == "radial" and table["kind"].isna().tolist() == [False, True]
    assert table["epochs"].tolist() == [4, 1]
    assert table.loc[0, "test_accuracy"] == pytest.approx(0.4)


# Figures 1 and 3


def radial(table, **wanted):
    """Rows of the baseline and its seeds with waves on all classes; `wanted`: values of columns."""
    own = table["base"].str.fullmatch(r"wrn_32(\.seed\d)?") & table["noise_class"].isna()
    rows = table[own & (table["kind"] == "radial")]
    for name, value in wanted.items():
        rows = rows[rows[name] == value]
    return rows


def without(tables, drop):
    """The tables of noise fitting without the rows for which `drop` is true."""
    return {name: tables[name][~drop(tables[name])] for name in fig03.TABLES}


def uniform(table):
    return table["floor"] == "uniform"


def test_baseline_is_told_from_networks_whose_names_begin_alike():
    bases = ["wrn_32", "wrn_32.seed2", "wrn_32.n5000", "wrn_320", "wrn_32.n5000.seed1"]
    own = noise_curves.of_baseline(pd.DataFrame({"base": bases}), {"baseline": "wrn_32"})
    assert list(own["base"]) == ["wrn_32", "wrn_32.seed2"]


def test_many_epochs_are_thinned_to_few_and_the_last_stays():
    table = pd.DataFrame({"epoch": np.arange(1, 1001)})
    thinned = noise_curves.thinned_epochs(table)["epoch"]
    assert len(thinned) == 250 and thinned.iloc[-1] == 1000
    assert noise_curves.thinned_epochs(table.head(999))["epoch"].iloc[-1] == 999
    assert len(noise_curves.thinned_epochs(table.head(200))) == 200


def test_fig01_shows_the_default_frequency_or_the_lowest_that_was_measured(tables, context):
    settings, table = context["settings"]["cifar10"], tables["noise_fitting"]
    assert fig01.shown_frequency(table, settings) == 0.05
    assert (
        fig01.shown_frequency(table.query("frequency > 0.05 or kind != 'radial'"), settings) == 0.1
    )
    assert fig01.shown_frequency(table.iloc[:0], settings) is None


def test_fig01_is_the_mean_of_the_baselines_seeds(tables, context):
    data = fig01.drawn(tables, context)
    for labels in ("wave", "uniform", "true labels"):
        row = data.query("panel == 'curves' and labels == @labels and epoch == 20").iloc[0]
        floor = labels.replace("wave", "")
        rows = radial(tables["noise_fitting"], epoch=20, frequency=0.05, floor=floor)
        assert len(rows) == 3 == row["n_networks"]
        for name in fig01.VALUES:
            ends = [rows[name].mean(), rows[name].min(), rows[name].max()]
            assert row[[name, f"{name}_low", f"{name}_high"]].tolist() == pytest.approx(ends)


def test_fig01_marks_the_minimum_and_compares_with_networks_that_saw_no_wave(tables, context):
    data = fig01.drawn(tables, context)
    minimum = data[data["panel"] == "minimum"].iloc[0]
    axes = fig01.draw(data).axes
    heights = [line.get_ydata()[0] for line in axes[3].lines if line.get_color() == "0.6"]
    assert minimum["noise_fitting"] in heights
    said = f"(here {minimum['noise_fitting']:.2f} at epoch {minimum['epoch']:.0f}"
    assert said in caption(fig01, data, context)
    assert [len(panel.lines) for panel in axes] == [4, 4, 4, 5]


@pytest.mark.parametrize(
    ("floor", "said"), [("uniform", "for every image"), ("true labels", "surer")]
)
def test_fig03_dips_and_floor_are_those_of_the_minima(tables, context, floor, said):
    made = tables if floor == "uniform" else without(tables, uniform)
    data = fig03.drawn(made, context)
    points = data.query("panel == 'b c'")
    assert len(points) == 2 * 4
    for labels, kind in (("wave", ""), (floor, floor)):
        rows = radial(tables["noise_minima"], frequency=0.2, floor=kind)
        point = points.query(f"frequency == 0.2 and labels == '{labels}'").iloc[0]
        assert point["noise_fitting"] == pytest.approx(rows["noise_fitting"].mean())
        assert point["epoch_high"] == rows["epoch"].max() and point["n_networks"] == 3
    assert said in caption(fig03, data, context)


def test_fig03_says_which_waves_were_not_fitted_by_the_end(tables, context):
    assert "no dip was seen" not in caption(fig03, fig03.drawn(tables, context), context)
    late = tables["noise_minima"].copy()
    late.loc[late["frequency"] >= 0.1, "epoch"] = 40
    text = caption(fig03, fig03.drawn({**tables, "noise_minima": late}, context), context)
    assert "(f = 0.1, 0.2: some minimum lies in the last epoch" in text


def test_fig03_draws_without_a_floor(tables, context):
    data = fig03.drawn(without(tables, lambda table: table["floor"] != ""), context)
    assert fig03.draw(data).axes[2].has_data()
    assert "saw no wave were not measured" in caption(fig03, data, context)


@pytest.mark.parametrize("module", [fig01, fig03, fig12])
def test_a_diverged_network_does_not_stop_the_drawing(module, tables, context):
    broken = {name: tables[name].copy() for name in fig03.TABLES}  # minima last
    for table in broken.values():
        hurt = (table["frequency"] == 0.05) & (table["seed"] == 0)
        table.loc[hurt, "noise_fitting"] = np.nan
    broken["noise_minima"].loc[hurt, "epoch"] = np.nan
    data = module.drawn(broken, context)
    shown(module, data)
    assert "nan" not in caption(module, data, context)


# Figures 11 and 12


def test_fig11_has_a_number_in_every_cell(tables, context):
    data = fig11.drawn(tables, context)
    cells = data[data["labels"] == "wave"]
    assert len(cells) == 2 * 3 and set(cells["n_networks"]) == {1}
    texts = [text.get_text() for text in fig11.draw(data).axes[0].texts]
    minima = tables["noise_minima"].query("kind == 'fourier' and trained")
    cell = minima.query("frequency == 0.02 and spatial_frequency == 0")["noise_fitting"].item()
    assert texts[0] == f"{cell:.2f}".replace("-", "−") and len(texts) == 6
    lacking = without(tables, lambda t: (t["frequency"] == 0.1) & (t["spatial_frequency"] == 4))
    texts = [text.get_text() for text in fig11.draw(fig11.drawn(lacking, context)).axes[0].texts]
    assert texts.count("") == 1 and len(texts) == 6


@pytest.mark.parametrize(
    ("module", "kinds", "by", "panel"),
    [
        (fig11, ["fourier"], ["frequency", "spatial_frequency"], 1),
        (fig12, list(fig12.LOOKS), ["kind", "frequency"], 0),
    ],
)
def test_fig11_and_fig12_show_the_floor_of_each_wave(tables, context, module, kinds, by, panel):
    def dotted(data):
        lines = module.draw(data).axes[panel].lines
        return [line for line in lines if line.get_linestyle() == ":"]

    data = module.drawn(tables, context)
    found = data.query("labels == 'uniform'").set_index(by)["noise_fitting"]
    floor = tables["noise_minima"].query("floor == 'uniform'")
    means = floor[floor["kind"].isin(kinds)].groupby(by)["noise_fitting"].mean()
    pd.testing.assert_series_equal(found.sort_index(), means.sort_index())
    assert len(dotted(data)) == len(means.groupby(by[0] if module is fig12 else by[1]))
    assert dotted(module.drawn(without(tables, uniform), context)) == []


def test_fig12_takes_random_directions_together(tables, context):
    data = fig12.drawn(tables, context).query("labels == 'wave'")
    counts = data.groupby("kind")["n_networks"].unique().map(list).to_dict()
    assert counts == {"1/f2": [1], "f2": [1], "random": [3], "radial": [3]}
    rows = tables["noise_minima"].query("kind == 'random' and frequency == 0.1 and trained")
    row = data.query("kind == 'random' and frequency == 0.1").iloc[0]
    assert row["noise_fitting"] == pytest.approx(rows["noise_fitting"].mean())
    assert row["noise_fitting_low"] == rows["noise_fitting"].min()
    assert "(mean and range of 3 random and 3 radial ones)" in caption(fig12, data, context)


def test_fig12_draws_the_kinds_that_there_are(tables, context):
    made = without(tables, lambda table: table["kind"].isin(["f2", "random"]))
    legend = fig12.draw(fig12.drawn(made, context)).axes[1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["$1/f^2$ (natural)", "radial"]


# Figure 17


@pytest.fixture(scope="module")
def single(settings, tables, tmp_path_factory):
    """The tables of single classes, from the files of runs."""
    folder = tmp_path_factory.mktemp("single classes")
    plan, placed = settings.fridovichkeil2021.cifar10.plan(), training_runs(settings)
    files = {"runs": []}
    for name in choices.noise_runs(settings, "fig17"):
        record, history = made_up.finished(placed[name], plan.bases[name])
        write_json(folder / name / "run.json", record)
        write_arrays(folder / name / "history.npz", history, {})
        files["runs"] += [folder / name / "run.json", folder / name / "history.npz"]
    for name in ("interpolation_fractions", "class_accuracy"):
        write_table(folder / f"{name}.csv", tables[name].query("run == 'wrn_32'"))
        files[name] = [folder / f"{name}.csv"]
    return single_classes.measured(MeasuringJob("", "", files, 1, "cpu"), plan.bases, warm_up=5)


def test_single_classes_are_joined_with_their_own_numbers(single, tables):
    found = single["single_classes"].set_index("class_name").astype(float)
    assert list(found.index) == list(made_up.CLASSES)
    minima = tables["noise_minima"].query("noise_class == 5 and trained")
    own = "run == 'wrn_32' and epoch == 40"
    fractions = tables["interpolation_fractions"].query(f"{own} and class_a == class_b == 'dog'")
    accuracy = tables["class_accuracy"].query(f"{own} and class_name == 'dog'")
    assert found.loc["dog"].to_dict() == pytest.approx(
        {
            "noise_fitting": minima["noise_fitting"].item(),
            "high_frequency_fraction": fractions["high_frequency_fraction"].item(),
            "test_accuracy": accuracy["test_accuracy"].item(),
        },
        rel=1e-5,
    )
    correlations = single["single_class_correlations"].set_index("column")
    for column, row in correlations.iterrows():
        expected = stats.spearmanr(found[column], found["noise_fitting"]).statistic
        assert row["value"] == pytest.approx(expected) and row["n_runs"] == 6


def test_fig17_states_both_rank_correlations_or_why_there_are_none(single, context):
    data = fig17.drawn(single, context)
    text = caption(fig17, data, context)
    correlations = single["single_class_correlations"].set_index("column")["value"]
    for letter, column in (("a", "high_frequency_fraction"), ("b", "test_accuracy")):
        assert f"({letter}) {correlations[column]:.2f} [".replace("-", "−") in text
    few = fig17.drawn({"single_classes": single["single_classes"].head(2)}, context)
    assert "not computed (2 classes" in caption(fig17, few, context)
