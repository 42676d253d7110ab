"""The target of Experiment 7. Input: problem file of a run. Output: tables target, spectrum."""

from spectral_bias.artefacts import write_table
from spectral_bias.data.problem import read_problem
from spectral_bias.jobs import job
from spectral_bias.measurements.delta import target_spectrum_table, target_table

with job(snakemake.log[0]):
    problem, _, _ = read_problem(snakemake.input[0])
    meta = {"sources": [], "code_version": snakemake.params.code}
    write_table(snakemake.output.target, target_table(problem), meta)
    write_table(snakemake.output.spectrum, target_spectrum_table(problem), meta)
