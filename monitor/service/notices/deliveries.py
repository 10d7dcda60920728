"""Deliveries as people look at them: what waits for receivers, what was given up, and trying that again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.errors import UsageError
from monitor.service.record import instant, instant_or_none
from monitor.store import clock, dead_letters
from monitor.store.engine import Store, within
from monitor.store.outbox import Letter

UNSETTLED = ("queued", "leased", "dead")
EVERY = ("queued", "leased", "delivered", "cancelled", "dead")


@dataclass(frozen=True)
class Delivery:
    """One notice on its way to a receiver; ``error`` is what went wrong last, or why it is not sent."""

    id: str
    incident: str | None
    receiver: str
    kind: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    expires_at: datetime
    settled_at: datetime | None
    last_status: int | None
    error: str | None

    @classmethod
    def of(cls, letter: Letter) -> Delivery:
        """Take over what concerns people."""
        return cls(
            letter.id,
            letter.incident_id,
            letter.receiver,
            letter.kind,
            letter.state,
            letter.attempts,
            letter.created_at,
            letter.next_at if letter.state in ("queued", "leased") else None,
            letter.expires_at,
            letter.settled_at,
            letter.last_status,
            letter.last_error,
        )

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return {
            "id": self.id,
            "incident": self.incident,
            "receiver": self.receiver,
            "kind": self.kind,
            "state": self.state,
            "attempts": self.attempts,
            "created_at": instant(self.created_at),
            "next_at": instant_or_none(self.next_at),
            "expires_at": instant(self.expires_at),
            "settled_at": instant_or_none(self.settled_at),
            "last_status": self.last_status,
            "error": self.error,
        }


def listed(
    store: Store,
    *,
    every: bool = False,
    receiver: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """Return what waits or was given up, with ``every`` what is settled too, the newest first."""
    with store.read() as conn:
        states = EVERY if every else UNSETTLED
        found = dead_letters.letters(conn, states=states, receiver=receiver, start=start, end=end, limit=limit)
    return [Delivery.of(letter) for letter in found]


def page(
    conn: Connection, *, states: Collection[str], receiver: str | None, before: str | None, limit: int
) -> list[Delivery]:
    """Return notices in some states, the newest first, those entered before one of them."""
    found = dead_letters.letters(conn, states=states, receiver=receiver, before=before, limit=limit)
    return [Delivery.of(letter) for letter in found]


def get(conn: Connection, number: str) -> Delivery | None:
    """Return the notice with exactly this number; None when there is none."""
    found = dead_letters.letters(conn, states=EVERY, number=number)
    return Delivery.of(found[0]) if found else None


def retry(
    store: Store | Connection,
    numbers: Sequence[str] = (),
    *,
    receiver: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> tuple[list[str], list[str]]:
    """Make notices that were given up due again; without numbers all that fit.

    One whose incident its receiver has been told something newer of stays as it is.

    Parameters
    ----------
    numbers : sequence of str
        May be shortened to a beginning that no other dead one has.

    Returns
    -------
    (list of str, list of str)
        Those due again, and those left because something newer was told.

    Raises
    ------
    UsageError
        A number is that of no notice that was given up.
    """

    def act(conn: Connection) -> tuple[list[str], list[str]]:
        dead = [one.id for one in dead_letters.letters(conn, receiver=receiver, start=start, end=end)]
        chosen = [_meant(conn, dead, text) for text in numbers] or dead
        again = dead_letters.retry(
            conn, clock.now(conn), ids=list(dict.fromkeys(chosen)), receiver=receiver, start=start, end=end
        )
        return again, [number for number in chosen if number not in again]

    return within(store, act)


def _meant(conn: Connection, dead: Sequence[str], text: str) -> str:
    begins = text.strip().upper()
    found = [number for number in dead if begins and number.upper().startswith(begins)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"several notices begin with {text!r}", f"write more of it: {', '.join(found[:10])}")
    known = dead_letters.letters(conn, states=EVERY) if begins else []
    state = next((one.state for one in known if one.id.upper().startswith(begins)), None)
    said = f"notice {text[:80]!r} was not given up, it is {state}" if state else f"there is no notice {text[:80]!r}"
    raise UsageError(said, "`monitor deliveries list` shows those that were given up as dead")
