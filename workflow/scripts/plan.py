"""Prints what training the image classifiers costs, and trains nothing.

Params: runs (resolved settings), scale, precision, benchmark (classifier.json of `make benchmark`,
may be missing), measurements (number of jobs of each kind). No output file.
"""

from spectral_bias.cost import costs, measured_tflops, plan_text
from spectral_bias.runtime.job import job
from spectral_bias.training.runs import ClassifierRun

with job(snakemake.log[0]):
    settings = snakemake.params
    measured = measured_tflops(settings.benchmark, settings.precision)
    found = costs(map(ClassifierRun.of, settings.runs))
    print(plan_text(settings.scale, found, settings.precision, measured, settings.measurements))
