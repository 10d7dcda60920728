"""Pruning on request: every model of the store, or those named, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.config import Config, ModelConfig
from monitor.service import asked
from monitor.service.retain import Retained, foreseen, retain
from monitor.store import models
from monitor.store.engine import Store


def prune_models(
    config: Config, store: Store, now: datetime, *, names: Sequence[str] | None = None, dry: bool = False
) -> dict[str, Retained]:
    """Retain what ``retention:`` wants of the chosen models: of those of the file and of retired ones, unless named.

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
    return done


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
