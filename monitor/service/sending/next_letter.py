"""The next letter: what a receiver is to be told next, after dropping what need not be told any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from monitor.alerts.coalesce import Coalesced, Waiting, coalesce
from monitor.alerts.digest import Line
from monitor.config import Config
from monitor.notify.saved import load
from monitor.service.notices.notice import Stationery
from monitor.service.notices.posting import post_digest
from monitor.service.sending.dispatcher import Dispatcher
from monitor.service.sending.fallback import pass_on
from monitor.store import outbox
from monitor.store.outbox import Letter

OVER = "over before it could be told"
OLDER = "a newer notice tells as much"
_WAITS = ("queued", "leased")


def next_letter(
    conn: Connection, sender: Dispatcher, receiver: str, now: datetime, before: datetime | None
) -> Letter | None:
    """Return the notice to send next; None when there is none.

    Incidents that were over before the receiver could be told of them become one digest.
    """
    over: list[Line] = []
    while (head := outbox.head(conn, receiver, now, sender.scope, before)) is not None:
        if head.incident_id is None or not _drop(conn, sender.config, head, now, over):
            break
    if over:
        lines = sorted(over, key=lambda line: (line.started_at, line.dedup_key))
        post_digest(conn, sender.config, Stationery.of(sender.config), receiver, lines, now)
    return head


def _drop(conn: Connection, config: Config, head: Letter, now: datetime, over: list[Line]) -> bool:
    """Cancel what need not be told of an incident, and tell whether its next notice was among that."""
    letters = outbox.stream(conn, head)
    known = [one for one in letters if one.state == "delivered"]
    waits = [one for one in letters if one.state in _WAITS]
    told = bool(known) and known[-1].kind != "resolved"
    found = coalesce([Waiting(one.id, one.kind, perhaps=_perhaps(one)) for one in waits], told=told)
    outbox.cancel(conn, found.older, now, OLDER)
    outbox.cancel(conn, found.over, now, OVER)
    _tell_otherwise(conn, config, letters, found, now, over)
    return head.id in found.over or head.id in found.older


def _tell_otherwise(
    conn: Connection, config: Config, letters: list[Letter], found: Coalesced, now: datetime, over: list[Line]
) -> None:
    """List an incident that is over in the digest; if its opening died, whoever heard of it instead hears the end."""
    dropped = [one for one in letters if one.id in found.over]
    if not dropped:
        return
    if any(one.state == "dead" and one.seq < dropped[0].seq for one in letters):
        pass_on(conn, config, dropped[-1], OVER, now)
    elif len(dropped) > 1:
        over.append(_line(dropped[0], dropped[-1]))


def _line(first: Letter, last: Letter) -> Line:
    opened, resolved = load(first.message), load(last.message)
    columns = tuple(mark.name for mark in opened.columns)
    return Line(opened.dedup_key, opened.model, opened.severity, opened.since, resolved.at, columns, "over")


def _perhaps(letter: Letter) -> bool:
    """Tell whether a notice may have arrived although nobody said so: its sender vanished, or the answer did."""
    return letter.attempts > 0 and (letter.last_error is None or "timeout" in letter.last_error)
