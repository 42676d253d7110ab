"""Measurement A of Fridovich-Keil et al. 2021: when and how much networks fit a wave in the labels.

Noise fitting after an epoch is the clean minus the noisy test loss. It falls while a network learns
the classes and ignores the wave, and turns up where it begins to fit it; the paper compares
networks by its minimum. It is the sum of two terms (ours, see `training.classifier.noise_terms`):
confidence, which knows nothing of the wave, and covariance, which is the fit of it. So networks are
compared by their covariance too, as far as it exceeds the floor.

*Floor.* Networks whose labels were smoothed as much for every image are as unsure as the others and
know nothing of the wave. Their covariance is not 0, since images with much label noise may also be
the hard ones; the floor is its mean over these networks, wave by wave and epoch by epoch.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.artefacts import read_arrays, read_json
from spectral_bias.chance import near_chance
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.fits import (
    EVEN,
    FITS,
    WAVE,
    WAVE_COLUMNS,
    fit_row,
    floor_deviation,
)
from spectral_bias.measurements.measuring import MeasuringJob

GIVEN = ("kind", "frequency", "cycles", "amplitude", "spatial_frequency", "noise_class", "seed")
"""What makes two waves the same."""
CURVES = (
    *("training_loss", "clean_test_loss", "noisy_test_loss", "noise_fitting"),
    *("confidence_term", "covariance_term", "test_accuracy"),
)
FITTING = [
    *("purpose", "run", "base", "seed", "labels", *WAVE_COLUMNS, "epoch"),
    *(*CURVES, "floor", "excess", "rate_mean", "rate_variance"),
]
Finished = tuple[Mapping[str, Any], Mapping[str, np.ndarray]]
"""A run's record and its history."""


def measured(
    job: MeasuringJob,
    waves: Sequence[Mapping[str, Any]],
    interventions: Sequence[Mapping[str, Any]],
    extremes: Sequence[Mapping[str, Any]],
    warm_up: int,
) -> dict[str, pd.DataFrame]:
    """The tables of all classifiers.

    Args:
        job: input runs, records and histories.
        waves: rows of `Plan.waves`.
        interventions: rows of `Plan.interventions`.
        extremes: rows of `Plan.extremes`.
        warm_up: see `fit_row`.

    Returns:
        classifiers, see `classifier_table`; interventions; extremes; wave_fits, see `wave_tables`.
    """
    runs = runs_of(job)
    return {
        "classifiers": classifier_table(runs),
        "interventions": intervention_table(interventions),
        "extremes": extreme_table(extremes),
        "wave_fits": wave_tables(runs, waves, warm_up)["wave_fits"],
    }


def of_figure(
    job: MeasuringJob,
    waves: Sequence[Mapping[str, Any]],
    interventions: Sequence[Mapping[str, Any]],
    warm_up: int,
) -> dict[str, pd.DataFrame]:
    """interventions, noise_fitting and wave_fits of what one figure shows; as `measured`."""
    tables = wave_tables(runs_of(job), waves, warm_up)
    return {"interventions": intervention_table(interventions), **tables}


def runs_of(job: MeasuringJob) -> list[Finished]:
    """The runs whose records and histories are the job's input of that name."""
    return finished_runs([file for file in job.files["runs"] if file.name == "run.json"])


def finished_runs(records: Sequence[str | Path]) -> list[Finished]:
    """Records of runs with the history.npz that lies beside each."""
    found = []
    for record in map(Path, records):
        history, _ = read_arrays(record.with_name("history.npz"))
        found.append((read_json(record), history))
    return found


def intervention_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """intervention, variant, value, run; one row for each variant that is compared."""
    return pd.DataFrame(rows, columns=["intervention", "variant", "value", "run"])


def extreme_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """intervention, place, variant, seed, run; one row for each network of an extreme variant."""
    return pd.DataFrame(rows, columns=["intervention", "place", "variant", "seed", "run"])


def classifier_table(runs: Iterable[Finished]) -> pd.DataFrame:
    """One row for each run: what it changes of the others, and how it did after its last epoch."""
    rows = []
    for record, history in runs:
        run, wave = record["settings"], record["settings"]["wave"] or {}
        augmentation = run["augmentation"]
        rows.append(
            {
                "run": run["run"],
                "architecture": run["architecture"],
                "augmentation": augmentation["name"],
                "strength": strength(augmentation),
                "n_train": run["n_train"],
                "weight_decay": run["weight_decay"],
                "teacher": run["teacher"],
                "teacher_weight": run["teacher_weight"],
                "generation": run["generation"],
                "seed": run["replicate"],
                **{name: wave.get(name.removeprefix("wave_")) for name in WAVE_COLUMNS},
                "epochs": len(history["epoch"]),
                "n_parameters": record["n_parameters"],
                **{
                    name: history[name][-1]
                    for name in ("training_loss", "training_accuracy", "test_loss", "test_accuracy")
                },
                "near_chance": near_chance(history["test_accuracy"][-1], record["n_classes"]),
            }
        )
    return pd.DataFrame(rows)


def strength(augmentation: Mapping[str, Any]) -> float | None:
    """RandAugment's magnitude, mixup's alpha or the norm of added images; None for other kinds."""
    names = {"randaugment": "magnitude", "mixup": "mixup_alpha", "image_frequency": "image_norm"}
    name = names.get(augmentation["name"])
    return None if name is None else augmentation[name]


def wave_tables(
    runs: Iterable[Finished], waves: Sequence[Mapping[str, Any]], warm_up: int
) -> dict[str, pd.DataFrame]:
    """The tables of trainings on waves.

    Args:
        runs: on waves and on even labels, and maybe others.
        waves: rows of `Plan.waves`.
        warm_up: see `fit_row`.

    Returns:
        noise_fitting, one row for each wave, network (also those of the floor) and epoch: purpose,
        run, base, seed, labels (`WAVE` or `EVEN`), wave, epoch, losses and both terms (nats),
        floor (mean covariance term of the networks on even labels), excess over it, mean and
        variance of the smoothing r; wave_fits, one row for each training on a wave, see `fit_row`.
    """
    by_name = {record["run"]: (record, history) for record, history in runs}
    curves, fits = [], []
    for row in waves:
        own = curve_table(*by_name[row["run"]]).assign(labels=WAVE)
        wave = by_name[row["run"]][0]["settings"]["wave"]
        even = [curve_table(*by_name[name], wave).assign(labels=EVEN) for name in row["floors"]]
        together = pd.concat([own, *even], ignore_index=True)
        floor = together[together["labels"] == EVEN].groupby("epoch")["covariance_term"].mean()
        together["floor"] = together["epoch"].map(floor)
        together["excess"] = together["covariance_term"] - together["floor"]
        together["purpose"], together["base"] = row["purpose"], row["base"]
        curves.append(together[FITTING])
        spread = [curve_table(*by_name[name], wave) for name in row["spread"]]
        deviation = floor_deviation(pd.concat(spread, ignore_index=True), warm_up)
        fits.append(fit_row(curves[-1], deviation, warm_up))
    return {
        "noise_fitting": pd.concat(curves, ignore_index=True)
        if curves
        else pd.DataFrame(columns=FITTING),
        "wave_fits": pd.DataFrame(fits, columns=FITS),
    }


def curve_table(
    record: Mapping[str, Any],
    history: Mapping[str, np.ndarray],
    wave: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """One row for each epoch of a run under one of its probed waves; by default its own.

    Raises:
        ValueError: the run was not probed by the wave.
    """
    run = record["settings"]
    wave = wave or run["wave"]
    same = [all(probe[name] == wave[name] for name in GIVEN) for probe in run["probes"]]
    if True not in same:
        raise ValueError(f"{run['run']}: was not probed by the wave {wave}")
    at = same.index(True)
    probed = {
        name: history[name][:, at]
        for name in ("clean_test_loss", "noisy_test_loss", "confidence_term", "covariance_term")
    }
    return pd.DataFrame(
        {
            "run": run["run"],
            "seed": run["replicate"],
            **{name: wave.get(name.removeprefix("wave_")) for name in WAVE_COLUMNS},
            "frequency": history["probe_frequency"][at],
            "deviation": history["probe_deviation"][at],
            "epoch": history["epoch"],
            "training_loss": history["training_loss"],
            **probed,
            "noise_fitting": probed["clean_test_loss"] - probed["noisy_test_loss"],
            "test_accuracy": history["test_accuracy"],
            "rate_mean": history["probe_rate_mean"][at],
            "rate_variance": history["probe_rate_variance"][at],
        }
    )
