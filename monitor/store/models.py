"""The models that are monitored, and how their sources fare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, literal, or_, select, update

from monitor.store import config_versions
from monitor.store.conflict import insert
from monitor.store.instant import Instant
from monitor.store.tables import models

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

LIST = 0x6D6F6465 << 32  # "mode"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A registered model: ``retired_at`` is None while it is monitored.

    ``source_state`` is None while its source answers, else the state of the last SourceError, with
    its text in ``source_error`` and the time of that look in ``source_checked_at``. ``grid_start`` is
    the beginning of the first window, None until the log was looked at; windows up to
    ``materialised_until`` stand in the ledger; ``claimed_at`` is when a worker last took up the model. Windows that
    ended by ``kept_since`` were removed for their age and are not measured again. ``source_since`` is
    when the source began to be as it is; ``rows_seen`` counts the rows that a model without a
    reference had to learn from when it was last looked at.
    """

    id: int
    name: str
    created_at: datetime
    retired_at: datetime | None
    config_version_id: int | None
    source_state: str | None = None
    source_error: str | None = None
    source_checked_at: datetime | None = None
    grid_start: datetime | None = None
    materialised_until: datetime | None = None
    source_key: str | None = None
    claimed_at: datetime | None = None
    kept_since: datetime | None = None
    source_since: datetime | None = None
    rows_seen: int | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """What registering did: ``created`` the model, ``changed`` its configuration, or neither."""

    model_id: int
    config_version_id: int
    version: int
    created: bool
    changed: bool


def register(conn: Connection, name: str, spec: str, digest: str, now: datetime) -> Registration:
    """Make the model known with this configuration; the same again changes nothing.

    Parameters
    ----------
    spec : str
        The configuration as JSON text; one that was in force before gets its old version back.
    digest : str
        What tells configurations apart.
    """
    row = {"name": name, "created_at": now}
    made = insert(conn, models).values(row).on_conflict_do_nothing().returning(models.c.id)
    created = conn.execute(made).first() is not None
    # The lock puts two processes that apply at once in a row; version numbers stay dense.
    before = conn.execute(select(models).where(models.c.name == name).with_for_update(key_share=True)).one()
    config = config_versions.save(conn, before.id, spec, digest, now)
    changed = before.config_version_id != config.id or before.retired_at is not None
    if changed:
        point = update(models).where(models.c.id == before.id)
        conn.execute(point.values(config_version_id=config.id, retired_at=None))
    return Registration(before.id, config.id, config.version, created, changed)


def retire(conn: Connection, name: str, now: datetime) -> bool:
    """Stop monitoring a model, its history kept; returns whether it was monitored."""
    ended = update(models).where(models.c.name == name, models.c.retired_at.is_(None))
    return conn.execute(ended.values(retired_at=now).returning(models.c.id)).first() is not None


def find(conn: Connection, name: str) -> StoredModel | None:
    """Return the model of this name, retired or not; None when there never was one."""
    row = conn.execute(select(models).where(models.c.name == name)).first()
    return None if row is None else StoredModel(*row)


def get(conn: Connection, model_id: int) -> StoredModel | None:
    """Return the model with this number; None when there is none."""
    row = conn.execute(select(models).where(models.c.id == model_id)).first()
    return None if row is None else StoredModel(*row)


def every(conn: Connection, *, retired: bool = False) -> list[StoredModel]:
    """Return the models in the order they came, those retired only when asked for."""
    chosen = select(models).order_by(models.c.id)
    if not retired:
        chosen = chosen.where(models.c.retired_at.is_(None))
    return [StoredModel(*row) for row in conn.execute(chosen)]


def note_source(conn: Connection, model_id: int, state: str | None, error: str | None, now: datetime) -> None:
    """Remember how the model's source fared at this look: ``state`` None when it answered."""
    noted = update(models).where(models.c.id == model_id)
    changed = or_(models.c.source_state.is_distinct_from(state), models.c.source_since.is_(None))
    since = case((changed, literal(now, Instant)), else_=models.c.source_since)
    conn.execute(noted.values(source_state=state, source_error=error, source_checked_at=now, source_since=since))


def note_learning(conn: Connection, model_id: int, grid_start: datetime, rows: int) -> None:
    """Remember from when on and from how many rows a model learns, for whom asks how it does."""
    conn.execute(update(models).where(models.c.id == model_id).values(grid_start=grid_start, rows_seen=rows))


def lock(conn: Connection, model_id: int) -> None:
    """Hold a model's row until the transaction ends, so that its numbered rows stay dense.

    ``FOR NO KEY UPDATE``: those who merely point at the model are not kept waiting.
    """
    conn.execute(select(models.c.id).where(models.c.id == model_id).with_for_update(key_share=True)).one()


def lock_list(conn: Connection) -> None:
    """Hold the list of models until the transaction ends: of those who change several one waits for the other."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(LIST)))


def lock_at_once(conn: Connection, model_id: int) -> bool:
    """Hold a model's row as `lock` does if nobody else does; returns whether it is held now."""
    free = select(models.c.id).where(models.c.id == model_id).with_for_update(key_share=True, skip_locked=True)
    return conn.execute(free).first() is not None
