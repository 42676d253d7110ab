"""Measures the runs of Experiment 1.

Input: files of the runs with equal and with increasing amplitudes. Params: snapshots (iterations).
Output: tables spectrum, norms, loss, function; all but the last hold both settings.
"""

from collections.abc import Callable

import pandas as pd

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements import sinusoids
from spectral_bias.measurements.finished import FinishedRun

with job(snakemake.log[0]):
    runs = {name: FinishedRun.of(snakemake.input[name]) for name in ("equal", "increasing")}
    meta = {
        "sources": [run.run_key for run in runs.values()],
        "code_version": snakemake.params.code,
    }

    def both(table: Callable) -> pd.DataFrame:
        """One table over the settings."""
        parts = [table(run).assign(setting=name) for name, run in runs.items()]
        return pd.concat(parts, ignore_index=True)

    write_table(snakemake.output.spectrum, both(sinusoids.spectrum_table), meta)
    write_table(snakemake.output.norms, both(sinusoids.norms_table), meta)
    write_table(snakemake.output.loss, both(sinusoids.loss_table), meta)
    function = sinusoids.function_table(runs["equal"], snakemake.params.snapshots)
    meta = {**meta, "sources": [runs["equal"].run_key]}
    write_table(snakemake.output.function, function.assign(setting="equal"), meta)
