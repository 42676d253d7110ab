"""Fetches the weights of one of torchvision's classifiers.

Params: model (its name and that of the weights). Output: the file.
"""

from spectral_bias.models.pretrained import fetch, named_weights
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    fetch(named_weights(snakemake.params.model), snakemake.output[0])
