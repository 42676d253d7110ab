"""Tables of noise fitting: differences of losses, minima after the warm-up, floors."""

import numpy as np
import pytest

from spectral_bias.artefacts import write_arrays, write_json
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import (
    classifier_table,
    finished_runs,
    minima_table,
    noise_fitting_table,
)
from spectral_bias.experiments.fridovichkeil2021.sections import wave

RADIAL = wave("radial", 0.1, 0.2)
NAMES = ("training_loss", "training_accuracy", "test_loss", "test_accuracy")


def finished(name, clean, noisy, smoothing=None, probes=(RADIAL,), **settings):
    """A run of E epochs; clean and noisy are (E, P)."""
    clean, noisy = np.array(clean, dtype=float), np.array(noisy, dtype=float)
    run = {
        "run": name,
        "architecture": "wrn_32",
        "augmentation": {"name": "cutout", "magnitude": 0.0},
        "n_train": 100,
        "weight_decay": 0.1,
        "teacher": None,
        "teacher_weight": 1.0,
        "generation": 0,
        "replicate": 1,
        "wave": smoothing,
        "probes": list(probes),
    } | settings
    epochs = np.arange(1, len(clean) + 1)
    history = {name: epochs / 10 for name in NAMES} | {
        "epoch": epochs,
        "clean_test_loss": clean,
        "noisy_test_loss": noisy,
    }
    return {"settings": run, "n_parameters": 7, "run_key": name}, history


NOISED = finished("a.w", [[3], [2], [1], [1]], [[3.5], [4], [2], [1.2]], RADIAL)


def test_noise_fitting_is_clean_minus_noisy_loss_by_epoch():
    table = noise_fitting_table([NOISED], {"a.w": "a"})
    assert table["noise_fitting"].tolist() == pytest.approx([-0.5, -2, -1, -0.2])
    assert table["epoch"].tolist() == [1, 2, 3, 4]
    first = table.iloc[0]
    assert (first["base"], first["kind"], first["frequency"], first["seed"]) == (
        "a",
        "radial",
        0.1,
        1,
    )
    assert first["trained"] and first["floor"] == ""


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
    other = wave("radial", 0.5, 0.2)
    probes = (RADIAL, other)
    clean = finished("a", [[1, 1]], [[2, 4]], None, probes)
    even = finished("a.uniform", [[1, 1]], [[2, 3]], wave("uniform", None, 0.2), probes)
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


def test_runs_are_read_with_the_history_beside_their_record(tmp_path):
    record, history = NOISED
    write_json(tmp_path / "run.json", record)
    write_arrays(tmp_path / "history.npz", history, {})
    ((read, arrays),) = finished_runs([tmp_path / "run.json"])
    assert read == record
    np.testing.assert_array_equal(arrays["noisy_test_loss"], history["noisy_test_loss"])
