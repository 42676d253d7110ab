"""Measures one classifier along paths between test images.

Input: model, parameters of kept epochs and record of the run, its images, shifted test images.
Params: settings (pairs, sampling), seed (of the pairs). Output: tables summary, fractions, spectra,
classes.
"""

import torch

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.classifier_epochs import MeasuredClassifier, over_epochs
from spectral_bias.measurements.interpolation_tables import Interpolation
from spectral_bias.progress import Progress
from spectral_bias.training.device import choose_device

NAMES = {
    "summary": "interpolation_summary",
    "fractions": "interpolation_fractions",
    "spectra": "interpolation_spectra",
    "classes": "class_accuracy",
}

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    files = dict(snakemake.input.items())
    run = MeasuredClassifier.of(**files, device=choose_device(snakemake.config["device"]))
    settings = Interpolation.of(snakemake.params.settings, snakemake.params.seed, run.batch_size)
    states = run.states()
    progress = Progress(f"measure {run.name}", len(states), "epochs")
    tables = over_epochs(run, states, settings, progress.update)
    progress.close()
    meta = {"sources": [run.run_key], "code_version": snakemake.params.code}
    for output, name in NAMES.items():
        write_table(snakemake.output[output], tables[name], meta)
