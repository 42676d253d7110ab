"""Compares K-nearest-neighbour classifiers with networks.

Input: files of the run of Experiment 6 (cells) and of the run of one cell (networks). Params:
sizes (n_neighbours, box, box_points), fit_band. Output: tables accuracy, spectrum, exponent.
"""

import torch

from spectral_bias.artefacts import write_table
from spectral_bias.jobs import job
from spectral_bias.measurements.finished import FinishedRun
from spectral_bias.measurements.neighbours import accuracy_table, exponent_table, spectrum_table
from spectral_bias.progress import Progress

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    sizes = snakemake.params.sizes
    cells, networks = (FinishedRun.of(snakemake.input[name]) for name in ("cells", "networks"))
    progress = Progress("measure neighbours", 1 + len(sizes["n_neighbours"]), "kinds of maps")
    code = {"code_version": snakemake.params.code}
    accuracy = accuracy_table(cells, sizes["n_neighbours"])
    write_table(snakemake.output.accuracy, accuracy, {"sources": [cells.run_key], **code})
    meta = {"sources": [networks.run_key], **code}
    spectrum = spectrum_table(networks, **sizes, on_model=progress.update)
    write_table(snakemake.output.spectrum, spectrum, meta)
    exponents = exponent_table(networks, spectrum, snakemake.params.fit_band)
    write_table(snakemake.output.exponent, exponents, meta)
    progress.close()
