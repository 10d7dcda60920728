"""The courier: tells receivers what waits for them, each by a thread of its own, so that a slow one delays nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from structlog.typing import FilteringBoundLogger

from monitor.errors import StoreError
from monitor.notify import Egress
from monitor.scheduler.pace import Pace
from monitor.service.alarms.standstill import GRACE
from monitor.service.enlist import Roll
from monitor.service.sending.dispatch import deliver, waiting
from monitor.service.sending.dispatcher import Dispatcher
from monitor.service.sending.repeating import forgetful, repeat
from monitor.service.sending.sign_of_life import sign_of_life
from monitor.store import receiver_states
from monitor.store.engine import Store

HEART = "/heartbeat"  # no receiver's name holds a slash
LEAST_PAUSE = 0.2  # seconds between two looks


@dataclass
class Courier:
    """One process' way to the receivers; any number of them share a store.

    ``roll`` gives the models and the configuration in force. Threads that are still sending when the worker's grace is
    over are left to end with the process: what they were sending goes out again when its lease has ended.
    """

    owner: str
    store: Store
    roll: Callable[[], Roll]
    stopping: threading.Event
    log: FilteringBoundLogger
    pace: Pace = field(default_factory=Pace)
    egress: Egress = field(default_factory=Egress)
    grace: timedelta = GRACE
    hands: dict[str, threading.Thread] = field(default_factory=dict)
    said: dict[str, float] = field(default_factory=dict)
    serving: Roll | None = None
    silent: str | None = None

    def run(self) -> None:
        """Deliver until asked to stop."""
        while not self.stopping.is_set():
            pause = self._pause()
            try:
                self._look()
            except StoreError as error:
                self.log.warning("the store does not answer", error=error.message)
                pause = max(pause, self.pace.pause)
            except Exception as error:  # a worker that tells nobody would look alive for ever
                self.log.exception("this should not happen: please report it", error=type(error).__name__)
                pause = max(pause, self.pace.pause)
            self.stopping.wait(pause)
        until = time.monotonic() + self.pace.grace
        for hand in list(self.hands.values()):
            hand.join(max(0.0, until - time.monotonic()))

    def _pause(self) -> float:
        config = self.roll().config
        return max(self.pace.idle, LEAST_PAUSE) if config.receivers or config.heartbeat else self.pace.tick

    def _look(self) -> None:
        """Give everybody for whom there is something a thread that tells it."""
        sender = self._sender()
        for receiver in waiting(sender):
            self._hand(receiver, partial(self._tell, sender, receiver))
        for receiver, every in forgetful(sender).items():
            if self._turn(f"{receiver} again", every):
                self._hand(f"{receiver} again", partial(repeat, sender, receiver))
        heartbeat = sender.config.heartbeat
        if heartbeat is not None and self._turn(HEART, heartbeat.every):
            self._hand(HEART, partial(self._beat, sender, heartbeat.every))

    def _sender(self) -> Dispatcher:
        roll = self.roll()
        sender = Dispatcher(self.store, roll.config, list(roll.models), self.owner, self.egress, log=self.log)
        if self.serving is not roll:
            with self.store.write() as conn:
                receiver_states.enable_all(conn, [one.name for one in roll.config.receivers])
            self.serving = roll
        return sender

    def _turn(self, what: str, every: timedelta) -> bool:
        """Tell whether it is time for something that is done again and again."""
        now = time.monotonic()
        if now - self.said.get(what, -1e9) < every.total_seconds():
            return False
        self.said[what] = now
        return True

    def _hand(self, name: str, task: Callable[[], object]) -> None:
        """Start a thread for something, unless it has one."""
        hand = self.hands.get(name)
        if hand is not None and hand.is_alive():
            return
        self.hands[name] = threading.Thread(
            target=self._guarded, args=(task,), name=f"{self.owner} to {name}", daemon=True
        )
        self.hands[name].start()

    def _guarded(self, task: Callable[[], object]) -> None:
        try:
            task()
        except StoreError as error:
            self.log.warning("the store does not answer", error=error.message)
            self.stopping.wait(self.pace.pause)

    def _tell(self, sender: Dispatcher, receiver: str) -> None:
        while not self.stopping.is_set() and deliver(sender, receiver):
            continue

    def _beat(self, sender: Dispatcher, every: timedelta) -> None:
        why = sign_of_life(sender, every=every, grace=self.grace)
        if why != self.silent and why is not None and not why.startswith("another"):
            self.log.warning("no sign of life was sent", reason=why)
        self.silent = why
