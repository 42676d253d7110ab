"""Prints what training and measuring costs, and does neither.

Params: runs (resolved settings), sections (names of the runs of each), builders (module of each
problem), memory_mb (of each kind of training job), measuring_mb (of the largest measuring job),
paths (fields of `cost.paths.PathWork`), scale, benchmark (classifier.json of `make benchmark`, may
be missing), measurements (number of jobs of each kind). No output file.
"""

from spectral_bias.cost.paths import PathWork
from spectral_bias.cost.sections import section_costs
from spectral_bias.cost.text import measured_tflops, plan_text, sections_text
from spectral_bias.cost.training import costs
from spectral_bias.runtime.job import job
from spectral_bias.training.runs import ClassifierRun, run_of

with job(snakemake.log[0]):
    settings = snakemake.params
    measured = measured_tflops(settings.benchmark)
    runs = {name: run_of(run) for name, run in settings.runs.items()}
    found = costs(run for run in runs.values() if isinstance(run, ClassifierRun))
    paths = [PathWork(**work) for work in settings.paths]
    sections = section_costs(
        settings.sections, runs, settings.builders, settings.memory_mb, found, paths
    )
    print(sections_text(settings.scale, sections, measured, settings.measuring_mb), end="\n\n")
    print(plan_text(settings.scale, found, paths, measured, settings.measurements))
