"""Measures finished runs, or several items one after another.

Input and output: the files of every item after those of the one before. Params: measure (the
function that measures, its tables, the inputs that each table is made from, the code version, and
of each item its name, arguments and how many files each input has).
"""

from itertools import islice
from pathlib import Path

from spectral_bias.measurements.measuring import MeasuringJob, write_measured
from spectral_bias.names import named
from spectral_bias.runtime.job import job, part

with job(snakemake.log[0]):
    given = snakemake.params.measure
    inputs, outputs = (iter(map(Path, files)) for files in (snakemake.input, snakemake.output))
    for item in given["items"]:
        files = {name: list(islice(inputs, count)) for name, count in item["inputs"].items()}
        made_by_stem = {Path(name).stem: next(outputs) for name in given["tables"]}
        measuring = MeasuringJob(
            name=" ".join(filter(None, [snakemake.rule, item["item"]])),
            item=item["item"],
            files=files,
            threads=snakemake.threads,
            wanted_device=snakemake.config["device"],
        )
        made_from = {Path(name).stem: some for name, some in given["made_from"].items()}
        with part(measuring.name):
            made = named(given["function"])(measuring, **item["arguments"])
            write_measured(made, made_by_stem, files, made_from, given["code"])
