"""Settings name the right runs, and a run holds all that determines it and nothing else."""

from pathlib import Path

from spectral_bias.config.load import load_settings
from spectral_bias.experiments import training_runs

ROOT = Path(__file__).parents[3]


def runs(**overrides):
    return training_runs(load_settings({"scale": "paper"} | overrides, ROOT))


def test_label_noise_trains_each_distinct_setting_once_and_the_baseline():
    noises = runs()["label_noise"].target["noises"]
    assert noises[0] == {"frequency": None, "beta": 0.0}
    pairs = [(noise["frequency"], noise["beta"]) for noise in noises[1:]]
    # Four panels of five settings that share (0.1, 0.5), (0.1, 1), (1, 0.5) and (1, 1).
    assert len(pairs) == len(set(pairs)) == 16


def test_a_run_changes_only_with_what_its_result_depends_on():
    before = runs()
    shown = runs(rahaman2018={"sinusoids": {"snapshots": [0]}, "perturbation": {"n_deltas": 3}})
    assert shown == before
    changed = runs(rahaman2018={"sinusoids": {"learning_rate": 1e-3}})
    assert {name for name in before if changed[name] != before[name]} == {
        "sinusoids_equal",
        "sinusoids_increasing",
    }
    seeded = runs(seed=1)
    assert all(seeded[name] != before[name] for name in before)
