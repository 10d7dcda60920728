"""The sign of life: sent only while this service does its work, so that its absence means something."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.notify import Sent
from monitor.notify.heartbeat import beat
from monitor.service.alarms.standstill import GRACE
from monitor.service.sending.dispatcher import Dispatcher
from monitor.service.status.status import status
from monitor.store import clock, dead_letters, receiver_states

OLDEST = timedelta(minutes=5)
LEASE_NAME = "/heartbeat"  # no receiver's name holds a slash


def sign_of_life(sender: Dispatcher, *, every: timedelta, grace: timedelta = GRACE) -> str | None:
    """Send one if all is well and no other replica just has; returns why not, None when it was sent.

    All is well while the store takes a write, no window is overdue beyond ``grace``, and no notice that should wake
    somebody has waited for five minutes.

    Raises
    ------
    StoreError
        The store takes no write.
    """
    if sender.config.heartbeat is None:
        return "none is asked for"
    with sender.store.write() as conn:
        now = clock.now(conn)
        taken = receiver_states.take(conn, LEASE_NAME, sender.owner, now, now + every * 0.9)
    if taken is None:
        return "another replica has sent one"
    why = ill(sender, now, grace)
    if why is None:
        outcome = beat(sender.config.heartbeat, sender.egress)
        if isinstance(outcome, Sent):
            return None
        why = f"it did not arrive: {outcome.reason}"
    with sender.store.write() as conn:
        receiver_states.release(conn, LEASE_NAME, sender.owner)
    return why


def ill(sender: Dispatcher, now: datetime, grace: timedelta = GRACE) -> str | None:
    """Return what keeps this service from doing its work; None when nothing does."""
    with sender.store.read() as conn:
        oldest = dead_letters.oldest(conn)
    if oldest is not None and now - oldest >= OLDEST:
        return f"a notice has waited since {oldest:%Y-%m-%d %H:%M} UTC"
    for one in status(sender.config, sender.store, list(sender.config.models), now, ask=False):
        if one.lateness is not None and one.lateness > grace:
            return f"model {one.model!r} is overdue"
    return None
