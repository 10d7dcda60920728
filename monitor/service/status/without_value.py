"""Without a value: why a model's key metric has none in any of its newest windows."""

from __future__ import annotations

from sqlalchemy import Connection

from monitor.metrics.reasons import NO_REQUESTS, NO_SCORED_TARGET, NO_TARGET
from monitor.store import measurements, runs
from monitor.store.models import StoredModel

WINDOWS = 30
YET_TO_COME = (NO_TARGET, NO_SCORED_TARGET, NO_REQUESTS, "no rows in the window")


def reason_without(conn: Connection, stored: StoredModel, metric: str) -> str | None:
    """Return the newest reason that a metric has no value; None when rows or ground truth are all that is missing.

    Looked for in the newest windows only.
    """
    newest = runs.history(conn, stored.id, statuses=("done",), limit=WINDOWS)
    if not newest:
        return None
    start = newest[-1].window.start
    found = measurements.query(
        conn, model=stored.name, metric=metric, column=None, group=None, version=None, start=start
    )
    said = [one.reason for one in found if one.value is None and one.reason not in YET_TO_COME]
    return said[-1] if said else None
