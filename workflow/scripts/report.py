"""Builds the report.

Input: figures (figNN.json, each with its .png beside it), claims (claims.json), checks
(checks.json), agreement (agreement.csv), runs (run.json).
Params: scale (name), settings (resolved settings). Job times come from the logs of the jobs.
Output: report.html.
"""

from pathlib import Path

from spectral_bias.artefacts import replacing
from spectral_bias.report.build import build_report
from spectral_bias.report.sources import ReportSources
from spectral_bias.runtime.job import job

with job(snakemake.log[0]):
    target = Path(snakemake.output[0])
    page = build_report(
        ReportSources(
            figures=[Path(name) for name in snakemake.input.figures],
            claims=Path(snakemake.input.claims),
            agreement=[Path(name) for name in snakemake.input.agreement],
            checks=Path(snakemake.input.checks),
            runs=[Path(name) for name in snakemake.input.runs],
            scale=snakemake.params.scale,
            root=target.parent,
            settings=snakemake.params.settings,
            logs=sorted((target.parent / "logs").rglob("*.log")),
        )
    )
    with replacing(target) as temporary:
        temporary.write_text(page, encoding="utf-8")
