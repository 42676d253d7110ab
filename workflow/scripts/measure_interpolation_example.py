"""One path within a class and one between two, as a figure shows them.

Input: model and record of the run, its images. Params: settings, seed. Output: tables example and
spectrum; the shown images as arrays.
"""

import torch

from spectral_bias.artefacts import write_arrays, write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.classifier_epochs import MeasuredClassifier
from spectral_bias.measurements.interpolation_example import example
from spectral_bias.measurements.interpolation_tables import Interpolation, measured
from spectral_bias.training.device import choose_device

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    files = dict(snakemake.input.items())
    run = MeasuredClassifier.of(**files, device=choose_device(snakemake.config["device"]))
    settings = Interpolation.of(snakemake.params.settings, snakemake.params.seed, run.batch_size)
    run.load(run.last_state())
    found = measured(run.network, run.test, settings, run=run.name, epoch=run.last_epoch)
    tables, images = example(run.network, run.test, run.pixels, found.paths, settings)
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    write_table(snakemake.output.example, tables["interpolation_example"], meta)
    write_table(snakemake.output.spectrum, tables["interpolation_example_spectrum"], meta)
    write_arrays(snakemake.output.images, images, meta)
