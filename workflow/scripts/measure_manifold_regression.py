"""Measures the run of Experiment 5. Input: files of the run. Output: tables spectrum, loss."""

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements import manifolds
from spectral_bias.measurements.finished import FinishedRun

with job(snakemake.log[0]):
    run = FinishedRun.of(snakemake.input)
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    write_table(snakemake.output.spectrum, manifolds.spectrum_table(run), meta)
    write_table(snakemake.output.loss, manifolds.loss_table(run), meta)
