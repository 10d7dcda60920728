"""A PostgreSQL server that a test may stop and start as it likes."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

SETTINGS = "-c max_connections=100 -c synchronous_commit=on -c fsync=on"


class Server:
    """A server in a folder of its own, its tables in another one if wanted; ``url`` stays the same over restarts."""

    def __init__(self, tables: Path | None = None) -> None:
        self.who = _demoted()
        self.folder = Path(tempfile.mkdtemp(prefix="monitor-chaos-pg-"))
        self.tables = tables or self.folder
        if self.who:
            os.chown(self.folder, self.who["user"], self.who["group"])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        log = ("-X", str(self.folder / "wal"))
        self._call("initdb", "-D", self._data, *log, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        self.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"{SETTINGS} -c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        self._call("pg_ctl", "-D", self._data, "-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; ``immediate`` is a crash."""
        self._call("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def close(self) -> None:
        """Stop it and remove everything."""
        try:
            self.stop()
        except subprocess.CalledProcessError:
            pass  # it was stopped already
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> str:
        return str(self.tables / "data")

    def _call(self, *command: str) -> None:
        subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, **self.who
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def missing() -> str | None:
    """Say why no server can be started here; None when one can."""
    if not (shutil.which("initdb") and shutil.which("pg_ctl")):
        return "needs initdb and pg_ctl on the PATH"
    try:
        _demoted()
    except KeyError:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return None


def _demoted() -> dict[str, Any]:
    if os.geteuid():
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
