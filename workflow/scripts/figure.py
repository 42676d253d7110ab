"""Draws one figure.

Input: the measured tables that the figure needs. Wildcards: paper, figure. Params: context (scale,
settings). Output: png, pdf, csv and json of one stem.
"""

from pathlib import Path

from spectral_bias.figures.build import build
from spectral_bias.jobs import job

with job(snakemake.log[0]):
    build(
        snakemake.wildcards.paper,
        snakemake.wildcards.figure,
        list(snakemake.input),
        Path(snakemake.output.png).with_suffix(""),
        snakemake.params.context,
        snakemake.params.code,
    )
