"""Measurement A of Fridovich-Keil et al. 2021: when and how much networks fit a wave in the labels.

Noise fitting after an epoch is the clean minus the noisy test loss. It falls while a network learns
the classes and ignores the wave, and turns up where it begins to fit it; networks are compared by
their minimum. Nothing is smoothed over epochs. Networks that never saw the wave, but are tested on
it, give the floor: one trained on labels smoothed as much, but evenly, is as unsure as the others
and knows nothing of the wave ("uniform"); one trained on true labels is surer, and so lower
("true labels"). The floor's spread over seeds is that of the estimate.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.artefacts import read_arrays, read_json
from spectral_bias.measurements.measuring import MeasuringJob

WAVE_COLUMNS = ("kind", "frequency", "amplitude", "spatial_frequency", "noise_class", "wave_seed")
IDENTITY = ("run", "base", "seed", "trained", "floor", *WAVE_COLUMNS)
FITTING = [
    *("run", "base", "seed", "epoch", "trained", "floor", *WAVE_COLUMNS, "training_loss"),
    *("clean_test_loss", "noisy_test_loss", "noise_fitting", "test_accuracy"),
]
MINIMA = [*IDENTITY, "epoch", "noise_fitting", "final_noise_fitting", "test_accuracy"]
Finished = tuple[Mapping[str, Any], Mapping[str, np.ndarray]]
"""A run's record and its history."""


def measured(
    job: MeasuringJob,
    interventions: Sequence[Mapping[str, Any]],
    bases: Mapping[str, str],
    warm_up: int,
) -> dict[str, pd.DataFrame]:
    """The tables of all classifiers.

    Args:
        job: input runs, records and histories.
        interventions: rows of the table of that name.
        bases: see `noise_fitting_table`.
        warm_up: see `minima_table`.
    """
    runs = runs_of(job)
    tables = noise_tables(runs, bases, warm_up)
    return {
        "classifiers": classifier_table(runs),
        "interventions": intervention_table(interventions),
        **tables,
    }


def of_figure(
    job: MeasuringJob,
    interventions: Sequence[Mapping[str, Any]],
    bases: Mapping[str, str],
    warm_up: int,
) -> dict[str, pd.DataFrame]:
    """The tables of the classifiers that one figure shows; as `measured`."""
    tables = noise_tables(runs_of(job), bases, warm_up)
    return {"interventions": intervention_table(interventions), **tables}


def runs_of(job: MeasuringJob) -> list[Finished]:
    """The runs whose records and histories are the job's input of that name."""
    return finished_runs([file for file in job.files["runs"] if file.name == "run.json"])


def noise_tables(
    runs: Sequence[Finished], bases: Mapping[str, str], warm_up: int
) -> dict[str, pd.DataFrame]:
    """noise_fitting and noise_minima of some runs."""
    fitting = noise_fitting_table(runs, bases)
    return {"noise_fitting": fitting, "noise_minima": minima_table(fitting, warm_up)}


def intervention_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """intervention, variant, value, run; one row for each variant that is compared."""
    return pd.DataFrame(rows, columns=["intervention", "variant", "value", "run"])


def finished_runs(records: Sequence[str | Path]) -> list[Finished]:
    """Records of runs with the history.npz that lies beside each."""
    found = []
    for record in map(Path, records):
        history, _ = read_arrays(record.with_name("history.npz"))
        found.append((read_json(record), history))
    return found


def wave_values(wave: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values of `WAVE_COLUMNS`; all empty for a run without a wave."""
    wave = wave or {}
    return {name: wave.get(name.removeprefix("wave_")) for name in WAVE_COLUMNS}


def classifier_table(runs: Iterable[Finished]) -> pd.DataFrame:
    """One row for each run: what it changes of the others, and how it did after its last epoch."""
    rows = []
    for record, history in runs:
        run = record["settings"]
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
                **wave_values(run["wave"]),
                "epochs": len(history["epoch"]),
                "n_parameters": record["n_parameters"],
                **{
                    name: history[name][-1]
                    for name in ("training_loss", "training_accuracy", "test_loss", "test_accuracy")
                },
            }
        )
    return pd.DataFrame(rows)


def strength(augmentation: Mapping[str, Any]) -> float | None:
    """RandAugment's magnitude, mixup's alpha or the norm of added images; None for other kinds."""
    names = {"randaugment": "magnitude", "mixup": "mixup_alpha", "image_frequency": "image_norm"}
    name = names.get(augmentation["name"])
    return None if name is None else augmentation[name]


def noise_fitting_table(runs: Iterable[Finished], bases: Mapping[str, str]) -> pd.DataFrame:
    """One row for each run, wave and epoch: losses and noise fitting, in nats.

    Args:
        runs: with and without noise.
        bases: the run without noise that each run with noise belongs to.

    Returns:
        run, base, seed, epoch, trained (whether the run was trained on this wave), floor (if not,
        which: "uniform" or "true labels"; else empty), the columns of `WAVE_COLUMNS`,
        training_loss, clean_test_loss, noisy_test_loss, noise_fitting, test_accuracy.
    """
    parts = []
    for record, history in runs:
        run = record["settings"]
        floor = floor_of(run)
        for index, wave in enumerate(run["probes"]):
            clean, noisy = (history[f"{name}_test_loss"][:, index] for name in ("clean", "noisy"))
            parts.append(
                pd.DataFrame(
                    {
                        "run": run["run"],
                        "base": bases.get(run["run"], run["run"]),
                        "seed": run["replicate"],
                        "epoch": history["epoch"],
                        "trained": not floor,
                        "floor": floor,
                        **wave_values(wave),
                        "training_loss": history["training_loss"],
                        "clean_test_loss": clean,
                        "noisy_test_loss": noisy,
                        "noise_fitting": clean - noisy,
                        "test_accuracy": history["test_accuracy"],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=FITTING)


def floor_of(run: Mapping[str, Any]) -> str:
    """What a run that is tested on waves it never saw was trained on; "" for one that saw them."""
    if run["wave"] is None:
        return "true labels"
    return "uniform" if run["wave"]["kind"] == "uniform" else ""


def minima_table(fitting: pd.DataFrame, warm_up: int) -> pd.DataFrame:
    """The smallest noise fitting of each run and wave after the warm-up, and when it occurs.

    Args:
        fitting: made by `noise_fitting_table`.
        warm_up: epochs that are left out at the start, where the test loss is unsteady. A run that
            ended within them is judged by its last epoch.

    Returns:
        run, base, seed, trained, floor, the columns of `WAVE_COLUMNS`, epoch of the minimum,
        noise_fitting there, final_noise_fitting, test_accuracy after the last epoch. A run whose
        losses are not finite after the warm-up has no minimum.
    """
    rows = []
    for key, part in fitting.groupby(list(IDENTITY), dropna=False, sort=False):
        last = part.iloc[-1]
        late = part[part["epoch"] > warm_up] if last["epoch"] > warm_up else part.tail(1)
        finite = np.isfinite(late["noise_fitting"]).all()
        lowest = late.loc[late["noise_fitting"].idxmin()] if finite else None
        rows.append(
            dict(zip(IDENTITY, key, strict=True))
            | {
                "epoch": lowest["epoch"] if finite else np.nan,
                "noise_fitting": lowest["noise_fitting"] if finite else np.nan,
                "final_noise_fitting": last["noise_fitting"],
                "test_accuracy": last["test_accuracy"],
            }
        )
    return pd.DataFrame(rows, columns=MINIMA)
