"""Enlisting: the models of a configuration get what workers need to know of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig
from monitor.config.mask import mask
from monitor.domain.principal import Principal
from monitor.service.apply import Change, apply
from monitor.store import breakers, due, models
from monitor.store.engine import Store
from monitor.store.lease import PREPARE
from monitor.store.models import StoredModel


@dataclass(frozen=True)
class Roll:
    """The models that a worker may work for: by their number, and the versions of their configuration it has read."""

    config: Config
    models: Mapping[int, ModelConfig]
    versions: frozenset[int]
    changes: tuple[Change, ...] = ()


def enlist(config: Config, store: Store, now: datetime, by: Principal | None = None) -> Roll:
    """Register the models and have every one looked at: at once where it is new, has changed or could not be read.

    The others when it is their turn, or a worker that is killed again and again would do nothing else. ``by`` is whom
    the audit log names for what has changed.
    """
    told = apply(config, store, now, by=by)
    same = {change.model for change in told if change.kind == "unchanged"}
    found: dict[int, ModelConfig] = {}
    versions: set[int] = set()
    for model in config.models:
        # One at a time: nobody waits long.
        stored = store.transact(partial(_enlist, model, now, model.name not in same))
        if stored is not None and stored.config_version_id is not None:
            found[stored.id] = model
            versions.add(stored.config_version_id)
    return Roll(config, found, frozenset(versions), tuple(told))


def _enlist(model: ModelConfig, now: datetime, hurry: bool, conn: Connection) -> StoredModel | None:
    """Give a model its first chore and say which source it reads; None when it is not known."""
    stored = models.find(conn, model.name)
    if stored is not None and stored.config_version_id is not None:
        models.lock(conn, stored.id)  # before its chores, as everybody does: no two wait for each other
        due.schedule(conn, stored.id, PREPARE, now, hurry=hurry)
        breakers.attach(conn, stored.id, source_key(model))
    return stored


def source_key(model: ModelConfig) -> str:
    """Return what tells sources apart, without their secrets: models that read one database share its breaker."""
    return blake2b(mask(model.source.url).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
