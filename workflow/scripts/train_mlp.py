"""Trains one ensemble of small networks, unless another scale has trained it.

Input: problem.npz. Params: run (resolved settings), scale. Output: model, history, metrics, record.
"""

from pathlib import Path

from spectral_bias.artefacts import read_array_meta
from spectral_bias.provenance import run_key
from spectral_bias.runtime.job import job, part
from spectral_bias.runtime.lock import alone
from spectral_bias.runtime.reuse import taken_over
from spectral_bias.training.runs import MlpRun

with job(snakemake.log[0]):
    settings, problem = snakemake.params.run, snakemake.input.problem
    checksum = read_array_meta(problem)["data_checksum"]
    folder = Path(snakemake.output.record).parent
    with alone(folder):
        if not taken_over(run_key(settings, snakemake.params.code, checksum), snakemake.output):
            from spectral_bias.runtime.record import JobContext
            from spectral_bias.training.ensemble.job import train_run

            with part(settings["run"]):
                train_run(MlpRun.of(settings), problem, folder, JobContext.of(snakemake))
