"""Evaluates every claim on the measured tables.

Input: measured tables, each under its own name (all inputs but `code`). Output: claims.json.
"""

from spectral_bias.artefacts import read_table, write_json
from spectral_bias.claims import ALL_CLAIMS, evaluate

tables = {name: read_table(path) for name, path in snakemake.input.items() if name != "code"}
write_json(snakemake.output[0], evaluate(ALL_CLAIMS, tables))
