"""``monitor worker`` as people start it: a process with a log."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.chaos.ground import Ground

TOP = Path(__file__).parents[2]
PROGRAM = "import sys; from monitor.cli import main; sys.exit(main())"


class Command:
    """One ``monitor worker``, in a session of its own."""

    def __init__(self, ground: Ground, *options: str) -> None:
        self.log = ground.folder / f"command-{len(list(ground.folder.glob('command-*')))}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, "worker", "-c", ground.file, *options],
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(TOP)},
            )

    @property
    def lines(self) -> list[dict[str, object]]:
        """The events of the log."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def said(self, event: str, **more: object) -> bool:
        """Tell whether an event stands in the log."""
        return any(line["event"] == event and more.items() <= line.items() for line in self.lines)

    def send(self, number: int) -> None:
        """Send the worker a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it and whatever it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
