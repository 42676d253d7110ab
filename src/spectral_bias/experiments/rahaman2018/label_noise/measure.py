"""What Figures 4 and 11 of Rahaman et al. 2018 need from the runs of Experiment 3."""

import numpy as np
import pandas as pd

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob


def measured(job: MeasuringJob) -> dict[str, pd.DataFrame]:
    """The table of Figures 4 and 11, and the noise that was added to the labels."""
    run = job.ensemble("run")
    return {"label_noise_loss": loss_table(run), "label_noise_power": power_table(run)}


def loss_table(run: FinishedRun) -> pd.DataFrame:
    """frequency (empty without noise), beta, member, iteration, curve, mse.

    The training loss is against the noised targets, the validation loss against the clean ones;
    `member` is the number of a network within its setting.
    """
    history, facts = run.history, run.facts
    iterations = history["loss_iteration"]
    parts = []
    for row, number in enumerate(facts["number"]):
        for curve, name in (("training", "loss"), ("validation", "validation_loss")):
            parts.append(
                pd.DataFrame(
                    {
                        "frequency": facts["frequency"][row],
                        "beta": facts["beta"][row],
                        "member": number,
                        "iteration": iterations,
                        "curve": curve,
                        "mse": history[name][:, row],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def power_table(run: FinishedRun) -> pd.DataFrame:
    """frequency, beta, power, offset: the noise on the training labels of each setting.

    `power` is its mean square, `offset` its mean: of a low frequency few periods, if any, lie
    within the data, so that its power is not beta^2/2 and a part of it is a constant.
    """
    facts = run.facts
    (clean,) = np.flatnonzero(np.isnan(facts["frequency"]) & (facts["number"] == 0))
    rows = np.flatnonzero(~np.isnan(facts["frequency"]) & (facts["number"] == 0))
    noise_RN = run.problem.targets[rows] - run.problem.targets[clean]
    return pd.DataFrame(
        {
            "frequency": facts["frequency"][rows],
            "beta": facts["beta"][rows],
            "power": (noise_RN**2).mean(axis=1),
            "offset": noise_RN.mean(axis=1),
        }
    )
