"""Settlement: what the store is told of an attempt to tell somebody, and what that says of the receiver."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.notify import Outcome, Retry, Sent
from monitor.notify.schedule import next_wait
from monitor.service.sending.dispatcher import Dispatcher
from monitor.service.sending.fallback import pass_on
from monitor.store import clock, ledgers, outbox, receiver_states
from monitor.store.outbox import Letter

_TOO_MANY = 429


def settle(sender: Dispatcher, letter: Letter, outcome: Outcome, *, tried: bool = True) -> None:
    """Enter how an attempt ended, and give the receiver back; who comes too late changes nothing.

    Parameters
    ----------
    tried : bool
        Whether the receiver was asked at all.
    """
    log = sender.log.bind(receiver=letter.receiver, id=letter.id, kind=letter.kind, attempt=letter.attempts)

    def enter(conn: Connection) -> tuple[bool, bool, datetime | None]:
        now = clock.now(conn)
        at = _next_at(sender, letter, outcome, now)
        mine = _enter(conn, sender, letter, outcome, now, at)
        rests = mine and tried and note(conn, letter.receiver, outcome, now)
        receiver_states.release(conn, letter.receiver, sender.owner)
        return mine, rests, at

    ours, resting, next_at = sender.store.transact(enter)
    if not ours:
        log.warning("somebody else holds this notice by now")
    elif isinstance(outcome, Sent):
        log.info("told", **({"note": outcome.note} if outcome.note else {}))
    elif next_at is not None:
        log.warning("not told, tried again later", error=outcome.reason, next_at=next_at.isoformat())
    else:
        log.error("not told, and given up", error=outcome.reason)
    if resting:
        log.warning("the receiver is left alone and probed once a minute")


def note(conn: Connection, receiver: str, outcome: Outcome, now: datetime) -> bool:
    """Remember how the receiver fares; returns whether it is left alone from now on."""
    if isinstance(outcome, Retry):
        asked = outcome.after if outcome.status == _TOO_MANY else None
        return receiver_states.failed(conn, receiver, outcome.reason, now, None if asked is None else now + asked)
    answers = isinstance(outcome, Sent) or outcome.status is not None
    if answers and receiver_states.answered(conn, receiver):
        outbox.hurry(conn, receiver, now)
    if not isinstance(outcome, Sent) and outcome.disable:
        receiver_states.disable(conn, receiver, now, outcome.reason)
    return False


def _next_at(sender: Dispatcher, letter: Letter, outcome: Outcome, now: datetime) -> datetime | None:
    if not isinstance(outcome, Retry):
        return None
    wait = next_wait(max(letter.attempts, 1), timedelta(0), letter.expires_at - now, sender.rng, outcome.after)
    return None if wait is None else now + wait


def _enter(
    conn: Connection, sender: Dispatcher, letter: Letter, outcome: Outcome, now: datetime, next_at: datetime | None
) -> bool:
    if isinstance(outcome, Sent):
        ours = outbox.delivered(conn, letter, now, outcome.note)
        if ours and outcome.handle and letter.incident_id:
            ledgers.keep_handle(conn, letter.incident_id, letter.receiver, outcome.handle)
        return ours
    if next_at is not None:
        return outbox.put_off(conn, letter, next_at, outcome.status, outcome.reason)
    ours = outbox.bury(conn, letter, now, outcome.status, outcome.reason)
    if ours:
        pass_on(conn, sender.config, letter, outcome.reason, now)
    return ours
