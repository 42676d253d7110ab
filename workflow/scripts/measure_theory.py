"""Measures exact spectra of random networks and of those that were trained for the theory check.

Input: files of each run, by its name. Params: theory (which random networks, which frequencies),
seed. Output: tables networks, spectrum.
"""

import numpy as np
import torch

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.finished import FinishedRun
from spectral_bias.measurements.theory import theory_tables
from spectral_bias.models.batched import NetworkShape

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    theory = dict(snakemake.params.theory)
    runs = [FinishedRun.of(files) for _, files in snakemake.input.items()]
    networks, spectrum = theory_tables(
        runs,
        [NetworkShape(1, **shape) for shape in theory.pop("shapes")],
        NetworkShape(1, **theory.pop("network")),
        seed=snakemake.params.seed,
        frequencies=np.array(theory.pop("frequencies")),
        **theory,
    )
    meta = {"sources": [run.run_key for run in runs], "code_version": snakemake.params.code}
    write_table(snakemake.output.networks, networks, meta)
    write_table(snakemake.output.spectrum, spectrum, meta)
