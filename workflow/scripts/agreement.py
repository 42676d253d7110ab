"""Gathers all comparisons with the authors' own figures.

Input: figures (figNN.json). Output: agreement.csv.
"""

from spectral_bias.artefacts import read_json, write_table
from spectral_bias.report.agreement import agreement_table
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    write_table(
        snakemake.output[0], agreement_table(read_json(name) for name in snakemake.input.figures)
    )
