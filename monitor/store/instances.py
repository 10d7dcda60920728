"""Instances: the state of every rule on everything it was applied to, after the last window."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, delete, select

from monitor.alerts.instance import Instance
from monitor.alerts.saved import dump, load
from monitor.store.alert_tables import instances
from monitor.store.conflict import chunks, insert

BATCH = 500
Labels = Mapping[str, str | None]


def save(conn: Connection, model_id: int, found: Iterable[Instance]) -> int:
    """Store instances, those already there replaced; returns how many."""
    statement = insert(conn, instances)
    statement = statement.on_conflict_do_update(
        index_elements=["model_id", "fingerprint"],
        set_={name: statement.excluded[name] for name in ("phase", "state")},
    )
    number = 0
    for chunk in chunks(found, BATCH):
        rows = [
            {"model_id": model_id, "fingerprint": one.fingerprint, "phase": one.phase, "state": dump(one)}
            for one in chunk
        ]
        conn.execute(statement, rows)
        number += len(rows)
    return number


def every(conn: Connection, model_id: int, *, active: bool = False) -> Mapping[str, Instance]:
    """Return a model's instances by fingerprint; with ``active`` those that fire or recover."""
    chosen = select(instances.c.fingerprint, instances.c.state).where(instances.c.model_id == model_id)
    if active:
        chosen = chosen.where(instances.c.phase.in_(("firing", "recovering")))
    return {name: load(Instance, state) for name, state in conn.execute(chosen)}


def looked_at(conn: Connection, model_ids: Collection[int]) -> dict[int, list[Instance | Labels]]:
    """Return what is judged of some models, by their number: those that fire or recover whole, of the rest the labels.

    Many are quiet, and whoever asks about all models at once wants no more of them than what they are about.
    """
    found: dict[int, list[Instance | Labels]] = {}
    for chunk in chunks(model_ids, BATCH):
        for row in conn.execute(select(instances).where(instances.c.model_id.in_(chunk))):
            active = row.phase in ("firing", "recovering")
            one = load(Instance, row.state) if active else json.loads(row.state)["labels"]
            found.setdefault(row.model_id, []).append(one)
    return found


def some(conn: Connection, model_id: int, fingerprints: Iterable[str]) -> Mapping[str, Instance]:
    """Return those of a model's instances with these fingerprints that there are."""
    mine = instances.c.model_id == model_id, instances.c.fingerprint.in_(list(fingerprints))
    chosen = select(instances.c.fingerprint, instances.c.state).where(*mine)
    return {name: load(Instance, state) for name, state in conn.execute(chosen)}


def remove(conn: Connection, model_id: int, fingerprints: Iterable[str]) -> None:
    """Forget instances of rules that are gone."""
    for chunk in chunks(fingerprints, BATCH):
        gone = delete(instances).where(instances.c.model_id == model_id, instances.c.fingerprint.in_(chunk))
        conn.execute(gone)
