"""The compute child: a long-lived process that does the work, and may be killed when it hangs."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from monitor.scheduler.reply import Reply
from monitor.scheduler.work import work
from monitor.service.enlist import Roll
from monitor.service.opening import load_plugins
from monitor.service.workbench import Workbench
from monitor.store.engine import open_store
from monitor.store.lease import Lease

PRELOADED = "monitor.scheduler.loaded"
ORPHANED = 3  # the exit code of a child whose worker has vanished


@dataclass
class Child:
    """A compute process, as its worker sees it.

    A fork server, which has loaded everything once, starts it at once. Never forked from the worker itself: it would
    inherit what SQLite holds to be locked in this process, and wait for it for ever.
    """

    process: BaseProcess
    pipe: Connection

    @classmethod
    def start(cls, roll: Roll, *, memory: int | None = None) -> Child:
        """Start one for the models of a roll; ``memory`` bounds what it may hold, in bytes."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, PRELOADED])
        ours, theirs = context.Pipe()
        process = context.Process(target=_live, args=(theirs, roll, memory), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def send(self, lease: Lease) -> None:
        """Give it a piece of work."""
        self.pipe.send(lease)

    def wait(self, seconds: float) -> Reply | None:
        """Return its answer, None while there is none.

        Raises
        ------
        EOFError
            It has died.
        """
        try:
            if not self.pipe.poll(max(0.0, seconds)):
                return None
            reply: Reply = self.pipe.recv()
        except OSError as error:
            raise EOFError from error
        return reply

    def obituary(self) -> str:
        """Say how it died."""
        self.process.join(5.0)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"the compute process was killed by {signal.Signals(-code).name}"
        return f"the compute process ended with exit code {code}"

    def kill(self) -> None:
        """End it at once, whatever it does, and wait until it has ended."""
        self.process.kill()
        self.process.join(5.0)
        self.pipe.close()

    def stop(self) -> None:
        """Let it end by itself, having no more work; kill it when it does not."""
        self.pipe.close()
        self.process.join(1.0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(5.0)


def _live(pipe: Connection, roll: Roll, memory: int | None) -> None:
    """Do what is sent until the pipe closes."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # the worker decides when its child ends
    _follow()
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    load_plugins(roll.config)
    bench = Workbench(roll.config, open_store(roll.config.store, folder=roll.config.folder))
    while True:
        try:
            pipe.send(work(bench, roll.models, pipe.recv()))
        except (EOFError, OSError):
            return  # the worker has ended


def _follow() -> None:
    """End with the worker, whatever is being done: what it leased will be somebody else's.

    Not by the number of the parent process: that is the fork server, which lives as long as any of its children.
    """
    worker = multiprocessing.parent_process()
    if worker is None:
        return

    def watch() -> None:
        worker.join()
        os._exit(ORPHANED)

    threading.Thread(target=watch, daemon=True).start()
