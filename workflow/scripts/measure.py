"""Measures finished runs.

Input: whatever the experiment declares, by name. Params: measure (the function that measures, its
arguments, the inputs that each table is made from, the code version). Output: tables and arrays.
"""

from pathlib import Path

from spectral_bias.measurements.measuring import MeasuringJob, write_measured
from spectral_bias.names import named
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    given = snakemake.params.measure
    files = {
        name: [Path(file) for file in ([listed] if isinstance(listed, str) else listed)]
        for name, listed in snakemake.input.items()
    }
    item = snakemake.wildcards.get("item", "")
    measuring = MeasuringJob(
        name=" ".join(filter(None, [snakemake.rule, item])),
        item=item,
        files=files,
        threads=snakemake.threads,
        wanted_device=snakemake.config["device"],
    )
    made = named(given["function"])(measuring, **given["arguments"])
    write_measured(made, dict(snakemake.output.items()), files, given["made_from"], given["code"])
