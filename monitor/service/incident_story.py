"""All that is known of one incident: its members, its timeline, who was told, what hushes it, where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from monitor.alerts.entry import Entry
from monitor.alerts.member import Member
from monitor.alerts.silence import Silence
from monitor.config import Config
from monitor.domain.window import Window
from monitor.service.incidents import Seen, find, view
from monitor.service.record import instant, instant_or_none
from monitor.service.silencing import covering
from monitor.store import clock, incidents, silences
from monitor.store.alert_tables import outbox
from monitor.store.engine import Store


@dataclass(frozen=True)
class Notice:
    """One notice of an incident on its way to a receiver; ``error`` is what went wrong at the last attempt."""

    id: str
    receiver: str
    kind: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    settled_at: datetime | None
    last_status: int | None
    error: str | None

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return asdict(self) | {
            "created_at": instant(self.created_at),
            "next_at": instant(self.next_at) if self.state in ("queued", "leased") else None,
            "settled_at": instant_or_none(self.settled_at),
        }


@dataclass(frozen=True)
class Story:
    """One incident with everything that belongs to it: ``runbook`` is the model's, ``link`` its page."""

    seen: Seen
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    silences: tuple[Silence, ...] = ()
    runbook: str | None = None
    link: str | None = None

    def record(self) -> dict[str, Any]:
        """Return it as one object, for machines."""
        return self.seen.record() | {
            "dedup_key": self.seen.incident.dedup_key,
            "runbook": self.runbook,
            "link": self.link,
            "members": [_member(member) for member in self.seen.members],
            "timeline": [asdict(entry) | {"at": instant(entry.at)} for entry in self.entries],
            "notices": [notice.record() for notice in self.notices],
            "silences": [one.id for one in self.silences],
        }


def story(config: Config, store: Store, number: str) -> Story:
    """Return all that is known of the incident with that number, which may be shortened.

    Raises
    ------
    UsageError
        There is none, or there are several.
    """
    with store.read() as conn:
        now = clock.now(conn)
        found = find(conn, number)
        hushed = silences.every(conn, after=now)
        entries, notices = incidents.entries(conn, found.id), _notices(conn, found.id)
    model = config.model(found.incident.model)
    return Story(
        view(config, found, hushed, now),
        tuple(entries),
        tuple(notices),
        covering(config, found, hushed, now),
        model.runbook if model else None,
        config.external_url and f"{config.external_url}/dash/incidents/{found.id}",
    )


def _notices(conn: Connection, number: str) -> list[Notice]:
    wanted = (
        outbox.c.id, outbox.c.receiver, outbox.c.kind, outbox.c.state, outbox.c.attempts, outbox.c.created_at,
        outbox.c.next_at, outbox.c.settled_at, outbox.c.last_status, outbox.c.last_error.label("error"),
    )  # fmt: skip
    chosen = select(*wanted).where(outbox.c.incident_id == number)
    return [
        Notice(**row)
        for row in conn.execute(chosen.order_by(outbox.c.created_at, outbox.c.seq, outbox.c.id)).mappings()
    ]


def _member(member: Member) -> Mapping[str, Any]:
    return {
        "fingerprint": member.fingerprint,
        "rule": member.rule,
        "labels": dict(member.labels),
        "severity": member.severity,
        "phase": member.phase,
        "flapping": member.flapping,
        "started": _window(member.started),
        "fired": _window(member.fired),
        "last_breach": _window(member.last_breach),
        "reason": member.reason,
        "evidence": None if member.evidence is None else asdict(member.evidence),
    }


def _window(window: Window) -> dict[str, str]:
    return {"start": instant(window.start), "end": instant(window.end)}
