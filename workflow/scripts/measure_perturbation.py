"""Measures how robust the spectra of Experiment 2 are.

Input: files of the run. Params: sizes (delta_max, n_deltas, n_directions). Output: one table.
"""

import torch

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.finished import FinishedRun
from spectral_bias.measurements.perturbation import perturbation_table
from spectral_bias.progress import Progress
from spectral_bias.training.device import choose_device

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    run = FinishedRun.of(snakemake.input)
    progress = Progress("measure perturbation", run.members, "networks")
    table = perturbation_table(
        run,
        **snakemake.params.sizes,
        device=choose_device(snakemake.config["device"]),
        on_member=lambda member: progress.update(member + 1),
    )
    progress.close()
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    write_table(snakemake.output[0], table, meta)
