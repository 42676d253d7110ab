"""Claims and report of a build in which jobs failed: made from what there is, with its gaps named.

    python -m spectral_bias.report.gaps < gaps.json

Snakemake leaves out every job that hangs on a failed one, and so the report and all claims. Their
rules then run here with the part of their input that this build has made: a claim on a table that
is missing is not tested, for lack of data. The workflow calls this when it ends with --keep-going;
the files are made again, in whole, as soon as what they lacked is there.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spectral_bias.artefacts import read_json, read_table, replacing, write_json, write_table
from spectral_bias.claims.checks import evaluate_checks
from spectral_bias.claims.registry import evaluate
from spectral_bias.errors import UserError
from spectral_bias.experiments import all_checks, all_claims
from spectral_bias.report.agreement import agreement_table
from spectral_bias.report.build import build_report
from spectral_bias.report.sources import Failure, Gaps, ReportSources
from spectral_bias.runtime.logs import read_log

RULES = ("claims", "agreement", "report")
"""What is made of a part of its input, in this order."""


@dataclass(frozen=True)
class UnfinishedJob:
    """A job that a build wanted and did not do.

    Attributes:
        rule: its name.
        input: files by the name of the input; a name may stand for one file or for several.
        output: its files.
        params: only of the rules in `RULES`.
        log: its log, if this build has written one.
    """

    rule: str
    input: Mapping[str, Sequence[str]]
    output: Sequence[str]
    params: Mapping[str, Any] = field(default_factory=dict)
    log: str = ""


def fill_in(jobs: Sequence[UnfinishedJob]) -> list[str]:
    """Makes the files of claims, agreement and report as far as they can be made.

    Args:
        jobs: all that a build wanted and did not do. What is there of their files is of an earlier
            build and is not read.

    Returns:
        The files that were written.
    """
    lacking = {file for job in jobs for file in job.output}
    written: list[str] = []
    for job in sorted((job for job in jobs if job.rule in RULES), key=_order):
        have = {
            name: [file for file in files if file not in lacking and Path(file).is_file()]
            for name, files in job.input.items()
        }
        _MAKERS[job.rule](job, have, jobs)
        lacking -= {*job.output}
        written += job.output
    return written


def _order(job: UnfinishedJob) -> int:
    return RULES.index(job.rule)


def _claims(job: UnfinishedJob, have: Mapping[str, list[str]], _: Sequence[UnfinishedJob]) -> None:
    tables = {name: read_table(files[0]) for name, files in have.items() if files}
    claims, checks = job.output
    write_json(claims, evaluate(all_claims(), tables))
    write_json(checks, evaluate_checks(all_checks(), tables))


def _agreement(
    job: UnfinishedJob, have: Mapping[str, list[str]], _: Sequence[UnfinishedJob]
) -> None:
    write_table(job.output[0], agreement_table(read_json(name) for name in have["figures"]))


def _report(
    job: UnfinishedJob, have: Mapping[str, list[str]], jobs: Sequence[UnfinishedJob]
) -> None:
    target = Path(job.output[0])
    page = build_report(
        ReportSources(
            figures=[Path(file) for file in have["figures"]],
            claims=Path(have["claims"][0]),
            checks=Path(have["checks"][0]),
            agreement=[Path(file) for file in have["agreement"]],
            runs=[Path(file) for file in have["runs"]],
            scale=job.params["scale"],
            root=target.parent,
            settings=job.params["settings"],
            logs=sorted((target.parent / "logs").rglob("*.log")),
            gaps=Gaps(
                failures=_failures(jobs),
                figures=[
                    (Path(file).parent.name, Path(file).stem)
                    for file in job.input["figures"]
                    if file not in have["figures"]
                ],
            ),
        )
    )
    with replacing(target) as temporary:
        temporary.write_text(page, encoding="utf-8")


_MAKERS = {"claims": _claims, "agreement": _agreement, "report": _report}


def _failures(jobs: Sequence[UnfinishedJob]) -> list[Failure]:
    """The jobs that began and did not end well; the others waited for one of them."""
    logs = [read_log(Path(job.log)) for job in jobs if job.log]
    return [
        Failure(log.path.as_posix(), log.state, log.said) for log in logs if log.state != "done"
    ]


def main() -> None:
    """Reads unfinished jobs as a list in JSON from standard input; says what was written."""
    try:
        written = fill_in([UnfinishedJob(**job) for job in json.load(sys.stdin)])
    except UserError as error:
        sys.exit(f"error: claims and report with gaps: {error}")
    if written:
        print(f"with gaps, of what could be made: {', '.join(written)}", file=sys.stderr)


if __name__ == "__main__":
    main()
