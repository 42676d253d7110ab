"""What a workflow decides when it starts holds for every job: GPUs, code, more memory each time."""

import os
import subprocess
import sys

import pytest

SNAKEFILE = """
from types import SimpleNamespace

SETTINGS = SimpleNamespace(device="{device}", model_dump=lambda include: {{"tracking": None}})


include: "{root}/workflow/rules/start.smk"


rule two:
    input:
        "0.txt",
        "1.txt",


rule one:
    output:
        "{{n}}.txt",
    resources:
        mem_mb=grown(100),
        gpu=GPU,
    retries: 1
    shell:
        "echo {{resources.mem_mb}} {{resources.gpu}} {{config[device]}} >> {{wildcards.n}}.log;"
        "echo begin >> order; sleep 1; echo end >> order; test {{resources.mem_mb}} -ge 200;"
        "{{sys.executable}} -m spectral_bias.job > {{output}};"
"""


def built(root, device, gpus):
    """A run of two jobs, each of which fails at first, on a machine with so many GPUs."""
    (root / "Snakefile.jobs").write_text(SNAKEFILE.format(device=device, root=root))
    (root / "src/spectral_bias/job.py").write_text("print('as it was')")
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "SPECTRAL_BIAS_GPUS": str(gpus)}
    # The code is edited once the first job runs.
    edit = "until test -e order; do sleep 0.1; done; echo 'edited' > src/spectral_bias/job.py"
    editor = subprocess.Popen(["sh", "-c", edit], cwd=root)
    command = [sys.executable, "-m", "snakemake", "--snakefile", "Snakefile.jobs", "--cores", "2"]
    done = subprocess.run(
        [*command, "--workflow-profile", "none"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )
    editor.wait()
    assert done.returncode == 0, done.stdout + done.stderr
    return [(root / f"{n}.log").read_text().splitlines() for n in range(2)]


def most_together(root):
    running, most = 0, 0
    for line in (root / "order").read_text().splitlines():
        running += 1 if line == "begin" else -1
        most = max(most, running)
    return most


@pytest.mark.parametrize(
    ("device", "gpus", "given", "together"),
    [("auto", 0, "0 cpu", 2), ("auto", 1, "1 auto", 1), ("cuda", 2, "1 cuda", 2)],
)
def test_a_job_holds_one_gpu_and_gets_more_memory_the_second_time(
    checkout, device, gpus, given, together
):
    assert built(checkout, device, gpus) == [[f"100 {given}", f"200 {given}"]] * 2
    assert most_together(checkout) == together
    assert [(checkout / f"{n}.txt").read_text() for n in range(2)] == ["as it was\n"] * 2
