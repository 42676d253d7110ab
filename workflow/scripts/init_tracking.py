"""Makes the MLflow store and the experiments before any job logs to them.

Output: a marker that holds the experiment ids. It is written even if the store fails, since results
do not depend on it; the failure is reported, and is in the marker.
"""

import sys

from spectral_bias.artefacts import write_json
from spectral_bias.jobs import job
from spectral_bias.tracking import init_store, tracking_uri

with job(snakemake.log[0]):
    made = init_store(tracking_uri("results", snakemake.config["tracking"]["uri"]))
    if made["problem"]:
        print(f"warning: no tracking store: {made['problem']}", file=sys.stderr)
    write_json(snakemake.output[0], made)
