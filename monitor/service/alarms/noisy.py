"""Noise: which rules have woken people for nothing, by what was stored of incidents and of what was done about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection

from monitor.alerts.entry import Entry
from monitor.alerts.incident import Incident
from monitor.config import ModelConfig
from monitor.store import incidents, models, outbox, runs
from monitor.store.engine import Store

WAKING = frozenset({"opened", "severity_up", "reopened", "repeated", "ack_expired", "escalated", "flapping"})
Ends = tuple[datetime | None, datetime | None]
_BEGINS = ("opened", "reopened")
_HEEDED = ("acknowledged", "silenced")


@dataclass(frozen=True)
class Noise:
    """What one rule has raised: ``incidents`` that it opened, alone or with others, each reopening counted.

    ``notices`` are those delivered of them, to whomever, that wake somebody. ``heeded`` were acknowledged, silenced or
    resolved by somebody; ``unheeded`` were over by themselves before anybody had done anything, after ``hours`` at the
    median; the rest is still open. ``days`` is the time looked at.
    """

    model: str
    rule: str
    days: float
    incidents: int = 0
    notices: int = 0
    heeded: int = 0
    unheeded: int = 0
    hours: float | None = None

    @property
    def per_month(self) -> float | None:
        """Incidents in 30 days; None when less than a day was looked at."""
        return 30 * self.incidents / self.days if self.days >= 1 else None

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return {
            "model": self.model,
            "rule": self.rule,
            "days": round(self.days, 3),
            "incidents": self.incidents,
            "per_30_days": self.per_month,
            "notices": self.notices,
            "heeded": self.heeded,
            "unheeded": self.unheeded,
            "median_hours_unheeded": self.hours,
        }


@dataclass(frozen=True)
class Episode:
    """An incident from where it opened, or opened again, to its end: the rules that opened it, and how it went."""

    rules: frozenset[str]
    opened_at: datetime
    ended_at: datetime | None = None
    heeded: bool = False
    incident: str = ""


def noisy(store: Store, chosen: Sequence[ModelConfig], ends: Mapping[str, Ends]) -> list[Noise]:
    """Return what the rules of some models have raised, those first that woke people for nothing most often.

    Parameters
    ----------
    ends : mapping
        By model, between which instants incidents opened; None where that is open.
    """
    found: list[Noise] = []
    with store.read() as conn:
        for model in chosen:
            stored = models.find(conn, model.name)
            if stored is not None:
                found += _of_model(conn, stored.id, model.name, ends.get(model.name, (None, None)))
    return sorted(found, key=lambda one: (-one.unheeded, -one.incidents, one.model, one.rule))


def episodes(incident: Incident, entries: Sequence[Entry], number: str = "") -> Iterator[Episode]:
    """Yield the episodes of an incident, oldest first, from its timeline."""
    rules = {member.fingerprint: member.rule for member in incident.members}
    starts = [i for i, entry in enumerate(entries) if entry.kind in _BEGINS]
    for start, stop in zip(starts, [*starts[1:], len(entries)], strict=True):
        mine = entries[start:stop]
        begins = mine[0]
        openers = {e.fingerprint for e in mine if e.kind == "joined" and e.at == begins.at}
        ended = next((entry for entry in mine if entry.kind == "resolved"), None)
        by_hand = any(entry.kind in _HEEDED for entry in mine) or (ended is not None and ended.actor is not None)
        named = frozenset(rules[name] for name in openers if name in rules)
        yield Episode(named, begins.at, ended.at if ended else None, by_hand, number)


def _of_model(conn: Connection, model_id: int, name: str, ends: Ends) -> Iterator[Noise]:
    days = _days(conn, model_id, ends)
    heard: dict[str, list[Episode]] = {}
    for found in incidents.every(conn, model_ids=[model_id], resolved=True):
        for episode in episodes(found.incident, incidents.entries(conn, found.id), found.id):
            if _inside(episode.opened_at, ends):
                for rule in episode.rules:
                    heard.setdefault(rule, []).append(episode)
    woke = outbox.delivered_of(conn, {one.incident for mine in heard.values() for one in mine}, WAKING)
    for rule, mine in heard.items():
        quiet = [one for one in mine if one.ended_at is not None and not one.heeded]
        lasted = [(one.ended_at - one.opened_at) / timedelta(hours=1) for one in quiet if one.ended_at is not None]
        yield Noise(
            name,
            rule,
            days,
            len(mine),
            sum(woke.get(number, 0) for number in {one.incident for one in mine}),
            sum(one.heeded for one in mine),
            len(quiet),
            round(median(lasted), 3) if lasted else None,
        )


def _days(conn: Connection, model_id: int, ends: Ends) -> float:
    done = runs.latest(conn, model_id, *ends)
    return (done[-1].window.end - done[0].window.start) / timedelta(days=1) if done else 0.0


def _inside(at: datetime, ends: Ends) -> bool:
    start, end = ends
    return (start is None or at >= start) and (end is None or at < end)
