"""Collects the losses of Experiment 3. Input: files of the run. Output: one table."""

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.finished import FinishedRun
from spectral_bias.measurements.label_noise import loss_table

with job(snakemake.log[0]):
    run = FinishedRun.of(snakemake.input)
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    write_table(snakemake.output[0], loss_table(run), meta)
