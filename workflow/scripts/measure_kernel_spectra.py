"""Measures the run of Experiment 4.

Input: files of the run. Params: n_bins. Output: tables spectra, shares, loss, eigenvalues.
"""

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements import kernel_spectra
from spectral_bias.measurements.finished import FinishedRun

with job(snakemake.log[0]):
    run = FinishedRun.of(snakemake.input)
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    spectra = kernel_spectra.spectrum_table(run, snakemake.params.n_bins)
    write_table(snakemake.output.spectra, spectra, meta)
    write_table(snakemake.output.shares, kernel_spectra.share_table(run), meta)
    write_table(snakemake.output.loss, kernel_spectra.loss_table(run), meta)
    write_table(snakemake.output.eigenvalues, kernel_spectra.eigenvalue_table(run), meta)
