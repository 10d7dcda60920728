"""Announcing: every receiver's next notice, decided from what it was told and what is so now.

Nothing is lost by deciding later: what a receiver was told decides what is news to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from monitor.alerts.acknowledge import StaleVersionError, expired
from monitor.alerts.digest import gather
from monitor.alerts.hearing import Wishes, hear
from monitor.alerts.incident import Incident
from monitor.alerts.ledger import Ledger
from monitor.alerts.member import Member
from monitor.alerts.send_decision import Decision, Moment, decide
from monitor.alerts.send_policy import SendPolicy, max_age
from monitor.alerts.silence import Silence
from monitor.config import Config, ModelConfig
from monitor.errors import ContestedError
from monitor.service.notices.notice import Stationery
from monitor.service.notices.posting import post, post_digest
from monitor.store import clock, incidents, ledgers, runs, silences
from monitor.store.engine import Store
from monitor.store.incidents import StoredIncident

RECENT = timedelta(days=7)  # how long after its resolve an incident may still have something to be told


@dataclass(frozen=True)
class Announced:
    """How many notices were entered."""

    notices: int = 0
    digests: int = 0


def announce(
    store: Store, config: Config, chosen: Mapping[int, ModelConfig], *, now: datetime | None = None
) -> Announced:
    """Decide for every incident of the chosen models what each receiver is told now, and put that into the outbox.

    A model that is still catching up is left for later: of what comes and goes meanwhile nobody is told.

    Parameters
    ----------
    now : datetime, optional
        The clock that ages count to; default the database's.
    """
    if not config.receivers:
        return Announced()
    return store.transact(partial(_enter, config, chosen, now))


def _enter(config: Config, chosen: Mapping[int, ModelConfig], now: datetime | None, conn: Connection) -> Announced:
    paper, told = Stationery.of(config), Announced()
    real = clock.now(conn)
    at = now or real
    hushed = [_moved(silence, at) for silence in silences.every(conn, after=real) if silence.active(real)]
    behind = set(runs.behind(conn))
    withheld: list[tuple[Incident, str, Decision]] = []
    for found in incidents.recent(conn, at - RECENT):
        model = chosen.get(found.model_id)
        if model is None or found.model_id in behind:
            continue
        wishes = Wishes(dict(model.labels), hushed, config.routes, config.mute_times)
        current = _lapsed(conn, found, real)
        for receiver, decision, members in _decided(conn, config, model, current, wishes, at):
            message = post(conn, config, paper, current, receiver, decision, members, at, entered_at=real)
            told = Announced(told.notices + (message is not None), told.digests)
            withheld.append((current.incident, receiver, decision))
    for receiver, lines in gather(withheld).items():
        post_digest(conn, config, paper, receiver, lines, real)
        told = Announced(told.notices, told.digests + 1)
    return told


def _decided(
    conn: Connection, config: Config, model: ModelConfig, found: StoredIncident, wishes: Wishes, at: datetime
) -> Iterable[tuple[str, Decision, tuple[Member, ...]]]:
    hearing = hear(found.incident, _no_data(conn, found), wishes, at)
    known = ledgers.of_incident(conn, found.id)
    names = dict.fromkeys((*hearing.receivers, *hearing.escalated, *known))
    wanted = {receiver.name: receiver.send_resolved for receiver in config.receivers}
    for name in names:
        if name in wanted:
            ledger = known.get(name, Ledger())
            moment = Moment(at, late=_late(found.incident, at))
            decision = decide(found.incident, hearing, name, ledger, moment, _policy(model), send_resolved=wanted[name])
            if decision.ledger != ledger or decision.withheld:
                yield name, decision, hearing.audible


def _lapsed(conn: Connection, found: StoredIncident, real: datetime) -> StoredIncident:
    """Return the incident without an acknowledgement that has run out."""
    lapsed = expired(found.incident, real)
    if not lapsed.entries or lapsed.incident is None:
        return found
    try:
        incidents.save(conn, found.model_id, lapsed)
    except StaleVersionError as error:
        raise ContestedError(f"incident {found.id} was changed meanwhile", "nothing was told: try again") from error
    return StoredIncident(found.id, found.model_id, lapsed.incident)


def _moved(silence: Silence, at: datetime) -> Silence:
    """Let a silence that holds now hold at the clock of the run, too: people make them by their own clocks."""
    return replace(silence, starts_at=min(silence.starts_at, at), ends_at=max(silence.ends_at, at + RECENT))


def _late(incident: Incident, at: datetime) -> bool:
    """Tell whether what is told happened while nobody was looking."""
    return at - incident.opened_at > RECENT


def _no_data(conn: Connection, found: StoredIncident) -> tuple[Member, ...]:
    """Return the members of the model's open no-data incident."""
    if found.incident.no_data:
        return ()
    others = incidents.every(conn, model_ids=[found.model_id])
    return tuple(m for other in others if other.incident.no_data for m in other.incident.held)


def _policy(model: ModelConfig) -> SendPolicy:
    repeat = model.repeat_interval
    age = model.notify_max_age or max_age(timedelta(hours=model.window.size.hours))
    return SendPolicy(repeat_critical=repeat.critical, repeat_warning=repeat.warning, max_age=age)
