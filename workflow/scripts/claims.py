"""Evaluates every claim. Input: measured tables, each under its own name. Output: claims.json."""

from spectral_bias.artefacts import read_table, write_json
from spectral_bias.claims import ALL_CLAIMS, evaluate
from spectral_bias.jobs import job

with job(snakemake.log[0]):
    tables = {name: read_table(path) for name, path in snakemake.input.items()}
    write_json(snakemake.output[0], evaluate(ALL_CLAIMS, tables))
