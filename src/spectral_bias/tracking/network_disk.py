"""Whether a file lies on a disk that several machines share, where SQLite's locks do not hold."""

from pathlib import Path

NETWORK = {
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "fuse.ceph",
    "fuse.glusterfs",
    "fuse.sshfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "nfs",
    "nfs4",
    "panfs",
    "smb3",
    "smbfs",
    "wekafs",
}
"""Types of file systems, as Linux calls them."""


def network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Type of the network file system that a path lies on, such as "nfs4"; None for another.

    Args:
        path: that need not exist yet.
        mounts: a table of mounts as Linux keeps it; where it is missing nothing can be told.
    """
    if not mounts.is_file():
        return None
    found, length = "", 0
    for line in mounts.read_text(errors="replace").splitlines():
        _, point, kind, *_ = line.split(" ")
        parts = Path(_unescaped(point)).parts
        # Of two mounts at one place the later one is seen.
        if len(parts) >= length and path.resolve().parts[: len(parts)] == parts:
            found, length = kind, len(parts)
    return found if found in NETWORK else None


def _unescaped(point: str) -> str:
    """The table writes space, tab, line break and backslash as octal numbers."""
    for sign in " \t\n\\":
        point = point.replace(f"\\{ord(sign):03o}", sign)
    return point
