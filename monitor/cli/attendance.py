"""What ``monitor serve`` does while it runs: opens everything, listens, looks after its worker, stops in time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from monitor import telemetry
from monitor.api.access import Settings, demand, guarded
from monitor.api.app import create
from monitor.api.mount import dashboard, warm
from monitor.api.server import Place, Server
from monitor.cli.acting import operator
from monitor.cli.saying import said
from monitor.cli.worker import work
from monitor.config import Config, load
from monitor.errors import MonitorError
from monitor.scheduler.beside import Beside, Work
from monitor.scheduler.signals import heed
from monitor.service.apply import apply
from monitor.service.backend import Backend, present
from monitor.service.demo.trickle import trickling
from monitor.service.opening import load_plugins, opened
from monitor.service.secrets import cleaner
from monitor.store.engine import Store

ENDS = 8.5  # seconds from the wish to stop to the end of the worker, killed if need be: another one takes its work up


def attend(
    file: Path,
    place: Place,
    work: Work | None,
    *,
    verbose: bool = False,
    now: Callable[[], datetime] = present,
    note: str | None = None,
) -> None:
    """Serve a file's models until SIGTERM or SIGINT; SIGHUP reads the file again.

    Parameters
    ----------
    work : callable, optional
        What the worker beside the server does; none is begun when absent.
    now, note : optional
        The clock that pages and answers go by, and what the overview says of it.

    Raises
    ------
    MonitorError
        Something that serving needs is missing.
    """
    config = load(file)
    load_plugins(config)
    telemetry.configure(level=logging.DEBUG if verbose else None, clean=cleaner(config))
    telemetry.listen()
    with opened(config, writing=True) as store:
        Attendance(file, place, config, store, now, note).run(work)


@dataclass
class Attendance:
    """A server with what it stands on; ``config`` is the one in force."""

    file: Path
    place: Place
    config: Config
    store: Store
    now: Callable[[], datetime] = present
    note: str | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    reloading: threading.Event = field(default_factory=threading.Event)
    worker: Beside | None = None

    def run(self, work: Work | None) -> None:
        """Serve until asked to stop."""
        heed(self.stopping, self.reloading)
        open_to = demand(self.config, self.store, self.place.host)
        server = Server(self.place)
        url = server.listen()
        if open_to is not None:
            telemetry.logger().warning(open_to)
        if work is None:
            apply(self.config, self.store, datetime.now(UTC), by=operator())
        else:
            self.worker = Beside(work)
            self.worker.start()
        try:
            self._serve(server, url)
        finally:
            ends = time.monotonic() + ENDS
            if self.worker is not None:
                self.worker.stop()
            server.stop()
            if self.worker is not None:
                self.worker.join(max(0.5, ends - time.monotonic()))
            telemetry.logger().info("stopped serving")

    def _serve(self, server: Server, url: str) -> None:
        backend = Backend(self.store, lambda: self.config, self.now, self.note)
        pages = dashboard(backend)
        server.start(
            create(
                backend,
                access=lambda app: guarded(app, backend, Settings(self.place.host)),
                dashboard=pages,
                checks=self._checks,
                stopping=server.stopping.is_set,
            )
        )
        if pages is not None:
            warm(backend)
        shown = {"dashboard": f"{url}/dash/"} if pages else {}
        noted = {"note": self.note} if self.note else {}
        telemetry.logger().info("serving", url=url, models=len(self.config.models), **shown, **noted)
        while server.alive and not self.stopping.wait(0.25):
            if self.reloading.is_set():
                self.reloading.clear()
                self._reload()
            if self.worker is not None:
                self.worker.attend()

    def _checks(self) -> str | None:
        return None if self.worker is None else self.worker.ill()

    def _reload(self) -> None:
        """Put the file in force anew; a wrong one is refused, and the old one stays."""
        log = telemetry.logger()
        try:
            fresh = load(self.file)
            load_plugins(fresh)
        except MonitorError as error:
            log.warning("the new file is refused, the old one stays in force", error=str(error))
            return
        if fresh.store != self.config.store:
            log.warning("`store:` has changed: it takes a restart", store=str(self.store))
            fresh = fresh.model_copy(update={"store": self.config.store})
        telemetry.hide(cleaner(fresh))
        if self.worker is None:
            apply(fresh, self.store, datetime.now(UTC), by=operator())
        else:
            self.worker.reload()
        self.config = fresh
        log.info("reloaded", models=len(fresh.models))


def work_beside(
    file: Path,
    ready: Callable[[], None],
    beat: Callable[[], None],
    *,
    slots: int,
    memory: float | None,
    timeout: float,
    verbose: bool,
) -> int:
    """Run a worker in this process; return its exit code, what kept it from working said on stderr."""
    try:
        work(file, slots=slots, memory=memory, timeout=timeout, verbose=verbose, ready=ready, beat=beat)
    except MonitorError as error:
        return said(error, "the scheduler: ")
    return 0


def go_on_beside(file: Path, work: Work, ready: Callable[[], None], beat: Callable[[], None]) -> int:
    """Let a demo's days pass while a worker works."""
    with trickling(file):
        return work(ready, beat)
