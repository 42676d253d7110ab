"""Measures one sweep of Experiment 7.

Input: files of its runs, four for each. Params: networks (depth, width, weight_clip of each).
Output: any of the tables spectrum, share, function.
"""

from itertools import groupby
from pathlib import Path

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements import delta
from spectral_bias.measurements.finished import FinishedRun

with job(snakemake.log[0]):
    files = map(Path, snakemake.input)
    runs = [FinishedRun.of(group) for _, group in groupby(files, key=lambda file: file.parent)]
    meta = {"sources": [run.run_key for run in runs], "code_version": snakemake.params.code}
    for name, path in snakemake.output.items():
        measured = map(getattr(delta, f"{name}_table"), runs)
        write_table(path, delta.of_sweep(measured, snakemake.params.networks), meta)
