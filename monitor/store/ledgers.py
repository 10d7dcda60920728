"""Ledgers: what each receiver was told of each incident, and the handle that it gave back."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from monitor.alerts.ledger import Ledger
from monitor.alerts.saved import dump, load
from monitor.store.alert_tables import incidents, ledgers
from monitor.store.conflict import insert

_KEY = ("incident_id", "receiver")


def save(conn: Connection, incident_id: str, receiver: str, ledger: Ledger) -> None:
    """Store what a receiver was told of an incident; its handle stays."""
    row = insert(conn, ledgers).values(incident_id=incident_id, receiver=receiver, ledger=dump(ledger))
    conn.execute(row.on_conflict_do_update(index_elements=_KEY, set_={"ledger": row.excluded.ledger}))


def of_incident(conn: Connection, incident_id: str) -> Mapping[str, Ledger]:
    """Return the ledgers of an incident by receiver; who was never told of it is not there."""
    chosen = select(ledgers.c.receiver, ledgers.c.ledger).where(ledgers.c.incident_id == incident_id)
    return {receiver: load(Ledger, text) for receiver, text in conn.execute(chosen)}


def handle(conn: Connection, incident_id: str, receiver: str) -> str | None:
    """Return what a receiver made of an incident, such as the number of a chat's message; None when nothing."""
    chosen = select(ledgers.c.handle).where(ledgers.c.incident_id == incident_id, ledgers.c.receiver == receiver)
    found: str | None = conn.execute(chosen).scalar()
    return found


def keep_handle(conn: Connection, incident_id: str, receiver: str, given: str) -> None:
    """Remember what a receiver made of an incident; what it was told stays."""
    row = insert(conn, ledgers).values(incident_id=incident_id, receiver=receiver, ledger=dump(Ledger()), handle=given)
    conn.execute(row.on_conflict_do_update(index_elements=_KEY, set_={"handle": row.excluded.handle}))


def told_open(conn: Connection, receiver: str, models: Collection[int]) -> list[str]:
    """Return the open incidents of some models that a receiver was told of as such, oldest first."""
    chosen = select(ledgers.c.incident_id, ledgers.c.ledger).join(incidents, incidents.c.id == ledgers.c.incident_id)
    chosen = chosen.where(ledgers.c.receiver == receiver, incidents.c.state != "resolved")
    found = conn.execute(chosen.where(incidents.c.model_id.in_(models)).order_by(incidents.c.opened_at, incidents.c.id))
    return [incident_id for incident_id, text in found if load(Ledger, text).told == "open"]
