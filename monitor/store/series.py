"""The names of measurements: each (version, metric, column, group) of a model, stored once."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from monitor.store import models
from monitor.store.conflict import chunks, insert
from monitor.store.engine import MEMORY
from monitor.store.tables import counters, series
from monitor.store.text import canonical_json, digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from monitor.domain.measurement import Group

BATCH = 500
REMOVED = "series_removals"  # counts how often series were removed
# json.dumps would build an encoder for each of a hundred thousand calls.
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class SeriesKey(NamedTuple):
    """What tells one series of a model from another; ``group`` is JSON text, attributes in their order."""

    version: str | None
    metric: str
    column: str | None
    group: str | None


def group_text(group: Group | None) -> str | None:
    """Return a group as JSON text, its attributes in the order given.

    Examples
    --------
    >>> group_text({"origin": "JFK", "carrier": None})
    '{"origin":"JFK","carrier":null}'
    """
    return None if group is None else _group_text(tuple(group.items()))


@lru_cache(maxsize=16_384)
def _group_text(items: tuple[tuple[str, str | None], ...]) -> str:
    return _encode(dict(items))


def ids(conn: Connection, model_id: int, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
    """Return the number of each series, those not there yet made.

    Two orders of the same attributes are one series. Numbers are remembered on the connection until
    a transaction on it rolls back, or series are removed.
    """
    cache = _remembered(conn)
    wanted = list(dict.fromkeys(keys))
    digests = {key: series_digest(key) for key in wanted if (model_id, key) not in cache}
    if digests:
        found = _find(conn, model_id, digests.values())
        new = {text: key for key, text in digests.items() if text not in found}
        if new:
            _make(conn, model_id, new)
            found |= _find(conn, model_id, new.keys())
        cache.update({(model_id, key): found[text] for key, text in digests.items()})
    return {key: cache[model_id, key] for key in wanted}


def _remembered(conn: Connection) -> dict[tuple[int, SeriesKey], int]:
    """Return the numbers that this connection remembers; nothing is removed before the transaction ends."""
    count = select(counters.c.value).where(counters.c.name == REMOVED).with_for_update(read=True)
    removals = conn.execute(count).scalar()
    known, cache = conn.info.get(MEMORY, (removals, {}))
    if known != removals:
        cache = {}
    conn.info[MEMORY] = removals, cache
    return cache  # type: ignore[no-any-return]


def every(conn: Connection, model_id: int) -> dict[int, SeriesKey]:
    """Return all series of a model by number, in the order they came."""
    columns = (series.c.version, series.c.metric, series.c.column_name, series.c.group_json)
    chosen = select(series.c.id, *columns).where(series.c.model_id == model_id)
    rows = conn.execute(chosen.order_by(series.c.id))
    return {row[0]: SeriesKey(*row[1:]) for row in rows}


def series_digest(key: SeriesKey) -> str:
    """Return the key under which a series is unique within its model."""
    group = None if key.group is None else canonical_json(json.loads(key.group))
    return digest(key.version, key.metric, key.column, group)


def _find(conn: Connection, model_id: int, digests: Collection[str]) -> dict[str, int]:
    chosen = select(series.c.key, series.c.id).where(series.c.model_id == model_id)
    # PostgreSQL compares a long list with every row; reading the model's whole list once is cheaper.
    if len(digests) <= BATCH:
        chosen = chosen.where(series.c.key.in_(digests))
    wanted = frozenset(digests)
    return {key: number for key, number in conn.execute(chosen) if key in wanted}


def _make(conn: Connection, model_id: int, new: dict[str, SeriesKey]) -> None:
    # Writers wait for each other here: two that make the same series in two orders would lock up.
    models.lock(conn, model_id)
    rows = [
        {
            "model_id": model_id, "version": key.version, "metric": key.metric,
            "column_name": key.column, "group_json": key.group, "key": text,
        }
        for text, key in new.items()
    ]  # fmt: skip
    for chunk in chunks(rows, BATCH):
        conn.execute(insert(conn, series).on_conflict_do_nothing(), chunk)
