"""Measures one network of larger images.

Input: index of the folder; model and record, weights or checkpoint of the network. Params: network
(what it is), paths (images, pairs, sampling), seed, precision. Output: tables models, spectra and
classes.
"""

import torch

from spectral_bias.artefacts import read_json, write_table
from spectral_bias.data.image_files import TEST, Listing
from spectral_bias.data.photograph_folder import read_levels
from spectral_bias.jobs import job
from spectral_bias.measurements.imagenet import measure
from spectral_bias.measurements.imagenet_models import measured_network
from spectral_bias.measurements.imagenet_plan import plan
from spectral_bias.progress import Progress
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.device import choose_device
from spectral_bias.training.precision import float32_mode

with job(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    index, paths = read_json(snakemake.input.index), snakemake.params.paths
    listing = Listing.of(index["folder"], TEST)
    name = snakemake.wildcards.network
    model = measured_network(
        name,
        snakemake.params.network,
        dict(snakemake.input.items()),
        len(listing.class_names),
        choose_device(snakemake.config["device"]),
    )
    counts = {key: paths[key] for key in ("class_images", "n_within", "n_between")}
    chosen = plan(listing, **counts, seed=snakemake.params.seed)
    progress = Progress(f"measure {name}", 100, "percent of the paths")
    with float32_mode(snakemake.params.precision):
        tables = measure(
            model,
            listing,
            chosen,
            Sampling(paths["spacing"], paths["n_samples"], paths["n_bins"]),
            read_levels(index["folder"]),
            high=paths["high"],
            workers=snakemake.threads - 1,
            on_share=lambda share: progress.update(int(100 * share), share),
        )
    progress.close()
    sources = [] if model.run_key is None else [model.run_key]
    meta = {"sources": sources, "code_version": snakemake.params.code}
    for table, content in tables.items():
        write_table(snakemake.output[table], content, meta)
