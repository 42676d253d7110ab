"""Joins the tables that single classifiers gave.

Input: tables of the same columns. Output: one table.
"""

from pathlib import Path

import pandas as pd

from spectral_bias.artefacts import read_meta, read_table, write_table
from spectral_bias.jobs import job

with job(snakemake.log[0]):
    table = pd.concat([read_table(path) for path in snakemake.input], ignore_index=True)
    sources = [key for path in snakemake.input for key in read_meta(Path(path))["sources"]]
    meta = {"sources": sources, "code_version": snakemake.params.code}
    write_table(snakemake.output[0], table, meta)
