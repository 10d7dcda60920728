"""A small disk that is full when a test wants it to be."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PIECE = 2**16


@dataclass(frozen=True)
class Disk:
    """A file system in memory."""

    path: Path

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"

    def fill(self) -> None:
        """Leave not a byte; again and again, since others may give some back."""
        with self._ballast.open("ab", buffering=0) as file:
            size = PIECE
            while size:
                try:
                    file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        """Make room."""
        self._ballast.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """Mount one that everybody may write to, and take it away again."""
    path = Path(tempfile.mkdtemp(prefix="monitor-chaos-disk-"))
    path.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", path], check=True)
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
        path.rmdir()


def missing() -> str | None:
    """Say why no disk can be mounted here; None when one can."""
    if os.geteuid() or not shutil.which("mount"):
        return "takes root to mount a small disk"
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return f"no disk can be mounted: {tried.stderr.decode().strip()}" if tried.returncode else None
