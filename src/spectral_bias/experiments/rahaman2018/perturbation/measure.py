"""What Figure 3 of Rahaman et al. 2018 needs from the runs of Experiment 2."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.seeds import derived_seed
from spectral_bias.spectra.perturbation import relative_amplitudes


def measured(
    job: MeasuringJob, delta_max: float, n_deltas: int, n_directions: int
) -> dict[str, pd.DataFrame]:
    """The table of Figure 3; see `perturbation_table`."""
    run = job.ensemble("run")
    progress = job.progress(run.members, "networks")
    table = perturbation_table(
        run,
        delta_max=delta_max,
        n_deltas=n_deltas,
        n_directions=n_directions,
        device=job.device,
        on_member=lambda member: progress.update(member + 1),
    )
    progress.close()
    return {"perturbation": table}


def perturbation_table(
    run: FinishedRun,
    *,
    delta_max: float,
    n_deltas: int,
    n_directions: int,
    device: torch.device,
    on_member: Callable[[int], None] = lambda member: None,
) -> pd.DataFrame:
    """member, delta, frequency, relative_amplitude (see `relative_amplitudes`).

    Args:
        run: trained on sums of sinusoids; the directions derive from its seed.
        delta_max: largest perturbation; deltas are n_deltas equidistant values in [0, delta_max].
        n_deltas: see `delta_max`.
        n_directions: random directions for each delta.
        device: where to compute.
        on_member: called with the number of each member that is done.
    """
    deltas = np.linspace(0, delta_max, n_deltas)
    inputs = torch.as_tensor(run.problem.inputs, dtype=run.parameters.dtype)
    k, name = run.facts["frequencies"], (run.record["seed"], run.record["run"])
    rows = []
    for member, parameters in enumerate(run.parameters):
        generator = torch.Generator(device)
        generator.manual_seed(derived_seed(*name, member, "directions"))
        rows.append(
            relative_amplitudes(parameters, run.shape, inputs, k, deltas, n_directions, generator)
        )
        on_member(member)
    axes = {"member": range(run.members), "delta": deltas, "frequency": k.astype(int)}
    return long_table("relative_amplitude", np.stack(rows), axes)
