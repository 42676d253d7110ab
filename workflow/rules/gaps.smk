"""What is still made when jobs failed and the rest went on; no rules."""

import json
import subprocess
import time
from pathlib import Path

BEGAN = time.time()


def unfinished_jobs():
    """What this build wanted and did not do, as `spectral_bias.report.gaps` reads it."""
    return [
        {
            "rule": job.rule.name,
            "input": {
                name: [str(files)] if isinstance(files, str) else [*map(str, files)]
                for name, files in job.input.items()
            },
            "output": [*map(str, job.output)],
            "params": dict(job.params.items()) if job.rule.name == "report" else {},
            "log": next((str(f) for f in job.log if is_of_this_build(Path(f))), ""),
        }
        for job in workflow.dag.needrun_jobs()
    ]


def is_of_this_build(log):
    return log.is_file() and log.stat().st_mtime >= BEGAN


onerror:
    if workflow.execution_settings.keep_going:
        command = [*shlex.split(sys.executable), "-m", "spectral_bias.report.gaps"]
        subprocess.run(command, input=json.dumps(unfinished_jobs()), text=True)
