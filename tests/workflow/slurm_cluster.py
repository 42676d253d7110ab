"""A SLURM of one or several nodes on this machine for tests, with every file of its own in one
folder. Each node is a daemon, which can be killed as if its computer had died.

Needs root, since the daemons start jobs, and Debian's packages slurmctld, slurmd, munge and
slurm-client. It uses its own configuration, key, socket and ports, so it neither reads nor
disturbs a SLURM that is installed already. There is no accounting, so `sacct` does not work.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo", "scancel")
INSTALL = "apt-get install --no-install-recommends slurm-wlm slurmctld slurmd munge"
START_SECONDS = 60
STOP_SECONDS = 20
DEAD_AFTER_SECONDS = 60
"""Silence after which the controller gives a node up."""

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=5
StateSaveLocation={folder}/controller
SlurmdSpoolDir={folder}/node-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdTimeout={dead_after}
TreeWidth=50
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
MpiDefault=none
ReturnToService=2
MinJobAge=86400
DefMemPerCPU=1000
GresTypes=gpu
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
SlurmdParameters=config_overrides
"""
NODE = """\
NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} Gres=gpu:1 \
RealMemory={memory_mb} State=UNKNOWN
"""
# A stand-in for a GPU: a device file that every machine has.
GENERIC_RESOURCES = "NodeName={node} Name=gpu File=/dev/zero\n"


@dataclass(frozen=True)
class SlurmCluster:
    """A running cluster; commands reach it through `environment`."""

    folder: Path
    environment: dict[str, str]
    nodes: dict[str, subprocess.Popen[bytes]]

    def submitted_jobs(self) -> list[dict[str, str]]:
        """Every job since the start: id, name, state, CPUs and node, by the controller's record."""
        fields = ("id", "name", "state", "cpus", "node")
        command = ["squeue", "--all", "--noheader", "--states=all", "--format=%i|%j|%T|%C|%N"]
        rows = _output(command, self.environment).splitlines()
        return [dict(zip(fields, row.split("|"), strict=True)) for row in rows]

    def states(self) -> dict[str, str]:
        """The state of each node."""
        command = ["sinfo", "--noheader", "--Node", "--format=%N %T"]
        return dict(row.split() for row in _output(command, self.environment).splitlines())

    def kill(self, node: str) -> None:
        """Ends a node as a power failure would: its daemon and everything that runs there."""
        jobs = [job["id"] for job in self.submitted_jobs() if job["node"] == node]
        # Each step of a job has a keeper that belongs to no daemon.
        keepers = tuple(f"slurmstepd: [{job}." for job in jobs)
        parents, dead = {}, {self.nodes[node].pid}
        for pid, parent, words in _processes():
            parents[pid] = parent
            if words.startswith(keepers):
                dead.add(pid)
        while children := {pid for pid, parent in parents.items() if parent in dead} - dead:
            dead |= children
        for pid in dead:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.nodes[node].wait()


def why_unavailable() -> str | None:
    """What is missing to start a cluster here and how to get it; None if nothing is."""
    missing = [name for name in PROGRAMS if not _find(name)]
    if missing:
        return f"SLURM is not installed ({', '.join(missing)} missing): {INSTALL}"
    if os.geteuid() != 0:
        return "starting SLURM's daemons needs root"
    return None


@contextmanager
def slurm_cluster(
    nodes: int = 1, cpus: int | None = None, dead_after: int = DEAD_AFTER_SECONDS
) -> Iterator[SlurmCluster]:
    """Starts a cluster in a temporary folder, waits until it is idle, and always stops it.

    Args:
        nodes: how many.
        cpus: of each node; None is those of this machine.
        dead_after: seconds of silence after which the controller gives a node up.

    Raises:
        RuntimeError: it did not come up; the message holds the ends of the daemons' logs.
    """
    with ExitStack() as stack:
        # Not pytest's folder: munge insists on a path that every user may pass through.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="slurm-")))
        folder.chmod(0o755)
        names = [f"node{number}" for number in range(1, nodes + 1)]
        _write_configuration(folder, names, cpus or os.cpu_count(), dead_after)
        cluster = SlurmCluster(folder, _environment(folder), {})
        munge = stack.enter_context(
            _daemon(cluster, "munged", "--foreground", *_munge_files(folder))
        )
        _wait_until((folder / "munge.socket").exists, cluster, munge)
        controller = stack.enter_context(_daemon(cluster, "slurmctld", "-D"))
        for name in names:
            cluster.nodes[name] = stack.enter_context(_daemon(cluster, "slurmd", "-D", "-N", name))
        idle = dict.fromkeys(names, "idle")
        _wait_until(lambda: cluster.states() == idle, cluster, controller)
        stack.callback(_cancel_jobs, cluster)
        yield cluster


def _write_configuration(folder: Path, names: list[str], cpus: int, dead_after: int) -> None:
    host = socket.gethostname().split(".")[0]
    controller_port, *ports = _free_ports(1 + len(names))
    configuration = CONFIGURATION.format(
        folder=folder, host=host, controller_port=controller_port, dead_after=dead_after
    )
    memory_mb = _memory_mb() * 9 // 10
    for name, port in zip(names, ports, strict=True):
        configuration += NODE.format(
            node=name, host=host, port=port, cpus=cpus, memory_mb=memory_mb
        )
        (folder / f"node-{name}").mkdir()
    (folder / "slurm.conf").write_text(configuration)
    gpus = [GENERIC_RESOURCES.format(node=name) for name in names]
    (folder / "gres.conf").write_text("".join(gpus))
    (folder / "controller").mkdir()


def _environment(folder: Path) -> dict[str, str]:
    """Variables that lead SLURM's commands, also those within its jobs, to this cluster.

    Snakemake drops every SLURM_* variable but a few before it calls srun within a job, and with
    them the configuration; so srun is wrapped.
    """
    configuration = folder / "slurm.conf"
    wrapper = folder / "bin" / "srun"
    wrapper.parent.mkdir()
    wrapper.write_text(f"#!/bin/sh\nSLURM_CONF='{configuration}' exec {_find('srun')} \"$@\"\n")
    wrapper.chmod(0o755)
    search = f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": search, "SLURM_CONF": str(configuration)}


def _munge_files(folder: Path) -> list[str]:
    """Options of munged: a key made for this cluster, and every other file beside it."""
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    kinds = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed"}
    options = [f"--{option}={folder}/munge.{ending}" for option, ending in kinds.items()]
    return [*options, f"--log-file={folder}/munge.log"]


@contextmanager
def _daemon(
    cluster: SlurmCluster, program: str, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    with (cluster.folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen(
            [_find(program), *options],
            env=cluster.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _cancel_jobs(cluster: SlurmCluster) -> None:
    """Ends jobs that a failed test left behind, before the daemons that could end them go."""
    subprocess.run(["scancel", "--user=root"], env=cluster.environment, check=False)
    deadline = time.monotonic() + STOP_SECONDS
    running = ["squeue", "--noheader", "--states=running,completing,pending"]
    while _output(running, cluster.environment) and time.monotonic() < deadline:
        time.sleep(0.5)


def _processes() -> Iterator[tuple[int, int, str]]:
    """Id, parent's id and command line of every process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                words = (entry / "cmdline").read_text().replace("\0", " ")
                yield int(entry.name), int(parent), words


def _wait_until(
    condition: Callable[[], bool], cluster: SlurmCluster, daemon: subprocess.Popen[bytes]
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline or daemon.poll() is not None:
            logs = sorted(cluster.folder.glob("*.log"))
            ends = [f"{log.name}:\n{log.read_text(errors='replace')[-2000:]}" for log in logs]
            raise RuntimeError("\n".join(["SLURM did not start", *ends]))
        time.sleep(0.2)


def _output(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _find(program: str) -> str | None:
    """Debian keeps daemons in /usr/sbin, which need not be on PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
