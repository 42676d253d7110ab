"""Evaluates every claim and every check.

Input: measured tables, each under its own name. Output: claims (claims.json), checks (checks.json).
"""

from spectral_bias.artefacts import read_table, write_json
from spectral_bias.claims.checks import evaluate_checks
from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments import all_checks, all_claims
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    tables = {name: read_table(path) for name, path in snakemake.input.items()}
    write_json(snakemake.output.claims, evaluate(all_claims(), tables))
    write_json(snakemake.output.checks, evaluate_checks(all_checks(), tables))
