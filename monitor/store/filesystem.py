"""Where a SQLite file lies: locks and the write-ahead log do not hold on network file systems."""

from __future__ import annotations

from pathlib import Path

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs",
     "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.blobfuse"}
)  # fmt: skip
MOUNTS = Path("/proc/mounts")


def network_type(path: Path, mounts: str | None = None) -> str | None:
    r"""Return the name of the network file system that holds ``path``; None when it is local or cannot be told.

    Parameters
    ----------
    path : Path
        Absolute path of the database file, which need not be there.
    mounts : str, optional
        The mount table in the form of ``/proc/mounts``; read from there by default.

    Examples
    --------
    >>> table = "/dev/sda1 / ext4 rw 0 0" + chr(10) + "box:/x /mnt/my\\040share nfs4 rw 0 0"
    >>> network_type(Path("/mnt/my share/monitor.db"), table)
    'nfs4'
    >>> network_type(Path("/var/monitor.db"), table) is None
    True
    """
    best, kind = -1, ""
    for line in (_mount_table() if mounts is None else mounts).splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        # Later lines cover earlier ones at the same place.
        if len(point) >= best and path.is_relative_to(point):
            best, kind = len(point), fields[2]
    return kind if kind in NETWORK else None


def _mount_table() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
