"""Evaluates every claim. Input: measured tables, each under its own name. Output: claims.json."""

from spectral_bias.artefacts import read_table, write_json
from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments import all_claims
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    tables = {name: read_table(path) for name, path in snakemake.input.items()}
    write_json(snakemake.output[0], evaluate(all_claims(), tables))
