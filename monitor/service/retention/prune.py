"""Pruning on request: every model of the store, or those named, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from monitor.config import Config, ModelConfig
from monitor.domain.principal import LOCAL, Principal
from monitor.service import asked
from monitor.service.access import audit
from monitor.service.retention.retain import Retained, foreseen, retain
from monitor.store import models
from monitor.store.engine import Store


def prune_models(
    config: Config,
    store: Store,
    now: datetime,
    *,
    names: Sequence[str] | None = None,
    dry: bool = False,
    by: Principal = LOCAL,
) -> dict[str, Retained]:
    """Retain what ``retention:`` wants of the chosen models: of those of the file and of retired ones, unless named.

    Parameters
    ----------
    by : Principal
        Who does it, as the audit log names him.

    Raises
    ------
    UsageError
        A model is not in the configuration.
    """
    chosen = {model.name: model for model in asked.models(config, names)}
    with store.read() as conn:
        known = models.every(conn, retired=True)
    done = {}
    for stored in known:
        # What is monitored but not in this file belongs to another one, which has its own ages.
        if stored.name in chosen or (stored.retired_at is not None and not names):
            done[stored.name] = _one(config, store, stored.id, chosen.get(stored.name), now, dry=dry)
            if not dry and (done[stored.name].removed or done[stored.name].days):
                store.transact(partial(_record, by, stored.name, done[stored.name]))
    return done


def _record(by: Principal, model: str, done: Retained, conn: Connection) -> None:
    """Write into the audit log what went, once it is gone: it goes in many steps."""
    told = {name: number for name, number in asdict(done).items() if number}
    audit.record(conn, by, "model.prune", f"model {model}", None, told)


def _one(
    config: Config, store: Store, model_id: int, model: ModelConfig | None, now: datetime, *, dry: bool
) -> Retained:
    if dry:
        return foreseen(store, config.retention, model_id, model, now)
    done = retain(store, config.retention, model_id, model, now)
    while done.left:
        more = retain(store, config.retention, model_id, model, now)
        if more.left >= done.left:
            return done + more  # somebody else counts those hours at this moment
        done += more
    return done
