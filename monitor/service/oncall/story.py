"""All that is known of one incident: its members, its timeline, who was told, what hushes it, where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from monitor.alerts.entry import Entry
from monitor.alerts.member import Member
from monitor.alerts.silence import Silence
from monitor.config import Config
from monitor.domain.window import Window
from monitor.service.notices.deliveries import Delivery
from monitor.service.notices.words import cause
from monitor.service.oncall.incidents import Seen, find, view
from monitor.service.oncall.silencing import covering
from monitor.service.record import instant
from monitor.store import clock, incidents, outbox, silences
from monitor.store.engine import Store


@dataclass(frozen=True)
class Story:
    """One incident with everything that belongs to it.

    ``runbook`` is the model's, ``link`` leads to its page, ``receivers`` counts those of the file.
    """

    seen: Seen
    entries: tuple[Entry, ...] = ()
    notices: tuple[Delivery, ...] = ()
    silences: tuple[Silence, ...] = ()
    runbook: str | None = None
    link: str | None = None
    receivers: int = 0

    @property
    def cause(self) -> str:
        """What it may come from, in a sentence."""
        return cause([member for member in self.seen.members if member.held] or self.seen.members)

    def record(self) -> dict[str, Any]:
        """Return it as one object, for machines."""
        return self.seen.record() | {
            "dedup_key": self.seen.incident.dedup_key,
            "cause": self.cause,
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
        entries, notices = incidents.entries(conn, found.id), outbox.of_incident(conn, found.id)
    model = config.model(found.incident.model)
    return Story(
        view(config, found, hushed, now),
        tuple(entries),
        tuple(map(Delivery.of, notices)),
        covering(config, found, hushed, now),
        model.runbook if model else None,
        config.external_url and f"{config.external_url}/dash/incidents/{found.id}",
        len(config.receivers),
    )


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
