"""Measures the classifier of Experiment 9.

Input: model and record of the run, its images. Params: settings (end points, attack, paths).
Output: tables classifier, attacks, paths and images; the shown images as arrays.
"""

import torch

from spectral_bias.artefacts import write_arrays, write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.adversarial_tables import measure
from spectral_bias.measurements.classifier import FinishedClassifier
from spectral_bias.progress import Progress
from spectral_bias.training.device import choose_device
from spectral_bias.training.precision import float32_mode

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    device = choose_device(snakemake.config["device"])
    run = FinishedClassifier.of(**dict(snakemake.input.items()), device=device)
    progress = Progress("measure adversarial", 100, "percent of the paths")
    with float32_mode(run.record["precision"]):
        tables, pixels = measure(
            run,
            snakemake.params.settings,
            lambda done, total: progress.update(100 * done // total),
        )
    progress.close()
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    for name, table in tables.items():
        write_table(snakemake.output[name], table, meta)
    write_arrays(snakemake.output.pixels, {"pixels": pixels}, meta)
