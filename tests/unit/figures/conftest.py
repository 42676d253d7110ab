"""Made-up tables in the format of the measured ones. They only look like results."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

EQUAL = dict.fromkeys((5, 10, 15, 20, 25, 30, 35, 40, 45, 50), 1.0)


def make_settings(n_runs=3, iterations=80_000, source="mnist", width=256, frequencies=None):
    network = {"depth": 6, "width": width}
    frequencies = list(EQUAL) if frequencies is None else frequencies
    betas, ks = [0.1, 0.25, 0.5, 0.75, 1.0], [0.05, 0.1, 0.2, 0.5, 1.0]
    return {
        "sinusoids": {
            "network": network,
            "n_points": 200,
            "frequencies": frequencies,
            "amplitudes": {"equal": [1.0] * len(frequencies), "increasing": [0.1, 0.2]},
            "learning_rate": 3e-4,
            "iterations": iterations,
            "record_every": 100,
            "n_runs": n_runs,
            "snapshots": [100, 1000, 10_000, 80_000],
        },
        "perturbation": {
            "network": network,
            "n_points": 200,
            "frequencies": frequencies[1:],
            "learning_rate": 3e-4,
            "iterations": iterations,
            "n_runs": n_runs,
            "delta_max": 5.0,
            "n_deltas": 100,
            "n_directions": 100,
        },
        "label_noise": {
            "network": network,
            "data": {"source": source, "classes": [3, 8], "train_fraction": 0.8},
            "learning_rate": 1e-4,
            "iterations": 5000,
            "n_runs": n_runs,
            "panels": {
                "a": {"frequencies": [0.1], "betas": betas},
                "b": {"frequencies": [1.0], "betas": betas},
                "c": {"frequencies": ks, "betas": [0.5]},
                "d": {"frequencies": ks, "betas": [1.0]},
            },
        },
    }


def make_context(scale="paper", **options):
    return {"scale": scale, "settings": make_settings(**options)}


def sinusoids(records, n_runs, frequencies):
    """Amplitudes that rise later for higher k, norms that grow, the loss that follows."""
    rng = np.random.default_rng(0)
    spectrum, norms, loss = [], [], []
    for setting, member in product(("equal", "increasing"), range(n_runs)):
        left = 0.0
        for k in frequencies:
            tau = 300 * (k / 5) ** (1.7 if setting == "equal" else 1.5) * rng.uniform(0.8, 1.2)
            amplitude = 1.02 - np.exp(-records / tau)
            left = left + np.exp(-2 * records / tau) / 2
            spectrum.append(_long(setting, member, records, frequency=k, amplitude=amplitude))
        for layer in range(1, 7):
            norm = 1 + layer / 3 * rng.uniform(0.9, 1.1) * np.log1p(records / 900)
            norms.append(_long(setting, member, records, layer=layer, spectral_norm=norm))
        mse = (left + 1e-4) * rng.lognormal(0, 0.2, records.shape)
        loss.append(_long(setting, member, records, mse=mse))
    return {
        "sinusoids_spectrum": pd.concat(spectrum, ignore_index=True),
        "sinusoids_norms": pd.concat(norms, ignore_index=True),
        "sinusoids_loss": pd.concat(loss, ignore_index=True),
    }


def functions(snapshots, frequencies, n_points=200):
    z = np.arange(n_points) / n_points
    waves = {k: np.sin(2 * np.pi * k * z + k) for k in frequencies}
    target = sum(waves.values())
    parts = [
        pd.DataFrame(
            {
                "setting": "equal",
                "member": 0,
                "iteration": snapshot,
                "z": z,
                "target": target,
                "prediction": sum(
                    (1 - np.exp(-snapshot / (30 * k**1.7))) * wave for k, wave in waves.items()
                ),
            }
        )
        for snapshot in snapshots
    ]
    return pd.concat(parts, ignore_index=True)


def perturbations(deltas, n_runs, frequencies):
    rng = np.random.default_rng(1)
    rows = [
        (member, delta, k, np.exp(-((delta * k / 60) ** 1.5)) * (1 + delta / 30 * rng.normal()))
        for member, delta, k in product(range(n_runs), deltas, frequencies)
    ]
    return pd.DataFrame(rows, columns=["member", "delta", "frequency", "relative_amplitude"])


def label_noise(iterations, n_runs, panels):
    rng = np.random.default_rng(2)
    pairs = {
        (k, beta)
        for panel in panels.values()
        for k, beta in product(panel["frequencies"], panel["betas"])
    }
    parts = []
    for (k, beta), member in product([(np.nan, 0.0), *sorted(pairs)], range(n_runs)):
        learnt = np.exp(-iterations / rng.uniform(35, 45)) + 0.03
        slow = 0 if beta == 0 else np.exp(-iterations / (60 + 900 * k))
        mse = {
            "training": learnt * 0.8 + 1e-5 + beta**2 / 2 * slow,
            "validation": learnt + (0 if beta == 0 else beta**2 / 2 * (1 - slow)),
        }
        for curve, values in mse.items():
            values = values * rng.lognormal(0, 0.03, iterations.shape)
            ids = {"member": member, "frequency": k, "beta": beta}
            parts.append(
                pd.DataFrame({**ids, "iteration": iterations, "curve": curve, "mse": values})
            )
    return pd.concat(parts, ignore_index=True)


def make_tables(context, records, deltas, losses):
    settings = context["settings"]
    frequencies, n_runs = settings["sinusoids"]["frequencies"], settings["sinusoids"]["n_runs"]
    return {
        **sinusoids(records, n_runs, frequencies),
        "sinusoids_function": functions(settings["sinusoids"]["snapshots"], frequencies),
        "perturbation": perturbations(deltas, n_runs, frequencies[1:]),
        "label_noise_loss": label_noise(losses, n_runs, settings["label_noise"]["panels"]),
    }


def _long(setting, member, records, **columns):
    return pd.DataFrame({"setting": setting, "member": member, "iteration": records, **columns})


@pytest.fixture(scope="session")
def new_context():
    """Makes a context; see `make_settings` for the options."""
    return make_context


@pytest.fixture(scope="session")
def new_tables():
    """Makes all tables; see `make_tables`."""
    return make_tables


@pytest.fixture(scope="session")
def context():
    return make_context()


@pytest.fixture(scope="session")
def tables(context):
    """Few records of the full range: quick to draw."""
    return make_tables(
        context, np.arange(0, 80_001, 4000), np.linspace(0, 5, 6), np.arange(0, 5001, 50)
    )
