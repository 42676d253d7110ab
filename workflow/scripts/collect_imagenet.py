"""Joins the tables of all networks of larger images; picks images of classes that stand out.

Input: index of the folder, and each network's tables models, spectra and classes; nothing where
nothing is measured. Params: paths (images of a class), seed. Output: the tables, samples.
"""

from spectral_bias.artefacts import read_json, read_meta, read_table, write_arrays, write_table
from spectral_bias.data.image_files import TEST, Listing
from spectral_bias.jobs import job
from spectral_bias.measurements.imagenet_plan import plan
from spectral_bias.measurements.imagenet_tables import (
    COLUMNS,
    extreme_classes,
    sample_images,
    together,
)

with job(snakemake.log[0]):
    files = {name: list(snakemake.input.get(name) or []) for name in ("index", *COLUMNS)}
    parts = [
        dict(zip(COLUMNS, map(read_table, row), strict=True))
        for row in zip(*(files[name] for name in COLUMNS), strict=True)
    ]
    tables = together(parts)
    sources = sorted({key for file in files["models"] for key in read_meta(file)["sources"]})
    meta = {"sources": sources, "code_version": snakemake.params.code}
    for name, table in tables.items():
        write_table(snakemake.output[name], table, meta)
    listing, of_class, shown = None, [], []
    if parts:
        paths = snakemake.params.paths
        listing = Listing.of(read_json(files["index"][0])["folder"], TEST)
        counts = {key: paths[key] for key in ("class_images", "n_within", "n_between")}
        of_class = plan(listing, **counts, seed=snakemake.params.seed).of_class
        shown = extreme_classes(tables["classes"])
    write_arrays(snakemake.output.samples, sample_images(listing, shown, of_class), meta)
