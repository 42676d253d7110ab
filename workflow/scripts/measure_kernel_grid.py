"""Eigenvectors of a kernel on a line of points, and their spectra.

Params: grid (n_points, sigma). Output: tables vectors, spectra. They come from no training run.
"""

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.kernel_grid import grid_tables

with job(snakemake.log[0]):
    vectors, spectra = grid_tables(**snakemake.params.grid)
    meta = {"sources": [], "code_version": snakemake.params.code}
    write_table(snakemake.output.vectors, vectors, meta)
    write_table(snakemake.output.spectra, spectra, meta)
