"""Dispatch: what waits in the outbox is sent, one notice of a receiver at a time, and how that went is entered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from monitor.config import Config
from monitor.config.receiver import ReceiverConfig
from monitor.failpoints import failpoint
from monitor.notify import Egress, Failed, Message, Outcome, Retry, send
from monitor.notify.saved import load
from monitor.service.sending.dispatcher import Dispatcher
from monitor.service.sending.illustration import illustrated
from monitor.service.sending.next_letter import next_letter
from monitor.service.sending.settlement import settle
from monitor.store import clock, ledgers, models, outbox, receiver_states
from monitor.store.engine import Store
from monitor.store.outbox import Letter

GONE = "no such receiver in monitor.yaml any more"
TOO_LATE = "not told in time"
NO_MORE = "the receiver asked to be told nothing more"
MOST_AT_ONCE = 8
_SPARE = timedelta(seconds=60)
_CALLS = 3  # that one notice may take: a chat's message is edited, or posted anew, and answered below
_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Held:
    """A notice that is ours until its lease ends; ``doomed`` says why it need not be tried."""

    letter: Letter
    handle: str | None = None
    doomed: str | None = None


def dispatch_once(store: Store, config: Config, owner: str, egress: Egress | None = None) -> int:
    """Try each notice that is due now, and return how many attempts that were; retries are left to workers.

    Receivers are told side by side; what one cannot be told goes to its fallback at once.

    Raises
    ------
    StoreError
        The store cannot be used.
    """
    with store.read() as conn:
        named = {model.name for model in config.models}
        numbers = [stored.id for stored in models.every(conn) if stored.name in named]
    sender = Dispatcher(store, config, numbers, owner, egress or Egress())
    return _round(sender) + _round(sender)


def waiting(sender: Dispatcher, before: datetime | None = None) -> list[str]:
    """Return the receivers for whom something may be sent now; what came due after ``before`` is left alone."""
    with sender.store.read() as conn:
        return outbox.due(conn, clock.now(conn), sender.scope, before)


def deliver(sender: Dispatcher, receiver: str, before: datetime | None = None) -> bool:
    """Tell a receiver the next thing that it is to be told; returns whether there was any.

    Raises
    ------
    StoreError
        The store cannot be used; what was being told is told again when its lease has ended.
    """
    held = _claim(sender, receiver, before)
    if held is None:
        return False
    failpoint("notice claimed")
    outcome = Failed(held.doomed) if held.doomed else attempt(sender, held.letter, held.handle)
    failpoint("notice sent")
    settle(sender, held.letter, outcome, tried=held.doomed is None)
    return True


def attempt(sender: Dispatcher, letter: Letter, handle: str | None = None) -> Outcome:
    """Try once to tell a receiver; whatever its own file raises is a failure of this attempt."""
    config = sender.receiver(letter.receiver)
    if config is None:
        return Failed(GONE)
    try:
        message = _drawn(sender, replace(load(letter.message), handle=handle), config)
        return send(message, config, sender.egress)
    except Exception as error:  # noqa: BLE001 - one notice must not end the sending of all
        said = type(error).__name__  # its text may quote a secret
        sender.log.warning("this should not happen: please report it", receiver=letter.receiver, error=said)
        return Retry(said)


def _drawn(sender: Dispatcher, message: Message, config: ReceiverConfig) -> Message:
    """Return the notice with its picture; one that cannot be drawn keeps nobody from being told."""
    try:
        return illustrated(sender.store, sender.config, message, config)
    except Exception as error:  # noqa: BLE001 - what is told matters, what is shown less
        sender.log.warning("a picture was not drawn", receiver=config.name, error=type(error).__name__)
        return message


def lease_until(sender: Dispatcher, receiver: str, now: datetime) -> datetime:
    """Return until when a receiver is held for one notice: longer than that may take."""
    config = sender.receiver(receiver)
    return now + _SPARE + _CALLS * (_TIMEOUT if config is None else config.timeout)


def _round(sender: Dispatcher) -> int:
    with sender.store.read() as conn:
        now = clock.now(conn)
    receivers = waiting(sender, now)
    if not receivers:
        return 0
    with ThreadPoolExecutor(min(len(receivers), MOST_AT_ONCE)) as pool:
        return sum(pool.map(partial(_all_due, sender, before=now), receivers))


def _all_due(sender: Dispatcher, receiver: str, before: datetime) -> int:
    number = 0
    while deliver(sender, receiver, before):
        number += 1
    return number


def _claim(sender: Dispatcher, receiver: str, before: datetime | None) -> Held | None:
    def take(conn: Connection) -> Held | None:
        now = clock.now(conn)
        until = lease_until(sender, receiver, now)
        state = receiver_states.take(conn, receiver, sender.owner, now, until)
        if state is None:
            return None
        found = next_letter(conn, sender, receiver, now, before)
        letter = None if found is None else outbox.lease(conn, found, sender.owner, until)
        if letter is None:
            receiver_states.release(conn, receiver, sender.owner)
            return None
        handle = ledgers.handle(conn, letter.incident_id, receiver) if letter.incident_id else None
        doomed = GONE if sender.receiver(receiver) is None else NO_MORE if state.disabled_at else None
        return Held(letter, handle, doomed or (TOO_LATE if letter.expires_at <= now else None))

    return sender.store.transact(take)
