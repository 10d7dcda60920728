"""Applying: the models of monitor.yaml become known to the store, and what changed is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig, canonical
from monitor.domain.principal import Principal
from monitor.service.access import audit
from monitor.service.pushing.ingest import ensure_logs
from monitor.store import config_versions, models
from monitor.store.engine import Store
from monitor.store.text import digest

Kind = Literal["added", "changed", "returned", "unchanged", "removed"]
DEPTH = 3  # keys below are told by the one above them


@dataclass(frozen=True)
class Change:
    """What applying did to one model: ``keys`` are those that differ, dotted; ``version`` counts its configurations."""

    model: str
    kind: Kind
    version: int | None = None
    keys: tuple[str, ...] = ()


def apply(
    config: Config, store: Store, now: datetime, *, prune: bool = False, by: Principal | None = None
) -> list[Change]:
    """Register every model of a configuration in the store; the same again changes nothing.

    Parameters
    ----------
    now : datetime
        When, aware.
    prune : bool
        Whether models that the store has and the file has not are retired; their history stays.
    by : Principal, optional
        Who does it, as the audit log names him; without one nothing is written there.

    Returns
    -------
    list of Change
        In the file's order, the retired ones last.
    """
    with store.read() as conn:
        known = {model.name: _spec(conn, model) for model in models.every(conn, retired=True)}
        monitored = {model.name for model in models.every(conn)}
    gone = sorted(monitored - {model.name for model in config.models}) if prune else []
    specs = {model.name: canonical(model) for model in config.models}
    settled = monitored - set(gone) >= specs.keys() and all(known.get(name) == spec for name, spec in specs.items())
    if settled and not gone:
        with store.read() as conn:
            return [_unchanged(conn, name) for name in specs]

    def enter(conn: Connection) -> list[Change]:
        models.lock_list(conn)
        numbers = {model.name: model.id for model in models.every(conn, retired=True)}
        wanted, done, ended = {model.name: model for model in config.models}, {}, set()
        # By their numbers, new ones last: whoever holds some models waits for no earlier ones.
        for name in sorted([*specs, *gone], key=lambda name: (name not in numbers, numbers.get(name, 0))):
            if name in wanted:
                done[name] = _register(conn, wanted[name], specs[name], known.get(name), now)
            elif models.retire(conn, name, now):
                ended.add(name)
        told = [done[name] for name in specs] + [Change(name, "removed") for name in gone if name in ended]
        if by is not None:
            _record(conn, by, told)
        return told

    return store.transact(enter)


def _record(conn: Connection, by: Principal, told: list[Change]) -> None:
    """Write into the audit log which models are configured otherwise from now on."""
    facts = {
        change.model: {"kind": change.kind, "version": change.version, "keys": list(change.keys)}
        for change in told
        if change.kind != "unchanged"
    }
    if facts:
        audit.record(conn, by, "config.apply", "configuration", None, facts)


def _spec(conn: Connection, model: models.StoredModel) -> str | None:
    found = config_versions.get(conn, model.config_version_id) if model.config_version_id else None
    return None if found is None else found.spec


def _unchanged(conn: Connection, name: str) -> Change:
    model = models.find(conn, name)
    found = config_versions.get(conn, model.config_version_id) if model and model.config_version_id else None
    return Change(name, "unchanged", found.version if found else None)


def _register(conn: Connection, model: ModelConfig, spec: str, before: str | None, now: datetime) -> Change:
    done = models.register(conn, model.name, spec, digest(spec), now)
    ensure_logs(conn, done.model_id, model, now)
    if done.created:
        return Change(model.name, "added", done.version)
    keys = tuple(different(json.loads(before or "{}"), json.loads(spec)))
    if keys:
        return Change(model.name, "changed", done.version, keys)
    return Change(model.name, "returned" if done.changed else "unchanged", done.version)


def different(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the dotted keys at which two configurations differ.

    Examples
    --------
    >>> list(different({"a": 1, "b": {"c": 1, "d": 2}}, {"a": 1, "b": {"c": 2, "d": 2}, "e": []}))
    ['b.c', 'e']
    """
    if before == after:
        return
    if not (isinstance(before, dict) and isinstance(after, dict)) or len(path) == DEPTH:
        yield ".".join(path)
        return
    for key in sorted(before.keys() | after.keys()):
        yield from different(before.get(key, ...), after.get(key, ...), (*path, key))
