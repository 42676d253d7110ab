"""Collects the losses of Experiment 8 and describes its inputs.

Input: reconstructions of the autoencoder; files of the run of each kind of inputs. Output: tables
loss, inputs.
"""

import pandas as pd

from spectral_bias.artefacts import read_arrays, write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.finished import FinishedRun
from spectral_bias.measurements.random_labels import inputs_table, loss_table, reconstruction_table

KINDS = ("manifold", "flat", "flat_stretched")

with job(snakemake.log[0]):
    _, autoencoder = read_arrays(snakemake.input.reconstructions)
    runs = {kind: FinishedRun.of(snakemake.input[kind]) for kind in KINDS}
    meta = {
        "sources": [*(run.run_key for run in runs.values()), autoencoder["run_key"]],
        "code_version": snakemake.params.code,
    }
    losses = [loss_table(run).assign(inputs=kind) for kind, run in runs.items()]
    write_table(snakemake.output.loss, pd.concat(losses, ignore_index=True), meta)
    parts = [inputs_table(run.problem.inputs).assign(inputs=kind) for kind, run in runs.items()]
    parts.append(reconstruction_table(autoencoder).assign(inputs="manifold"))
    write_table(snakemake.output.inputs, pd.concat(parts, ignore_index=True), meta)
