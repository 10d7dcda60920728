"""Silences from people: made, listed, ended, each with a line in the timeline of the incidents it covers."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from monitor.alerts import acknowledge as human
from monitor.alerts.matcher import Matcher, parse
from monitor.alerts.silence import Silence, expire, silence
from monitor.alerts.subject import of_member
from monitor.config import Config
from monitor.errors import UsageError
from monitor.service.access.actor import written
from monitor.service.oncall.bearing import demand_words, warnings
from monitor.service.record import instant
from monitor.store import clock, incidents, silences
from monitor.store.engine import Store, within
from monitor.store.incidents import StoredIncident

PREFIX = "sil_"
AGAIN = timedelta(minutes=1)

State = Literal["active", "pending", "over"]


@dataclass(frozen=True)
class Standing:
    """A silence as it is at the moment, and the open incidents with a member that it covers or will cover.

    ``changed`` tells, after an action, whether that was needed; ``warnings`` say, after it was made, why it may not do
    what was meant.
    """

    silence: Silence
    state: State
    incidents: tuple[str, ...] = ()
    zone: str = "UTC"
    changed: bool = True
    warnings: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        found = self.silence
        return {
            "id": found.id,
            "state": self.state,
            "matchers": [str(matcher) for matcher in found.matchers],
            "starts_at": instant(found.starts_at),
            "ends_at": instant(found.ends_at),
            "created_at": instant(found.created_at),
            "author": found.author,
            "reason": found.reason,
            "incidents": list(self.incidents),
            "warnings": list(self.warnings),
        }


def listed(config: Config, store: Store, *, over: bool = False) -> list[Standing]:
    """Return the silences that hold or will hold, with ``over`` all there ever were, in the order they were made."""
    with store.read() as conn:
        now = clock.now(conn)
        found = silences.every(conn, after=None if over else now)
        still = incidents.every(conn)
    return [_standing(config, one, still, now) for one in found]


def add(
    config: Config,
    store: Store | Connection,
    matchers: Sequence[str],
    *,
    length: timedelta,
    actor: str,
    reason: str,
    starts_at: datetime | None = None,
) -> Standing:
    """Make a silence; the same one again, by the same person and within a minute, is the one that is there.

    Parameters
    ----------
    matchers : sequence of str
        As typed, such as ``model=fraud``; all of them must fit.
    length : timedelta
        How long it lasts, at most 30 days from its beginning.
    starts_at : datetime, optional
        When it begins; at once when absent.

    Raises
    ------
    UsageError
        A matcher is none, none of them narrows it, no alarm has its word, or its time is over or too long.
    """
    chosen, why = parsed(matchers), written(reason, "--reason")

    def act(conn: Connection) -> Standing:
        now = clock.now(conn)
        begins = starts_at or now.replace(microsecond=0)
        new = silence(
            PREFIX + secrets.token_hex(8), chosen, starts_at=begins, ends_at=begins + length, author=actor,
            reason=why, at=now,
        )  # fmt: skip
        still = incidents.every(conn)
        demand_words(config, conn, chosen, still)
        same = next((one for one in silences.every(conn, after=now) if _same(one, new)), None)
        if same is None:
            silences.save(conn, new)
            _note(conn, config, new, now)
        made = _standing(config, same or new, still, now, changed=same is None)
        return replace(made, warnings=warnings(config, conn, chosen))

    return within(store, act)


def get(conn: Connection, number: str) -> Silence | None:
    """Return the silence with exactly this number; None when there is none."""
    return silences.get(conn, number)


def parsed(matchers: Iterable[str]) -> list[Matcher]:
    """Return the matchers that texts such as ``model=fraud`` mean.

    Raises
    ------
    UsageError
        One is none.
    """
    return [parse(written(text, "--match")) for text in matchers]


def end(config: Config, store: Store | Connection, number: str) -> Standing:
    """End a silence now, or keep one from beginning; one that is over stays as it was.

    Raises
    ------
    UsageError
        There is no such silence, or there are several that begin so.
    """

    def act(conn: Connection) -> Standing:
        now = clock.now(conn)
        known = _find(conn, number)
        ended = expire(known, now)
        if ended != known:
            silences.save(conn, ended)
        return _standing(config, ended, incidents.every(conn), now, changed=ended != known)

    return within(store, act)


def zone_of(config: Config, matchers: Iterable[Matcher]) -> str:
    """Return the time zone of the model that a silence names outright, ``UTC`` when it names none."""
    named = (config.model(one.value) for one in matchers if (one.word, one.operator) == ("model", "="))
    return next((model.window_timezone for model in named if model is not None), "UTC")


def covering(config: Config, found: StoredIncident, hushed: Iterable[Silence], now: datetime) -> tuple[Silence, ...]:
    """Return the silences that cover a member of an incident at an instant."""
    return tuple(one for one in hushed if one.active(now) and _touches(config, one, found, now))


def _touches(config: Config, one: Silence, found: StoredIncident, at: datetime) -> bool:
    incident = found.incident
    model = config.model(incident.model)
    words = model.labels if model else {}
    return any(one.covers(of_member(incident.model, words, member), at) for member in incident.held)


def _covered(config: Config, one: Silence, still: Iterable[StoredIncident]) -> Iterator[StoredIncident]:
    return (found for found in still if _touches(config, one, found, one.starts_at))


def _note(conn: Connection, config: Config, new: Silence, now: datetime) -> None:
    """Write into the timeline of the open incidents that a silence covers; locked in one order."""
    for number in sorted(found.id for found in _covered(config, new, incidents.every(conn))):
        found = incidents.get(conn, number, lock=True)
        if found is not None and found.incident.open:
            changed = human.silenced(found.incident, actor=new.author, at=now, reason=_told(new, now))
            incidents.save(conn, found.model_id, changed)


def _told(new: Silence, now: datetime) -> str:
    """Return when a silence holds, in UTC as the zones of its incidents differ, and why."""
    start, end = (f"{at:%Y-%m-%d %H:%M} UTC" for at in (new.starts_at, new.ends_at))
    return f"until {end}: {new.reason}" if new.starts_at <= now else f"from {start} to {end}: {new.reason}"


def _standing(
    config: Config, one: Silence, still: Iterable[StoredIncident], now: datetime, *, changed: bool = True
) -> Standing:
    state: State = "over" if now >= one.ends_at else "active" if one.active(now) else "pending"
    covered = () if state == "over" else tuple(found.id for found in _covered(config, one, still))
    return Standing(one, state, covered, zone_of(config, one.matchers), changed)


def _same(known: Silence, new: Silence) -> bool:
    told = (known.matchers, known.author, known.reason) == (new.matchers, new.author, new.reason)
    return told and abs(known.starts_at - new.starts_at) < AGAIN and abs(known.ends_at - new.ends_at) < AGAIN


def _find(conn: Connection, text: str) -> Silence:
    digits = text.strip().lower().removeprefix(PREFIX)
    found = [one for one in silences.every(conn) if one.id.startswith(PREFIX + digits)] if digits else []
    if len(found) > 1:
        some = ", ".join(one.id for one in found[:10])
        raise UsageError(f"several silences begin with {text!r}", f"write more of it: {some}")
    if not found:
        raise UsageError(f"there is no silence {text[:80]!r}", "`monitor silences list --all` shows which there are")
    return found[0]
