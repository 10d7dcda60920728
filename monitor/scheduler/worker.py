"""The worker: a clock and a few slots on one store, until it is asked to stop."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from structlog.typing import FilteringBoundLogger

from monitor.config import Config, load
from monitor.domain.principal import Principal
from monitor.errors import MonitorError, StoreError
from monitor.scheduler.backlog import Backlog
from monitor.scheduler.courier import Courier
from monitor.scheduler.lock import sole_scheduler
from monitor.scheduler.pace import Pace
from monitor.scheduler.signals import heed
from monitor.scheduler.slot import Slot
from monitor.scheduler.ticker import ticker
from monitor.scheduler.timings import Timings
from monitor.service.alarms import standstill
from monitor.service.enlist import Roll, enlist
from monitor.service.notices.announce import announce
from monitor.service.opening import load_plugins
from monitor.service.secrets import cleaner
from monitor.service.training.news import push
from monitor.service.training.recommend import recommend
from monitor.service.windows.materialise import materialise
from monitor.store import claims, clock, progress
from monitor.store.engine import Store
from monitor.telemetry import hide, logger


@dataclass
class Worker:
    """A process that works for the models of one file; any number of them share a PostgreSQL store.

    ``slots`` pieces of work are done at a time, each in a process of its own that may hold ``memory`` bytes.
    ``beat`` is called after each tick that the store answered, ``by`` is who has begun it, for the audit log.
    """

    config: Config
    store: Store
    slots: int = 1
    memory: int | None = None
    pace: Pace = field(default_factory=Pace)
    stopping: threading.Event = field(default_factory=threading.Event)
    reloading: threading.Event = field(default_factory=threading.Event)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}")
    log: FilteringBoundLogger = field(default_factory=logger)
    backlog: Backlog = field(default_factory=Backlog)
    began: float = field(default_factory=time.monotonic)
    beat: Callable[[], None] = lambda: None
    by: Principal | None = None
    timings: Timings = field(default_factory=Timings)

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Work until asked to stop; ``ready`` is called once the models are enlisted.

        Raises
        ------
        StoreError
            The store cannot be used, or is a SQLite file that another scheduler works on.
        """
        self.log = self.log.bind(worker=self.name)
        with sole_scheduler(self.store):
            self.roll = self._enlist(self.config)
            slots = self._hands()
            for slot in slots:
                slot.prepare()  # while there is no other thread yet: a process that is forked has none of them
            hands = [threading.Thread(target=slot.run, name=slot.owner) for slot in slots]
            hands.append(threading.Thread(target=self._courier().run, name=f"{self.name}:courier"))
            clockwork = ticker(self.tick, self.pace.tick)
            for hand in hands:
                hand.start()
            clockwork.start()
            self.log.info("working", models=len(self.roll.models), slots=self.slots, store=str(self.store))
            ready()
            try:
                self._attend()
            finally:
                self.stopping.set()
                clockwork.shutdown(wait=False)
                for hand in hands:
                    hand.join()
                with suppress(StoreError):
                    self.timings.tell(self.store)
                self.log.info("stopped")

    def tick(self) -> None:
        """Enter what came due or stands still, free what the vanished held, decide what is recommended and told."""
        try:
            with self.store.write() as conn:
                now = clock.now(conn)
                if freed := claims.reclaim(conn, now):
                    self.log.warning("took back the work of vanished workers", leases=freed)
            entered = materialise(self.store, self.roll.models, now)
            settled = time.monotonic() - self.began >= self.pace.settling
            standstill.look(self.store, self.roll.models, now, settled=settled)
            moved = recommend(self.store, self.roll.models)
            told = announce(self.store, self.roll.config, self.roll.models)
            push(self.store, self.roll.config, self.roll.models)
            self.timings.tell(self.store)
        except StoreError as error:
            self.log.warning("the store does not answer", error=str(error))
            return
        if entered.due or entered.skipped:
            self.log.info("windows came due", due=entered.due, skipped=entered.skipped)
        if moved:
            self.log.debug("recommendations to train anew have changed", models=moved)
        if told.notices or told.digests:
            self.log.info("notices entered", notices=told.notices, digests=told.digests)
        self.beat()
        self._tell_backlog()

    def _tell_backlog(self) -> None:
        """Say now and then how much is left of the windows whose ends are logged one by one only for debugging."""
        at = time.monotonic()
        if not self.backlog.due(at):
            return
        try:
            with self.store.read() as conn:
                left = progress.backlog(conn)
        except StoreError:
            return  # the next tick says so
        if (told := self.backlog.told(left, at)) is not None:
            self.log.info("working off the backlog", **told)

    def listen(self) -> None:
        """Stop on SIGTERM and SIGINT, read the file again on SIGHUP."""
        heed(self.stopping, self.reloading)

    def reload(self) -> None:
        """Read the file again and put it in force; a wrong one is refused and the old one stays."""
        try:
            fresh = load(Path(self.config.file))
            load_plugins(fresh)
            if fresh.store != self.config.store:
                self.log.warning("`store:` has changed: it takes a restart", store=str(self.store))
                fresh = fresh.in_store(self.config.store)
            hide(cleaner(fresh))
            self.roll = self._enlist(fresh)
            self.config = fresh
        except MonitorError as error:
            self.log.warning("the new file is refused, the old one stays in force", error=str(error))

    def _enlist(self, config: Config) -> Roll:
        with self.store.read() as conn:
            now = clock.now(conn)
        roll = enlist(config, self.store, now, self.by)
        for change in roll.changes:
            if change.kind != "unchanged":
                self.log.info("applied", model=change.model, kind=change.kind, keys=list(change.keys))
        return roll

    def _attend(self) -> None:
        """Wait, and read the file again when asked to."""
        while not self.stopping.wait(0.25):
            if self.reloading.is_set():
                self.reloading.clear()
                self.reload()

    def _courier(self) -> Courier:
        return Courier(f"{self.name}:courier", self.store, lambda: self.roll, self.stopping, self.log, self.pace)

    def _hands(self) -> list[Slot]:
        return [
            Slot(
                f"{self.name}:{number}",
                self.store,
                lambda: self.roll,
                self.stopping,
                self.log,
                self.pace,
                self.memory,
                timings=self.timings,
            )
            for number in range(self.slots)
        ]
