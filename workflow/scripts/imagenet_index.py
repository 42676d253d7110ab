"""Looks through a folder of images before anything is trained on it or measured.

Input: the folder. Params: needed (validation images of each class), trained (whether networks are
trained on it). Output: what it holds, as JSON.
"""

from spectral_bias.artefacts import write_json
from spectral_bias.data.folder_index import index_folder, require_images
from spectral_bias.data.image_files import TEST, TRAIN
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    folder = snakemake.input[0]
    parts = (TRAIN, TEST) if snakemake.params.trained else (TEST,)
    needed = snakemake.params.needed
    why = f"fridovichkeil2021.imagenet.interpolation.class_images asks for {needed}"
    found = index_folder(
        folder,
        parts,
        threads=snakemake.threads,
        check=lambda part, counts: (
            require_images(counts, needed, why, f"{folder}/{part}") if part == TEST else None
        ),
    )
    write_json(snakemake.output[0], found)
