"""Repeating: receivers that forget what is not said again hear again of every open incident."""

from __future__ import annotations

from datetime import timedelta

from monitor.notify import Sent, repeats
from monitor.service.sending.dispatch import attempt
from monitor.service.sending.dispatcher import Dispatcher
from monitor.service.sending.settlement import note
from monitor.store import clock, ledgers, outbox, receiver_states
from monitor.store.outbox import Letter

LEASE = timedelta(minutes=5)


def forgetful(sender: Dispatcher) -> dict[str, timedelta]:
    """Return the receivers that must be told again and again, and how often."""
    pauses = {one.name: repeats(one.type) for one in sender.config.receivers}
    return {name: pause for name, pause in pauses.items() if pause is not None}


def repeat(sender: Dispatcher, receiver: str) -> int:
    """Say again what was said last of every open incident; returns of how many.

    While nobody else tells the receiver anything: what is said again must not come after the end of it. The first
    failure ends it for this time; it counts as any other.

    Raises
    ------
    StoreError
        The store cannot be used.
    """
    number, outcome = 0, None
    for letter in _held(sender, receiver):
        outcome = attempt(sender, letter)
        if not isinstance(outcome, Sent):
            sender.log.warning("open incidents were not told again", receiver=receiver, error=outcome.reason)
            break
        number += 1
    if outcome is not None:
        with sender.store.write() as conn:
            note(conn, receiver, outcome, clock.now(conn))
            receiver_states.release(conn, receiver, sender.owner)
    return number


def _held(sender: Dispatcher, receiver: str) -> list[Letter]:
    """Hold the receiver and find what to say again; nothing while somebody else holds it."""
    with sender.store.write() as conn:
        told = ledgers.told_open(conn, receiver, sender.models)
        found = (outbox.last_told(conn, incident_id, receiver) for incident_id in told)
        letters = [letter for letter in found if letter is not None and letter.kind != "resolved"]
        now = clock.now(conn)
        held = letters and receiver_states.take(conn, receiver, sender.owner, now, now + LEASE)
        return letters if held else []
