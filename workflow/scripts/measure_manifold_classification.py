"""Evaluates the networks of Experiment 6.

Input: files of the run. Params: points (along each axis of Figure 7). Output: tables accuracy,
decision, samples.
"""

import torch

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements import manifolds
from spectral_bias.measurements.finished import FinishedRun

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    run = FinishedRun.of(snakemake.input)
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    write_table(snakemake.output.accuracy, manifolds.accuracy_table(run), meta)
    decision = manifolds.decision_table(run, snakemake.params.points)
    write_table(snakemake.output.decision, decision, meta)
    write_table(snakemake.output.samples, manifolds.samples_table(run), meta)
