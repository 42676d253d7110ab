"""What Figures 4 and 11 of Rahaman et al. 2018 need from the runs of Experiment 3."""

import pandas as pd

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob


def measured(job: MeasuringJob) -> dict[str, pd.DataFrame]:
    """The table of Figures 4 and 11."""
    return {"label_noise_loss": loss_table(job.ensemble("run"))}


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
