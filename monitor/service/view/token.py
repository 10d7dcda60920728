"""The token: a short text that is another one as soon as what is told of one model may be; one indexed look."""

from __future__ import annotations

from sqlalchemy import bindparam, func, literal, select

from monitor.store.alert_tables import incidents
from monitor.store.changes import COUNTER
from monitor.store.engine import Store
from monitor.store.tables import counters, models

_TOLD = select(counters.c.value).where(counters.c.name == COUNTER).scalar_subquery()
_MINE = incidents.c.model_id == models.c.id
_NUMBER = select(func.count()).select_from(incidents).where(_MINE).scalar_subquery()
_MOVES = select(func.coalesce(func.sum(incidents.c.version), literal(0))).where(_MINE).scalar_subquery()
_SOURCE = models.c.source_state, models.c.source_checked_at, models.c.config_version_id
# Put together once: it is asked with every request.
_ASKED = select(_TOLD, _NUMBER, _MOVES, *_SOURCE).where(models.c.name == bindparam("model"))


def token(store: Store, model: str) -> str | None:
    """Return the version of what the store knows of a model; None while it knows nothing at all.

    Measured windows, what becomes of incidents, how the source fares, and another configuration change it. One query
    of rows found by their keys; no measurement, tile or verdict is read.
    """
    with store.read() as conn:
        row = conn.execute(_ASKED, {"model": model}).first()
    return None if row is None else ".".join(str(part) for part in row)
