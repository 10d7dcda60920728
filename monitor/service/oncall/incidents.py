"""Incidents as people on call see them and act on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.alerts import acknowledge as human
from monitor.alerts.acknowledge import StaleVersionError
from monitor.alerts.gravity import rank
from monitor.alerts.incident import Changed, Incident
from monitor.alerts.kind import kind_of
from monitor.alerts.member import Member
from monitor.alerts.retraining_policy import is_fall
from monitor.alerts.silence import Silence, covered
from monitor.alerts.subject import of_member
from monitor.config import Config
from monitor.errors import UsageError
from monitor.service import asked
from monitor.service.record import instant, instant_or_none
from monitor.store import clock, incidents, models, recommendations, silences
from monitor.store.engine import Store, within
from monitor.store.incidents import PREFIX, StoredIncident

_NUMBER = re.compile(r"[0-9a-f]{1,32}")


@dataclass(frozen=True)
class Seen:
    """An incident as it is at the moment; ``silenced`` when a silence covers all that keeps it open."""

    id: str
    incident: Incident
    zone: str = "UTC"
    silenced: bool = False

    @property
    def members(self) -> tuple[Member, ...]:
        """All members: those that keep it open first, of them the gravest and strongest."""
        return tuple(sorted(self.incident.members, key=_weight))

    @property
    def by_kind(self) -> tuple[tuple[str, Member], ...]:
        """The members that keep it open, of a resolved one all, each with its kind, in that order."""
        return tuple((kind_of(one.labels), one) for one in self.members if one.held or not self.incident.held)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it is about, each kind once: ``drift``, ``performance``, ``no_rows``."""
        return tuple(sorted({kind for kind, _ in self.by_kind}))

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        incident, acknowledgement = self.incident, self.incident.acknowledgement
        return {
            "id": self.id,
            "model": incident.model,
            "state": incident.state,
            "severity": incident.severity,
            "version": incident.version,
            "opened_at": instant(incident.opened_at),
            "resolved_at": instant_or_none(incident.resolved_at),
            "columns": list(incident.columns),
            "kinds": list(self.kinds),
            "reason": incident.reason,
            "started_at": instant(incident.started_at),
            "reopen_count": incident.reopen_count,
            "silenced": self.silenced,
            "acknowledged_by": acknowledgement and acknowledgement.actor,
            "acknowledged_until": instant_or_none(acknowledgement.expires_at if acknowledgement else None),
        }


@dataclass(frozen=True)
class Acted:
    """An incident after somebody acted on it, and whether that changed anything.

    ``ends`` is the recommendation to train anew that has no other reason and therefore ends as well.
    """

    seen: Seen
    changed: bool
    ends: str | None = None


def listed(config: Config, store: Store, names: Sequence[str] | None = None, *, resolved: bool = False) -> list[Seen]:
    """Return the incidents of some models, of all when none is named, the newest first.

    Parameters
    ----------
    resolved : bool
        Whether to return resolved ones too.

    Raises
    ------
    UsageError
        A model is known neither to the file nor to the store.
    """
    with store.read() as conn:
        now = clock.now(conn)
        found = incidents.every(conn, model_ids=_numbers(conn, config, names), resolved=resolved)
        hushed = silences.every(conn, after=now)
    return [view(config, one, hushed, now) for one in found]


def find(conn: Connection, text: str, *, lock: bool = False) -> StoredIncident:
    """Return the incident that a number means, which may be shortened to a beginning that no other one has.

    Raises
    ------
    UsageError
        There is none, or there are several.
    """
    digits = text.strip().lower().removeprefix(PREFIX)
    numbers = incidents.beginning(conn, PREFIX + digits) if _NUMBER.fullmatch(digits) else []
    if len(numbers) > 1:
        raise UsageError(f"several incidents begin with {text!r}", f"write more of it: {', '.join(numbers)}")
    found = incidents.get(conn, numbers[0], lock=lock) if numbers else None
    if found is None:
        raise UsageError(f"there is no incident {text[:80]!r}", "`monitor incidents list --all` shows which there are")
    return found


def view(config: Config, found: StoredIncident, hushed: Iterable[Silence], now: datetime) -> Seen:
    """Return an incident as it is at an instant: an acknowledgement that has run out is none any more."""
    incident = human.expired(found.incident, now).incident or found.incident
    incident = replace(incident, version=found.incident.version)
    model = config.model(incident.model)
    words = model.labels if model else {}
    active = [one for one in hushed if one.active(now)]
    silenced = bool(incident.open and incident.held) and all(
        covered(active, of_member(incident.model, words, member), now) for member in incident.held
    )
    return Seen(found.id, incident, model.window_timezone if model else "UTC", silenced)


def acknowledge(
    config: Config,
    store: Store | Connection,
    number: str,
    *,
    actor: str,
    note: str | None = None,
    length: timedelta | None = None,
    version: int | None = None,
) -> Acted:
    """Take an incident on: nobody is told again until ``length`` is over, by default 24 hours.

    Raises
    ------
    UsageError
        There is no such incident, it is resolved, or ``length`` is more than 7 days.
    StaleVersionError
        It is not at ``version`` any more.
    """

    def act(incident: Incident, now: datetime) -> Changed:
        until = None if length is None else now + length
        return human.acknowledge(incident, actor=actor, at=now, note=note, expires_at=until)

    return _acted(config, store, number, act, version)


def unacknowledge(
    config: Config,
    store: Store | Connection,
    number: str,
    *,
    actor: str,
    note: str | None = None,
    version: int | None = None,
) -> Acted:
    """Give an incident back: repeats and escalation begin anew.

    Raises
    ------
    UsageError
        There is no such incident.
    StaleVersionError
        It is not at ``version`` any more.
    """

    def act(incident: Incident, now: datetime) -> Changed:
        return human.unacknowledge(incident, actor=actor, at=now, note=note)

    return _acted(config, store, number, act, version)


def resolve(
    config: Config,
    store: Store | Connection,
    number: str,
    *,
    actor: str,
    note: str | None = None,
    version: int | None = None,
) -> Acted:
    """Close an incident by hand; the next window that breaches opens the same one again.

    Raises
    ------
    UsageError
        There is no such incident.
    StaleVersionError
        It is not at ``version`` any more.
    """

    def act(incident: Incident, now: datetime) -> Changed:
        return human.resolve(incident, actor=actor, at=now, note=note)

    def take(conn: Connection) -> Acted:
        done = _acted(config, conn, number, act, version)
        return replace(done, ends=_left_alone(conn, done.seen.incident)) if done.changed else done

    return within(store, take)


def _acted(
    config: Config,
    store: Store | Connection,
    number: str,
    act: Callable[[Incident, datetime], Changed],
    version: int | None,
) -> Acted:
    """Act in one transaction, an acknowledgement that has run out noted before."""

    def take(conn: Connection) -> Acted:
        now = clock.now(conn)
        found = find(conn, number, lock=True)
        if version is not None and version != found.incident.version:
            raise StaleVersionError(found.incident, version)
        lapsed = human.expired(found.incident, now)
        done = act(lapsed.incident or found.incident, now)
        changed = Changed(done.incident, (*lapsed.entries, *done.entries))
        saved = incidents.save(conn, found.model_id, changed) or found
        return Acted(view(config, saved, silences.every(conn, after=now), now), bool(done.entries))

    return within(store, take)


def _left_alone(conn: Connection, resolved: Incident) -> str | None:
    """Return the open recommendation to train anew whose last fall of performance a resolved incident has held."""
    model = models.find(conn, resolved.model)
    if model is None or not any(map(is_fall, resolved.members)):
        return None
    known = recommendations.live(conn, [model.id]).get(model.id)
    if known is None or known.recommendation.status != "open":
        return None
    still = (one for found in incidents.every(conn, model_ids=[model.id]) for one in found.incident.members)
    return None if any(map(is_fall, still)) else known.id


def _weight(member: Member) -> tuple[bool, int, float, float, str]:
    evidence = member.evidence
    chance = 1.0 if evidence is None or evidence.p_corrected is None else evidence.p_corrected
    effect = 0.0 if evidence is None else abs(evidence.effect or 0.0)
    return not member.held, -rank(member.severity), -effect, chance, member.fingerprint


def _numbers(conn: Connection, config: Config, names: Sequence[str] | None) -> list[int] | None:
    if not names:
        return None
    known = [models.find(conn, name) for name in names]
    asked.models(config, [name for name, found in zip(names, known, strict=True) if found is None])
    return [found.id for found in known if found is not None]
