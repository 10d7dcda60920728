"""Every configuration that a model has ever been run with, once each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from monitor.store.conflict import insert
from monitor.store.tables import config_versions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """One configuration of a model; ``spec`` is its JSON text, ``version`` counts from 1."""

    id: int
    model_id: int
    version: int
    digest: str
    spec: str
    created_at: datetime


def save(conn: Connection, model_id: int, spec: str, digest: str, now: datetime) -> ConfigVersion:
    """Return the version with this digest, made when new; the model's row must be locked."""
    highest = select(func.coalesce(func.max(config_versions.c.version), 0))
    number = conn.execute(highest.where(config_versions.c.model_id == model_id)).scalar_one() + 1
    conn.execute(
        insert(conn, config_versions)
        .values(model_id=model_id, version=number, digest=digest, spec=spec, created_at=now)
        .on_conflict_do_nothing(index_elements=["model_id", "digest"])
    )
    found = select(config_versions).where(config_versions.c.model_id == model_id, config_versions.c.digest == digest)
    return ConfigVersion(*conn.execute(found).one())


def get(conn: Connection, config_version_id: int) -> ConfigVersion | None:
    """Return the version with this number; None when there is none."""
    chosen = select(config_versions).where(config_versions.c.id == config_version_id)
    row = conn.execute(chosen).first()
    return None if row is None else ConfigVersion(*row)


def history(conn: Connection, model_id: int) -> list[ConfigVersion]:
    """Return a model's versions, oldest first."""
    chosen = select(config_versions).where(config_versions.c.model_id == model_id)
    return [ConfigVersion(*row) for row in conn.execute(chosen.order_by(config_versions.c.version))]
