"""A worker beside a server: in a process of its own, begun again when it dies, ended when the server ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitor.errors import MonitorError
from monitor.telemetry import logger

GRACE = 8.0  # seconds that a worker has to end
SILENT = 60.0  # seconds without a tick after which a scheduler does not do its work
LONGEST_PAUSE = 60.0

Work = Callable[[Callable[[], None], Callable[[], None]], int]


@dataclass
class Beside:
    """Runs ``work(ready, beat)`` in another process, as often as it takes.

    ``work`` returns an exit code; it must be a function of a module, possibly with arguments bound. It calls ``ready``
    once it does its work and ``beat`` whenever it has looked after everything.
    """

    work: Work
    log: FilteringBoundLogger = field(default_factory=logger)
    deaths: int = 0

    def start(self) -> None:
        """Begin."""
        context = multiprocessing.get_context("spawn")
        self._ready, self._beat = context.Event(), context.Value("d", 0.0, lock=False)
        self._since = time.monotonic()
        self._process: BaseProcess = context.Process(
            target=_live, args=(self.work, self._ready, self._beat), name="worker"
        )
        self._process.start()

    def attend(self) -> None:
        """Look whether it lives; begin again, with longer and longer pauses, when it does not.

        Raises
        ------
        MonitorError
            It ended before it could begin: what keeps it from working was said on stderr.
        """
        if self._process.is_alive():
            if self.deaths and time.monotonic() - self._since > 10 * LONGEST_PAUSE:
                self.deaths = 0
            return
        if not self._ready.is_set() and not self.deaths:
            raise MonitorError("the scheduler could not begin", "see above; `--no-scheduler` serves without one")
        if time.monotonic() - self._since < min(LONGEST_PAUSE, 2.0**self.deaths):
            return
        self.log.error("the scheduler has died and is begun again", exit_code=self._process.exitcode)
        self.deaths += 1
        self.start()

    def ill(self) -> str | None:
        """Return what is wrong with it; None when nothing is."""
        if not self._process.is_alive():
            return "the scheduler does not run"
        silent = time.monotonic() - max(self._beat.value, self._since)
        return f"the scheduler has not looked around for {silent:.0f} s" if silent > SILENT else None

    def reload(self) -> None:
        """Have it read its file again."""
        if self._process.pid is not None and self._process.is_alive() and self._ready.is_set():
            os.kill(self._process.pid, signal.SIGHUP)

    def stop(self) -> None:
        """Ask it to end; returns at once."""
        if self._process.is_alive():
            self._process.terminate()

    def join(self, seconds: float = GRACE) -> None:
        """Wait until it has ended; kill it when it does not: what it held is taken back by the next one."""
        self._process.join(seconds)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(1.0)


def _live(work: Work, ready: Any, beat: Any) -> None:
    threading.Thread(target=_follow, daemon=True).start()

    def tick() -> None:
        beat.value = time.monotonic()  # of the whole machine on Linux and macOS, so that another process can compare

    raise SystemExit(work(ready.set, tick))


def _follow() -> None:
    """End with the server, even one that was killed."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(3)
