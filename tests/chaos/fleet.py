"""A fleet of real worker processes, forked from a parent that has loaded everything, and the ways they are hurt.

A worker lives in a session of its own: itself, its fork server and its compute child. Its fork server is forked, not
executed, before the store is opened: else a kill would fall into imports.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from multiprocessing import forkserver, util
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

from monitor import telemetry
from monitor.config import load
from monitor.scheduler.child import Child
from monitor.scheduler.pace import Pace
from monitor.scheduler.worker import Worker
from monitor.service.opening import load_plugins
from monitor.store import settle
from monitor.store.engine import open_store

HASTE = Pace(lease=2.0, renew=0.5, timeout=60.0, grace=3.0, tick=0.25, idle=0.02, pause=0.05)
PRELOAD = ("tests.chaos.fleet", "monitor.scheduler.loaded", "monitor.store.migration")
Plant = Callable[[], None]


@dataclass(frozen=True)
class Order:
    """What a worker process is told: the file, its pace, and functions that change it once it lives."""

    file: Path
    pace: Pace = HASTE
    slots: int = 1
    plants: Sequence[Plant] = ()
    memory: int | None = None


def live(order: Order) -> None:
    """Be a worker, until killed or asked to stop."""
    os.setsid()
    _fork_instead_of_exec()
    for plant in order.plants:
        plant()
    _server().ensure_running()
    log = order.file.with_name("worker.log").open("a", encoding="utf-8")
    telemetry.configure(log, human=False)
    config = load(order.file)
    load_plugins(config)
    store = open_store(config.store, folder=config.folder)
    _tell_of_children(order.file.parent)
    worker = Worker(config, store, order.slots, order.memory, order.pace)
    worker.listen()
    worker.run(ready=order.file.with_name(f"ready-{os.getpid()}").touch)
    store.close()


def _server() -> Any:
    """Return this process's fork server, that of its parent forgotten."""
    return forkserver._forkserver


def _fork_instead_of_exec() -> None:
    def fork(_path: object, args: Sequence[Any], passfds: Sequence[int]) -> int:
        pid = os.fork()
        if not pid:
            try:
                kept = sorted({0, 1, 2, *passfds})
                for low, high in pairwise([*kept, 4096]):
                    os.closerange(low + 1, high)
                exec(args[-1], {})  # what the new interpreter would be told
            finally:
                os._exit(0)
        return pid

    util.spawnv_passfds = fork
    server = _server()
    server._forkserver_address = server._forkserver_alive_fd = server._forkserver_pid = server._inherited_fds = None


def _tell_of_children(folder: Path) -> None:
    """Have the number of the compute child written down, so that it alone can be hurt."""
    start = Child.start.__func__

    def told(cls: type[Child], *args: Any, **more: Any) -> Child:
        found = start(cls, *args, **more)
        note = folder / f"child-{os.getpid()}"
        note.with_suffix(".new").write_text(str(found.process.pid))
        note.with_suffix(".new").rename(note)
        return found

    Child.start = classmethod(told)


def hasty_backoff() -> None:
    """Wait a moment instead of half a minute after the death of a compute child."""
    settle.BACKOFF = tuple(timedelta(seconds=s) for s in (0.2, 0.4, 0.8))


@dataclass
class Fleet:
    """So many workers on one store; whoever was killed is replaced."""

    order: Order
    size: int
    hurt: Counter[str] = field(default_factory=Counter)
    crew: list[BaseProcess] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    timers: list[threading.Timer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(list(PRELOAD))

    def start(self) -> BaseProcess:
        """Start one more worker."""
        process = self.context.Process(target=live, args=(self.order,))
        process.start()
        self.crew.append(process)
        self.groups.append(process.pid)
        return process

    def fill(self) -> None:
        """Replace those that have ended."""
        self.crew = [process for process in self.crew if process.is_alive()]
        while len(self.crew) < self.size:
            self.start()

    def ready(self, process: BaseProcess) -> bool:
        """Tell whether a worker has enlisted its models."""
        return self.order.file.with_name(f"ready-{process.pid}").exists()

    def compute_child(self, process: BaseProcess) -> int | None:
        """Return the number of a worker's present compute child; None when it has none yet."""
        try:
            return int((self.order.file.parent / f"child-{process.pid}").read_text())
        except FileNotFoundError:
            return None

    def kill(self, process: BaseProcess, how: str, *, pause: float = 2.5) -> bool:
        """Hurt a worker: ``group``, ``parent``, ``child`` are killed; ``freeze`` stops all of it for a while.

        ``orphan`` kills the worker and stops its compute child, which wakes when somebody else has its work.
        """
        child, pid = self.compute_child(process), process.pid
        if pid is None or (child is None and how in ("child", "orphan")):
            return False
        if how == "group":
            _end(pid)
        elif how == "parent":
            _send(os.kill, pid, signal.SIGKILL)
        elif how == "child":
            _send(os.kill, child, signal.SIGKILL)
        elif how == "freeze":
            _send(os.killpg, pid, signal.SIGSTOP)
            self._wake(pause, os.killpg, pid)
        elif how == "orphan":
            _send(os.kill, child, signal.SIGSTOP)
            _send(os.kill, pid, signal.SIGKILL)
            self._wake(pause, os.kill, child)
        self.hurt[how] += 1
        if how in ("group", "parent", "orphan"):
            process.join(10)
        return True

    def _wake(self, pause: float, how: Callable[[int, int], None], pid: int | None) -> None:
        """Let it go on after a while; whoever is stopped may hold a lock that everybody waits for."""
        timer = threading.Timer(pause, _send, (how, pid, signal.SIGCONT))
        timer.daemon = True
        timer.start()
        self.timers.append(timer)

    @property
    def kills(self) -> int:
        """How many times something was killed."""
        return sum(number for how, number in self.hurt.items() if how != "freeze")

    def close(self) -> None:
        """End everything that was ever started, however it stands."""
        for timer in self.timers:
            timer.cancel()
        for pid in self.groups:
            _end(pid)
        for process in self.crew:
            process.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def wait_for(condition: Callable[[], object], seconds: float, what: str, *, every: float = 0.1) -> None:
    """Look again and again until something holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(every)


def _send(how: Callable[[int, int], None], pid: int | None, number: int) -> None:
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            how(pid, number)


def _end(pid: int | None) -> None:
    """Kill a worker and its group; a very young one has no group yet."""
    _send(os.kill, pid, signal.SIGKILL)
    _send(os.killpg, pid, signal.SIGKILL)
