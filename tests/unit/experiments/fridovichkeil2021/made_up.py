"""Made-up results of the runs that a scale plans, as the tables that the measuring code makes.

They only look like results: a wave is fitted later the higher its frequency, and a better network
has higher frequencies between classes and lower ones within.
"""

import re
import zlib
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd

from spectral_bias.config.load import load_settings
from spectral_bias.experiments import training_runs
from spectral_bias.experiments.fridovichkeil2021 import choices
from spectral_bias.experiments.fridovichkeil2021.interpolation.tables import mean_fractions
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import (
    classifier_table,
    extreme_table,
    intervention_table,
    wave_tables,
)
from spectral_bias.figures import style

ROOT = Path(__file__).parents[4]
CLASSES = ("ship", "automobile", "deer", "cat", "bird", "dog")  # not by alphabet
PAIRS = [*combinations_with_replacement(CLASSES, 2)]
MORE = {
    "n_seeds": 3,
    "epochs": 40,
    "architectures": ["wrn_32", "wrn_160", "shake_shake_32", "shake_shake_96", "pyramid_net"],
    "wave": {
        "frequencies": [0.01, 0.02, 0.05, 0.1],
        "epochs": 30,
        "n_seeds": 3,
        "compared": [0.02, 0.1],
        "interventions": ["architecture", "train_size"],
        "warm_up": 5,
    },
    "trajectory": {
        "epochs": 60,
        "n_seeds": 3,
        "measured": [0, 1, 2, 5, 10, 20, 40, 60],
        "start": [2, 5],
    },
    "extremes": {
        "architecture": ["wrn_32", "wrn_160"],
        "train_size": ["20", "80"],
        "augmentation": ["none", "cutout"],
        "distillation": ["a = 1", "a = 0.5, generation 1"],
        "weight_decay": ["0", "0.001"],
    },
    "matched": {"test_accuracy": 0.8},
    "train_sizes": [20, 40, 60, 80],
    "augmentations": ["none", "flip_crop", "cutout", "mixup", "randaugment", "autoaugment"],
    "magnitudes": [2.0, 4.0, 8.0],
    "mixup_alphas": [0.05, 0.1, 0.4],
    "teacher_weights": [1.0, 0.5, 0.0],
    "generations": 2,
    "weight_decays": [0.0, 1e-4, 5e-4, 1e-3],
    "directions": {"cycles": [0.1, 0.2, 0.4], "spatial_frequencies": [1.0, 2.0, 4.0]},
    "natural": {"kinds": ["1/f2", "f2", "random"], "cycles": [0.05, 0.1, 0.2, 0.4], "n_random": 3},
    "image_frequency": {"kinds": ["f2", "1/f2"], "compared": 4.0, "norms": [2.0, 8.0]},
    "single_class": {"classes": [0, 1, 2, 3, 4, 5]},
}
"""What the tiny scale lacks for figures with several of everything."""


def settings_of(scale="tiny", section="cifar10", **values):
    """All settings, with some of one section changed."""
    return load_settings({"scale": scale, "fridovichkeil2021": {section: values}}, ROOT)


def context_of(settings, section="cifar10"):
    """What a figure is told, see `FigureJob`."""
    dumped = settings.fridovichkeil2021.model_dump(include={section})
    return {"scale": settings.scale, "settings": dumped}


def quality(run):
    """From 0 to 1, the same for all seeds of a network."""
    return np.random.default_rng(zlib.crc32(re.sub(r"\.seed\d+", "", run).encode())).random()


def finished(run, base):
    """Record and history of a run: confidence falls for all, the wave is fitted by its own run."""
    epochs = np.arange(1, run.training.epochs + 1)
    share, rng = epochs / epochs[-1], np.random.default_rng(zlib.crc32(run.run.encode()))
    own = run.wave is not None and run.wave.kind != "uniform"
    confidence = -0.5 * (1 - np.exp(-6 * share)) * (0.7 + 0.5 * quality(base))
    covariance, frequency, deviation = [], [], []
    for probe in run.training.probes:
        deviation.append(10 / (1 + (probe.spatial_frequency or 0)))
        frequency.append(probe.frequency or (probe.cycles or 0) / deviation[-1])
        pace = frequency[-1] * deviation[-1] * (1 + 0.2 * (probe.noise_class or 0))
        rise = 0.3 / (1 + np.exp(-12 * (share - 0.1 - 0.25 * np.log1p(pace))))
        noise = 0.002 * rng.normal(size=len(epochs)) - 0.01
        covariance.append(noise + (rise if own else 0) + 0.001 * probe.seed)
    probes, n_probes = run.training.probes, len(run.training.probes)
    covariance = np.reshape(covariance, (n_probes, len(epochs))).T
    confidence = np.repeat(confidence[:, None], n_probes, axis=1)
    clean = 2.3 - 1.9 * share[:, None] * np.ones(n_probes)
    history = {
        "epoch": epochs,
        "training_loss": 2.3 - 1.7 * share,
        "training_accuracy": 0.1 + (accuracy(base) - 0.05) * share,
        "test_loss": 2.3 - 1.5 * share,
        "test_accuracy": 0.1 + (accuracy(base) - 0.1) * share,
        "clean_test_loss": clean,
        "noisy_test_loss": clean - confidence - covariance,
        "confidence_term": confidence,
        "covariance_term": covariance,
        "probe_frequency": np.array(frequency),
        "probe_deviation": np.array(deviation),
        "probe_rate_mean": np.array([0.2 + 0.03 * (p.noise_class or 0) for p in probes]),
        "probe_rate_variance": np.linspace(0.02, 0.03, n_probes),
    }
    record = {"settings": run.settings(), "run": run.run, "run_key": run.run, "n_classes": 10}
    return record | {"n_parameters": 1000 + zlib.crc32(run.architecture.encode()) % 1000}, history


def accuracy(run):
    return 0.85 + 0.12 * quality(run)


def runs_of(settings, names=None):
    """Records and histories of some runs, of all unless named."""
    plan = settings.fridovichkeil2021.cifar10.plan()
    placed, bases = training_runs(settings, "fridovichkeil2021"), {}
    for row in plan.waves:
        bases |= {row["run"]: row["base"]} | {floor: row["base"] for floor in row["floors"]}
    return [
        finished(placed[name], bases.get(name, name))
        for name in (plan.runs if names is None else names)
    ]


def noise(settings, figure=None):
    """The tables noise_fitting and wave_fits of a figure, of all waves unless named."""
    section = settings.fridovichkeil2021.cifar10
    rows = section.plan().waves if figure is None else choices.wave_rows(settings, figure)
    runs = runs_of(settings, choices.noise_runs(settings, rows))
    return wave_tables(runs, rows, section.wave.warm_up)


def interpolation(settings):
    """The tables of paths of all noise-free runs; spectra of the baseline alone."""
    section, rng = settings.fridovichkeil2021.cifar10, np.random.default_rng(5)
    fractions, summary, spectra, classes = [], [], [], []
    relative = np.linspace(0, 1, section.interpolation.n_bins)
    for run in section.measured_runs():
        followed = run in section.trajectory_runs()
        for epoch in section.trajectory.measured if followed else [section.epochs]:
            progress = np.log1p(epoch) / np.log1p(section.epochs)
            right = 0.1 + (accuracy(run) - 0.1) * progress
            level = 0.2 * progress * quality(run) + 0.02 * rng.random(len(PAIRS))
            part = pd.DataFrame(PAIRS, columns=["class_a", "class_b"])
            within = part["class_a"] == part["class_b"]
            part["kind"] = np.where(within, "within", "between")
            part["high_frequency_fraction"] = np.where(within, 0.4 - level, 0.2 + level)
            part["hann_fraction"] = 0.1 + 0.2 * level
            part["chord_free_fraction"] = 0.12 + 0.3 * level
            part["confidence"] = right * (1 - level)
            means, known = mean_fractions(part), {"run": run, "epoch": epoch}
            fractions.append(part.assign(**known))
            values = {"test_accuracy": right, "shifted_accuracy": 0.85 * right - 0.02}
            summary.append(known | values | means)
            for kind in ("within", "between"):
                rows = {"kind": kind, "relative_frequency": relative}
                rows["magnitude"] = np.exp(-relative / means[f"{kind}_fraction"])
                rows["power"] = rows["magnitude"] ** 2
                spectra.append(pd.DataFrame(known | rows))
            rows = {"class_name": CLASSES, "test_accuracy": right - 0.01 * np.arange(len(CLASSES))}
            classes.append(pd.DataFrame(known | rows))
    return {
        "interpolation_fractions": pd.concat(fractions, ignore_index=True),
        "interpolation_summary": pd.DataFrame(summary),
        "interpolation_spectra": pd.concat(spectra, ignore_index=True),
        "class_accuracy": pd.concat(classes, ignore_index=True),
    }


def tables_of(settings):
    """All tables of the plan but those of single classes and of all models."""
    plan = settings.fridovichkeil2021.cifar10.plan()
    return {
        "classifiers": classifier_table(runs_of(settings)),
        "interventions": intervention_table(plan.interventions),
        "extremes": extreme_table(plan.extremes),
        **noise(settings),
        **interpolation(settings),
    }


def shown(module, data, *arrays):
    """The figure, laid out."""
    with style.look():
        figure = module.draw(data, *arrays)
        figure.draw_without_rendering()
    return figure


def notes(figure):
    """What is written into its panels."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]
