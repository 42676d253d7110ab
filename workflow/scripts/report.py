"""Builds the report.

Input: figures (figNN.json, each with its .png beside it), claims (claims.json), runs (run.json).
Params: scale (name), settings (resolved settings), benchmarks (benchmark files; may be absent).
Output: report.html.
"""

from pathlib import Path

from spectral_bias.artefacts import replacing
from spectral_bias.report import ReportSources, build_report


def paths(names: str | list[str]) -> list[Path]:
    """One path or several, as Snakemake hands over a named input."""
    return [Path(names)] if isinstance(names, str) else [Path(name) for name in names]


target = Path(snakemake.output[0])
page = build_report(
    ReportSources(
        figures=paths(snakemake.input.figures),
        claims=Path(snakemake.input.claims),
        runs=paths(snakemake.input.runs),
        scale=snakemake.params.scale,
        root=target.parent,
        settings=snakemake.params.get("settings", {}),
        benchmarks=paths(snakemake.params.get("benchmarks", [])),
    )
)
with replacing(target) as temporary:
    temporary.write_text(page, encoding="utf-8")
