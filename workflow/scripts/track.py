"""Brings finished runs and figures of one scale into the MLflow store.

Input: figures, runs and claims, found by their places under results/. Params: scale. Output:
tracking.json, which ties run keys and figures to MLflow's run ids. A failing store is reported
there and in one line, and the next call of the workflow tries again.
"""

import sys
from pathlib import Path

from spectral_bias.artefacts import write_json
from spectral_bias.experiments import titles
from spectral_bias.runtime.job import job
from spectral_bias.tracking import track, tracking_uri

with job(snakemake.log[0]):
    uri = tracking_uri("results", snakemake.config["tracking"]["uri"])
    tracked = track(Path("results"), snakemake.params.scale, titles(), uri)
    if tracked["problem"]:
        print(
            f"warning: tracking: {tracked['problem']}; all results are complete without it",
            file=sys.stderr,
        )
    write_json(snakemake.output[0], tracked)
