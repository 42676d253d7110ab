"""Prints what training and measuring the image classifiers costs, and does neither.

Params: runs (resolved settings), paths (fields of `cost.paths.PathWork`), scale, benchmark
(classifier.json of `make benchmark`, may be missing), measurements (number of jobs of each kind).
No output file.
"""

from spectral_bias.cost.paths import PathWork
from spectral_bias.cost.text import measured_tflops, plan_text
from spectral_bias.cost.training import costs
from spectral_bias.runtime.job import job
from spectral_bias.training.runs import ClassifierRun

with job(snakemake.log[0]):
    settings = snakemake.params
    measured = measured_tflops(settings.benchmark)
    found = costs(map(ClassifierRun.of, settings.runs))
    paths = [PathWork(**work) for work in settings.paths]
    print(plan_text(settings.scale, found, paths, measured, settings.measurements))
