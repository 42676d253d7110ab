"""Builds the data of one training run.

Input: prepared data sets by name, if the run needs any. Params: run (resolved settings), builder
(module). Output: problem.npz.
"""

from importlib import import_module

from spectral_bias.data.problem import write_problem
from spectral_bias.runtime.job import job
from spectral_bias.training.runs import MlpRun

with job(snakemake.log[0]):
    run = MlpRun.of(snakemake.params.run)
    builder = import_module(snakemake.params.builder)
    problem, facts = builder.build(run.problem_settings(), **dict(snakemake.input.items()))
    meta = {"run": run.settings(), "code_version": snakemake.params.code}
    write_problem(snakemake.output[0], problem, facts, meta)
