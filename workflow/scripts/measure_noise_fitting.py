"""Tables of noise fitting and of all classifiers.

Input: records and histories of the runs. Params: interventions, bases, warm_up. Output: tables
classifiers, interventions, fitting, minima.
"""

import pandas as pd

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.noise_fitting import (
    classifier_table,
    finished_runs,
    minima_table,
    noise_fitting_table,
)

with job(snakemake.log[0]):
    runs = finished_runs(snakemake.input.records)
    fitting = noise_fitting_table(runs, snakemake.params.bases)
    tables = {
        "classifiers": classifier_table(runs),
        "interventions": pd.DataFrame(snakemake.params.interventions),
        "fitting": fitting,
        "minima": minima_table(fitting, snakemake.params.warm_up),
    }
    sources = [record["run_key"] for record, _ in runs]
    meta = {"sources": sources, "code_version": snakemake.params.code}
    for name, table in tables.items():
        write_table(snakemake.output[name], table, meta)
