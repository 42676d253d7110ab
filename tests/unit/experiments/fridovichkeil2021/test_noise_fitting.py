"""Noise fitting: its tables and parts, single classes, figures 1, 3, 11, 12 and 17."""

import numpy as np
import pandas as pd
import pytest

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
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.fits import (
    EVEN,
    FITS,
    WAVE,
    fit_row,
    floor_deviation,
    onset,
)
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import (
    FITTING,
    classifier_table,
    finished_runs,
    wave_tables,
)
from spectral_bias.measurements.measuring import MeasuringJob
from tests.unit.experiments.fridovichkeil2021 import made_up


@pytest.fixture(scope="module")
def settings():
    return made_up.settings_of(**made_up.MORE)


@pytest.fixture(scope="module")
def context(settings):
    return made_up.context_of(settings)


@pytest.fixture(scope="module")
def all_fits(settings):
    return made_up.noise(settings)["wave_fits"]


def curves(covariance, even, fitting=None, epochs=None):
    """Rows of noise_fitting of one training on a wave and of networks on even labels."""
    epochs = np.arange(1, len(covariance) + 1) if epochs is None else np.array(epochs)
    floor = np.mean(even, axis=0) if len(even) else np.full(len(epochs), np.nan)

    def rows(run, labels, values):
        values = np.array(values)
        table = pd.DataFrame({"epoch": epochs, "covariance_term": values, "labels": labels})
        table["noise_fitting"] = values if fitting is None else fitting
        table["excess"] = values - floor
        return table.assign(run=run, rate_variance=0.02, test_accuracy=0.9)

    parts = [rows("own", WAVE, covariance)]
    parts += [rows(f"even{n}", EVEN, values) for n, values in enumerate(even)]
    return pd.concat(parts, ignore_index=True).reindex(columns=FITTING)


# --- tables -------------------------------------------------------------------------------------


def test_onset_is_where_the_excess_stays_above_the_level_for_good():
    epochs = np.array([1, 2, 3, 4, 5])
    assert onset(epochs, np.array([0.0, 0.0, 1.0, 3.0, 4.0]), 2.0) == pytest.approx(3.5)
    assert onset(epochs, np.array([3.0, 0.0, 1.0, 3.0, 4.0]), 2.0) == pytest.approx(3.5), "for good"
    assert onset(epochs, np.array([4.0, 5.0, 5.0, 5.0, 5.0]), 2.0) == pytest.approx(0.5)
    assert onset(epochs, np.array([0.0, 0.0, 0.0, 0.0, 2.5]), 2.0) == pytest.approx(4.8)
    for never in ([0, 3, 3, 3, 1], [0, 0, 0, 0, 2], [0, 3, np.nan, 3, 3]):
        assert np.isnan(onset(epochs, np.array(never, dtype=float), 2.0))
    assert np.isnan(onset(epochs, np.arange(5.0), np.nan)), "no floor, no level"


def test_floor_spreads_over_networks_and_not_over_training():
    even = curves([0.0] * 3, [[9.0, 1.0, 3.0], [9.0, 2.0, 6.0]])
    even = even[even["labels"] == EVEN]
    expected = np.sqrt(np.mean([np.var([1, 2], ddof=1), np.var([3, 6], ddof=1)]))
    assert floor_deviation(even, warm_up=1) == pytest.approx(expected)
    assert floor_deviation(even, warm_up=9) == pytest.approx(np.sqrt((0 + 0.5 + 4.5) / 3))
    single = even[even["run"] == "even0"]
    changes = np.array([1.0 - 9.0, 3.0 - 1.0])
    assert floor_deviation(single, 0) == pytest.approx(np.sqrt((changes**2).mean() / 2))
    assert np.isnan(floor_deviation(single, 2)) and np.isnan(floor_deviation(even.head(0), 1))


def test_fit_is_the_excess_over_the_floor_by_the_variance_of_the_smoothing():
    even = [[0.0, 0.01, 0.0, 0.01], [0.02, 0.01, 0.02, 0.01]]
    row = fit_row(curves([0.01, 0.02, 0.2, 0.4], even), 0.01, warm_up=1)
    assert row["excess"] == pytest.approx(0.39) and row["fit"] == pytest.approx(0.39 / 0.02)
    assert row["mean_excess"] == pytest.approx(np.mean([0.0, 0.01, 0.19, 0.39]))
    assert row["fitted"] and row["n_floors"] == 2
    # The excess crosses 0.03 between the epochs 2, where it is 0.01, and 3, where it is 0.19.
    assert row["onset"] == pytest.approx(2 + 0.02 / 0.18)


def test_minimum_is_looked_for_after_the_warm_up():
    fitting = [-9.0, -1.0, -2.0, 0.5]
    row = fit_row(curves([0.0] * 4, [[0.0, 0.1, 0.0, 0.1]], fitting), 0.1, warm_up=1)
    assert (row["noise_fitting"], row["dip_epoch"]) == (-2.0, 3)
    assert row["final_noise_fitting"] == 0.5 and not row["fitted"]
    short = fit_row(curves([0.0] * 4, [[0.0, 0.1, 0.0, 0.1]], fitting), 0.1, warm_up=9)
    assert (short["noise_fitting"], short["dip_epoch"]) == (0.5, 4), "judged by the last epoch"
    lost = fit_row(curves([0.0] * 4, [], [-1.0, -2.0, np.nan, 0.0]), np.nan, warm_up=1)
    assert np.isnan(lost["noise_fitting"]) and np.isnan(lost["floor_noise_fitting"])
    assert np.isnan(lost["excess"]) and not lost["fitted"]


def test_tables_are_those_of_the_plan(settings, all_fits):
    section = settings.fridovichkeil2021.cifar10
    assert list(all_fits.columns) == FITS and len(all_fits) == len(section.plan().waves)
    tables = made_up.noise(settings, "fig03")
    assert list(tables["noise_fitting"].columns) == FITTING
    sums = tables["noise_fitting"][["confidence_term", "covariance_term"]].sum(axis=1)
    assert np.allclose(sums, tables["noise_fitting"]["noise_fitting"])
    # Four frequencies of three networks; of each a network on even labels is the floor.
    assert tables["noise_fitting"].groupby("labels").size().to_dict() == {
        WAVE: 4 * 3 * 30,
        EVEN: 4 * 3 * 30,
    }
    own = tables["noise_fitting"][tables["noise_fitting"]["labels"] == WAVE]
    assert np.allclose(own["excess"], own["covariance_term"] - own["floor"])
    along = all_fits[all_fits["purpose"].isin(["fourier", "natural"])]
    assert np.allclose(along["frequency"] * along["deviation"], along["cycles"])


def test_a_wave_that_a_floor_was_not_probed_by_is_an_error(settings):
    (row, *_) = choices.wave_rows(settings, "fig11")
    others = made_up.runs_of(settings, [row["run"], "wrn_32.epochs30.uniform"])
    with pytest.raises(ValueError, match=r"wrn_32.epochs30.uniform: was not probed by the wave"):
        wave_tables(others, [row | {"floors": ["wrn_32.epochs30.uniform"]}], 5)


def test_classifiers_say_what_each_run_changes_and_which_is_near_chance(settings):
    runs = made_up.runs_of(settings, ["wrn_32", "wrn_32.mixup_0.4", "wrn_32.radial_0.02"])
    runs[1][1]["test_accuracy"][-1] = 0.126
    table = classifier_table(runs).set_index("run")
    assert table.loc["wrn_32.mixup_0.4", "strength"] == 0.4
    assert table.loc["wrn_32.radial_0.02", "frequency"] == 0.02
    assert table["near_chance"].to_dict() == {
        "wrn_32": False,
        "wrn_32.mixup_0.4": True,
        "wrn_32.radial_0.02": False,
    }


def test_runs_are_read_from_their_files(tmp_path, settings):
    files, _ = written(tmp_path, settings, ["wrn_32.radial_0.02", "wrn_32.uniform"])
    found = finished_runs([file for file in files if file.name == "run.json"])
    assert [record["run"] for record, _ in found] == ["wrn_32.radial_0.02", "wrn_32.uniform"]
    assert {"covariance_term", "probe_rate_variance"} <= found[0][1].keys()


def written(folder, settings, names):
    """Files of runs, as a measuring job gets them."""
    from spectral_bias.artefacts import write_arrays, write_json

    files = []
    for record, history in made_up.runs_of(settings, names):
        place = folder / record["run"]
        place.mkdir(parents=True)
        write_json(place / "run.json", record)
        write_arrays(place / "history.npz", history, {})
        files += [place / "run.json", place / "history.npz"]
    return files, names


@pytest.fixture(scope="module")
def classes(tmp_path_factory, settings):
    """The tables of Figure 17."""
    from spectral_bias.artefacts import write_table

    folder = tmp_path_factory.mktemp("classes")
    rows = choices.wave_rows(settings, "fig17")
    files, _ = written(folder, settings, choices.noise_runs(settings, rows))
    tables = made_up.interpolation(settings)
    inputs = {"runs": files}
    for name in ("interpolation_fractions", "class_accuracy"):
        table = tables[name]
        write_table(folder / f"{name}.csv", table[table["run"] == "wrn_32"])
        inputs[name] = [folder / f"{name}.csv"]
    return single_classes.measured(MeasuringJob("", "", inputs, 1, "cpu"), rows, 5)


def test_single_classes_join_each_class_with_its_own_paths(classes):
    table = classes["single_classes"]
    assert list(table["class_name"]) == list(made_up.CLASSES)
    assert table["noise_class"].tolist() == [0, 1, 2, 3, 4, 5]
    orders = classes["single_class_correlations"].set_index(["x", "y"])
    from scipy.stats import spearmanr

    for x, y in single_classes.CORRELATED:
        expected = spearmanr(table[x], table[y]).statistic
        assert orders.loc[(x, y), "value"] == pytest.approx(expected)


# --- figures ------------------------------------------------------------------------------------


def test_figure_1_shows_the_parts_that_make_up_noise_fitting(settings, context):
    data = fig01.drawn(made_up.noise(settings, "fig01"), context)
    curves = data[data["panel"] == "curves"]
    sums = curves["confidence_term"] + curves["covariance_term"]
    assert np.allclose(sums, curves["noise_fitting"])
    assert set(curves["labels"]) == {WAVE, EVEN} and set(curves["n_networks"]) == {3}
    facts = fig01.facts(data, context)
    assert facts["frequency"] == choices.shown_frequency(settings)
    assert "30 epochs" in facts["baseline_text"], "the length of these trainings"
    assert "at epoch" in facts["minimum_text"] and "on average" in facts["onset_text"]


def test_figure_3_names_waves_that_are_not_fitted(settings, context):
    tables = made_up.noise(settings, "fig03")
    data = fig03.drawn(tables, context)
    assert fig03.facts(data, context)["unfitted"] == ""
    fits = tables["wave_fits"]
    lost = fits["frequency"] == 0.1
    fits = fits.assign(
        fitted=fits["fitted"] & ~lost,
        onset=fits["onset"].mask(lost),
        dip_epoch=np.where(lost, 30, 10),
    )
    facts = fig03.facts(fig03.drawn(tables | {"wave_fits": fits}, context), context)
    assert facts["unfitted"].startswith(" (f = 0.1: not so in all networks")
    assert facts["unturned"].startswith(" (f = 0.1: some lies in the last epoch")


def test_figures_of_directions_tell_the_deviation_of_the_images(settings, context):
    data = fig11.drawn(made_up.noise(settings, "fig11"), context)
    assert len(data) == 9 and set(data["cycles"]) == {0.1, 0.2, 0.4}
    assert np.allclose(data["frequency"] * data["deviation"], data["cycles"])
    labels = [text.get_text() for text in made_up.shown(fig11, data).axes[0].get_yticklabels()]
    assert labels == ["1 (sd 5)", "2 (sd 3.3)", "4 (sd 2)"]
    data = fig12.drawn(made_up.noise(settings, "fig12"), context)
    counts = data.groupby("kind")["n_networks"].max().to_dict()
    assert counts == {"1/f2": 1, "f2": 1, "random": 3}
    assert "mean and range of 3 random ones" in fig12.facts(data, context)["counts"]


def test_figure_17_states_measured_correlations(classes, context):
    data = fig17.drawn(classes, context)
    texts = fig17.facts(data, context)
    row = classes["single_class_correlations"].set_index(["x", "y"])
    value = row.loc[("high_frequency_fraction", "fit"), "value"]
    assert texts["a_text"].startswith(f"{value:.2f}".replace("-", "−"))
    few = classes["single_class_correlations"].assign(value=np.nan, reason="4 classes")
    data = fig17.drawn(classes | {"single_class_correlations": few}, context)
    assert fig17.facts(data, context)["b_text"] == "not computed (4 classes)"


def test_many_epochs_are_thinned_but_the_last_is_kept():
    table = pd.DataFrame({"epoch": np.arange(1, 1001)})
    kept = noise_curves.thinned_epochs(table)["epoch"]
    assert len(kept) <= noise_curves.MOST_EPOCHS and kept.iloc[-1] == 1000
    assert len(noise_curves.thinned_epochs(table.head(99))) == 99


def test_every_run_of_a_figure_is_in_the_plan(settings):
    runs = training_runs(settings, "fridovichkeil2021")
    for figure in (*choices.PURPOSES, "fig05", "fig07"):
        rows = choices.wave_rows(settings, figure)
        assert rows and {*choices.noise_runs(settings, rows)} <= {*runs}
