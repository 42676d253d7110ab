"""Brings the finished training runs of one paper and scale into the MLflow store.

Input: the runs, found by their places under results/. Params: scale. Output: tracking.json of the
paper, which ties run keys to MLflow's run ids. What failed stands there and in the log; `track`
brings it in, and says so if it fails again.
"""

import logging

from spectral_bias.artefacts import write_json
from spectral_bias.experiments import titles
from spectral_bias.runtime.job import job
from spectral_bias.tracking import track_runs, tracking_uri

with job(snakemake.log[0]):
    uri = tracking_uri("results", snakemake.config["tracking"]["uri"])
    paper = snakemake.wildcards.paper
    tracked = track_runs("results", snakemake.params.scale, titles(), paper, uri)
    if tracked["problem"]:
        logging.warning("tracking: %s", tracked["problem"])
    write_json(snakemake.output[0], tracked)
