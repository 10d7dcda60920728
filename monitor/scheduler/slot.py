"""A slot: claims one piece of work after the other and watches over the child that does it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from structlog.typing import FilteringBoundLogger

from monitor.errors import StaleLeaseError, StoreError
from monitor.scheduler.child import Child
from monitor.scheduler.ending import buried, ended, given_back
from monitor.scheduler.pace import Pace
from monitor.scheduler.reply import Reply
from monitor.scheduler.timings import Timings
from monitor.service.enlist import Roll
from monitor.store import claims, clock
from monitor.store.engine import Store
from monitor.store.lease import Lease, renew

SETTLING = 0.5  # seconds from a child's commit to its answer


@dataclass
class Slot:
    """One of a worker's hands: a thread that claims, renews and settles, and a child that computes.

    ``roll`` gives the models in force, which may change between two pieces of work. ``stopping`` is set when the worker
    is to end.
    """

    owner: str
    store: Store
    roll: Callable[[], Roll]
    stopping: threading.Event
    log: FilteringBoundLogger
    pace: Pace = field(default_factory=Pace)
    memory: int | None = None
    child: Child | None = None
    serving: Roll | None = None
    timings: Timings = field(default_factory=Timings)

    def run(self) -> None:
        """Work until the worker stops."""
        while not self.stopping.is_set():
            try:
                lease = self.claim()
                if lease is None:
                    self.stopping.wait(self.pace.idle)
                else:
                    self.perform(lease)
            except StoreError as error:
                self.log.warning("the store does not answer", error=error.message)
                self.stopping.wait(self.pace.pause)
            except Exception as error:  # a worker without hands would look alive for ever
                self.log.exception("this should not happen: please report it", error=f"{type(error).__name__}: {error}")
                self._kill()  # whatever it does, nobody waits for it any more
                self.stopping.wait(self.pace.pause)
        if self.child is not None:
            self.child.stop()

    def prepare(self) -> None:
        """Start the child before there is work for it."""
        self._ready(self.roll())

    def claim(self) -> Lease | None:
        """Lease the most urgent piece of work; None when there is none."""
        with self.store.write() as conn:
            return claims.claim(conn, self.owner, clock.now(conn), self.pace.duration, self.roll().versions)

    def perform(self, lease: Lease) -> None:
        """See a leased piece of work through to its end, whatever that is."""
        roll = self.roll()
        log = self.log.bind(**_named(roll, lease))
        try:
            reply = self._watch(self._ready(roll), lease, log)
        except EOFError:
            child, self.child = self.child, None
            why = child.obituary() if child is not None else "the compute process did not start"
            self._bury(lease, why, log)
            return
        if reply is not None:
            self._settle(log, lambda: ended(self.store, lease, reply, log))
        if reply is not None and reply.kind == "done":
            self.timings.note(lease, reply.seconds)
        if reply is not None and reply.kind == "memory":
            self._kill()  # what it holds may be broken

    def _watch(self, child: Child, lease: Lease, log: FilteringBoundLogger) -> Reply | None:
        """Wait for the child's answer and keep the lease; None when the work was taken away or given back."""
        child.send(lease)
        began = time.monotonic()
        renewed, leaving = began, None
        while True:
            now = time.monotonic()
            if now - began >= self.pace.timeout:
                self._kill()
                self._bury(lease, f"the work took longer than {self.pace.timeout:.0f} s", log)
                return None
            if self.stopping.is_set():
                leaving = leaving or now
                if now - leaving >= self.pace.grace:
                    self._kill()
                    self._settle(log, lambda: given_back(self.store, lease, log))
                    return None
            if now - renewed >= self.pace.renew:
                renewed = now
                if not self._renew(lease, log):
                    return self._last_word(child, lease, log)
            wait = min(self.pace.renew - (now - renewed), self.pace.timeout - (now - began), 0.2 if leaving else 1.0)
            if (reply := child.wait(wait)) is not None:
                return reply

    def _renew(self, lease: Lease, log: FilteringBoundLogger) -> bool:
        """Keep the lease; tells whether it is still ours. A store that does not answer now may do so next time."""
        try:
            with self.store.write() as conn:
                kept = renew(conn, lease, clock.now(conn), self.pace.duration)
        except StoreError as error:
            log.warning("the lease could not be renewed", error=error.message)
            return True
        return kept

    def _last_word(self, child: Child, lease: Lease, log: FilteringBoundLogger) -> Reply | None:
        """Hear a child whose lease is gone: most often because it has just settled it; else nobody needs its work."""
        reply = child.wait(SETTLING)
        if reply is None:
            log.warning("lease lost", fence=lease.fence)
            self._kill()
        return reply

    def _ready(self, roll: Roll) -> Child:
        """Return a living child that knows the models in force."""
        if self.child is not None and self.serving is not roll:
            self.child.stop()
            self.child = None
        if self.child is None:
            self.child = Child.start(roll, memory=self.memory)
            self.serving = roll
        return self.child

    def _kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child = None

    def _bury(self, lease: Lease, why: str, log: FilteringBoundLogger) -> None:
        self._settle(log, lambda: buried(self.store, lease, why, log))

    def _settle(self, log: FilteringBoundLogger, settle: Callable[[], None]) -> None:
        """Tell the ledger how the work ended; what cannot be told is found out when the lease expires."""
        try:
            settle()
        except StaleLeaseError:
            log.warning("lease lost before its end could be told")
        except StoreError as error:
            log.warning("the end could not be told: the lease will expire", error=error.message)
            self.stopping.wait(self.pace.pause)


def _named(roll: Roll, lease: Lease) -> dict[str, object]:
    """Return what every line about a piece of work carries."""
    about: dict[str, object] = {"model": roll.models[lease.model_id].name, "work": lease.kind}
    if lease.run is not None:
        run = lease.run
        about |= {"run": run.id, "window": f"{run.window.start:%Y-%m-%dT%H:%MZ}", "revision": run.revision}
    return about
