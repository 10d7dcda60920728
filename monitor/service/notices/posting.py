"""Posting: a notice is put into the outbox in the transaction that changes what it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.alerts.digest import Line
from monitor.alerts.member import Member
from monitor.alerts.send_decision import Decision
from monitor.config import Config
from monitor.notify import Message, horizon
from monitor.notify.saved import dump
from monitor.service.notices.notice import Stationery, digest, notice
from monitor.store import ledgers, outbox
from monitor.store.incidents import StoredIncident
from monitor.store.outbox import Entry

UNKNOWN = timedelta(hours=24)


def post(
    conn: Connection,
    config: Config,
    paper: Stationery,
    found: StoredIncident,
    receiver: str,
    decision: Decision,
    members: Iterable[Member],
    at: datetime,
    *,
    entered_at: datetime | None = None,
    picture: bytes | None = None,
) -> Message | None:
    """Save what a receiver knows after a decision, and enter the notice if there is one.

    Parameters
    ----------
    at : datetime
        When it was decided, by the clock of the run.
    entered_at : datetime, optional
        When it is entered, by the database's clock, from which its retries count; ``at`` when not given.

    Returns
    -------
    Message or None
        None when nothing is told, or it was entered before.
    """
    ledgers.save(conn, found.id, receiver, decision.ledger)
    if decision.kind is None:
        return None
    message = notice(paper, found.id, found.incident, decision, receiver, members, at, picture=picture)
    row = entry(config, message, found.id, receiver, decision.ledger.seq, entered_at or at)
    return message if outbox.enter(conn, [row]) else None


def post_digest(
    conn: Connection, config: Config, paper: Stationery, receiver: str, lines: Sequence[Line], at: datetime
) -> Message:
    """Enter a digest of what a receiver was not told."""
    message = digest(paper, receiver, lines, at)
    outbox.enter(conn, [entry(config, message, None, receiver, 0, at)])
    return message


def entry(config: Config, message: Message, incident_id: str | None, receiver: str, seq: int, at: datetime) -> Entry:
    """Return the row of a message, given up when the receiver's kind says so."""
    kind = next((one.type for one in config.receivers if one.name == receiver), None)
    until = at + (UNKNOWN if kind is None else horizon(kind))
    return Entry(message.id, incident_id, receiver, seq, message.kind, dump(message), at, until)
