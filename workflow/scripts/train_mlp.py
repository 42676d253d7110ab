"""Trains one ensemble of ReLU networks.

Input: problem.npz. Params: run (resolved settings), scale. Output: model, history, metrics, record.
"""

from pathlib import Path

from spectral_bias.runtime.job import job
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.ensemble.job import train_run

with job(snakemake.log[0]):
    train_run(
        snakemake.params.run,
        snakemake.input.problem,
        Path(snakemake.output.record).parent,
        JobContext.of(snakemake),
    )
