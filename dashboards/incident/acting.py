"""What people do to an incident: acknowledge, give back, silence, resolve; each refused or done, and on the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from dashboards.asking import Asked, MissingError
from monitor.alerts.acknowledge import StaleVersionError
from monitor.errors import UsageError
from monitor.service.access import audit
from monitor.service.access.actor import written
from monitor.service.oncall import incidents as service
from monitor.service.oncall import silencing
from monitor.service.oncall.incidents import find
from monitor.store.incidents import StoredIncident

LENGTHS = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "24h": timedelta(hours=24),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
NAMES = {
    "acknowledge": "incident.ack",
    "unacknowledge": "incident.unack",
    "resolve": "incident.resolve",
    "silence": "silence.add",
}


@dataclass(frozen=True)
class Wish:
    """What somebody wants done: ``version`` is that of the incident as it was on the page."""

    action: str
    number: str
    reason: str
    length: str | None
    version: int | None


def act(asked: Asked, wish: Wish) -> None:
    """Do it in one transaction, with a line in the audit log.

    Raises
    ------
    MissingError
        There is no such incident, or whoever asks may not know of it.
    RefusedError
        Whoever asks may not do that.
    StaleVersionError
        The incident has changed since the page was drawn.
    UsageError
        A reason is missing, or the incident is resolved.
    """
    if wish.action not in NAMES:
        raise UsageError(f"there is no action {wish.action[:40]!r}", "load the page again")
    reason = written(wish.reason, "the reason") if wish.reason.strip() else ""
    if not reason and wish.action != "unacknowledge":
        raise UsageError("A reason is missing.", "write a few words for those who come after you")
    with asked.store.write() as conn:
        found = seen(asked, conn, wish.number, lock=True)
        model = found.incident.model
        asked.demand("incidents:write", model)
        if wish.version != found.incident.version:
            raise StaleVersionError(found.incident, wish.version or 0)
        _WAYS[wish.action](asked, conn, found, reason, LENGTHS.get(wish.length or "", timedelta(hours=24)))
        after = find(conn, wish.number).incident
        before = {"state": found.incident.state, "version": found.incident.version}
        told = {"state": after.state, "version": after.version, "reason": reason}
        audit.record(conn, asked.principal, NAMES[wish.action], f"incident {found.id}", before, told, asked.request_id)


def seen(asked: Asked, conn: Connection, number: str, *, lock: bool = False) -> StoredIncident:
    """Return an incident that whoever asks may see.

    Raises
    ------
    MissingError
        There is none; one of a model that may not be seen is none.
    """
    missing = MissingError(f"There is no incident {number[:80]}.", "the list shows those that you may see")
    try:
        found = find(conn, number, lock=lock)
    except UsageError:
        raise missing from None
    if not asked.principal.may("read", found.incident.model):
        raise missing
    return found


Way = Callable[[Asked, Connection, StoredIncident, str, timedelta], object]


def _acknowledge(asked: Asked, conn: Connection, found: StoredIncident, reason: str, length: timedelta) -> object:
    who = asked.principal.name
    return service.acknowledge(asked.config, conn, found.id, actor=who, note=reason, length=length)


def _unacknowledge(asked: Asked, conn: Connection, found: StoredIncident, reason: str, _length: timedelta) -> object:
    who = asked.principal.name
    return service.unacknowledge(asked.config, conn, found.id, actor=who, note=reason or None)


def _resolve(asked: Asked, conn: Connection, found: StoredIncident, reason: str, _length: timedelta) -> object:
    return service.resolve(asked.config, conn, found.id, actor=asked.principal.name, note=reason)


def _silence(asked: Asked, conn: Connection, found: StoredIncident, reason: str, length: timedelta) -> object:
    matchers = [f"model={found.incident.model}"]
    return silencing.add(asked.config, conn, matchers, length=length, actor=asked.principal.name, reason=reason)


_WAYS: dict[str, Way] = {
    "acknowledge": _acknowledge,
    "unacknowledge": _unacknowledge,
    "resolve": _resolve,
    "silence": _silence,
}
