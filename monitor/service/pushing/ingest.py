"""Ingesting: pushed rows go into the model's own log, the good ones once each, and every other one is told."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from monitor.config import ModelConfig
from monitor.errors import UnappliedError, UsageError
from monitor.service.pushing.fitting import MOST_COLUMNS, Fitted, fit
from monitor.service.pushing.intake import Format, parse
from monitor.service.pushing.log_shape import Shape, pushes, shape
from monitor.service.pushing.rows import RowFault, Rows
from monitor.service.pushing.value import EXACT
from monitor.store import logs, models
from monitor.store.engine import Store
from monitor.store.log_rows import append
from monitor.store.logs import Kind, Log, LogColumn, Which

MOST_FAULTS = 5_000
_queue = Lock()  # SQLite has one writer, and lets whoever waits longest starve


@dataclass
class Taken:
    """What became of a push: ``accepted`` rows are kept, ``unchanged`` ones of them were there before.

    ``faults`` are at most 5,000; ``rejected`` counts all rows that were not taken.
    """

    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    faults: list[RowFault] = field(default_factory=list)


def ingest(store: Store, model: ModelConfig, which: Which, body: bytes, kind: Format, now: datetime) -> Taken:
    """Take what was pushed for a model; when this returns it is on disk.

    Long bodies are taken in parts, each in a transaction of its own: whoever hears nothing sends all of it again, and
    rows that are there already change nothing.

    Raises
    ------
    UsageError
        The model's rows are not pushed, but read elsewhere.
    UnappliedError
        The model is in the configuration, but not in the store yet.
    IntakeError
        The body cannot be read; nothing was taken, or the parts before.
    """
    wanted = shape(model, which)
    if wanted is None:
        words = which.replace("_", " ")
        raise UsageError(f"the {words} of {model.name!r} are not pushed", "set `url: ingest://`, or write to its log")
    taken = Taken()
    for rows in parse(body, kind):
        _take(store, model, which, wanted, rows, now, taken)
    return taken


def ensure_logs(conn: Connection, model_id: int, model: ModelConfig, now: datetime) -> None:
    """Make the tables of a model's pushed rows, with every column that its configuration maps."""
    for which, wanted in pushes(model):
        logs.ensure(conn, model_id, which, wanted.columns, wanted.keys, now)


def _take(
    store: Store, model: ModelConfig, which: Which, wanted: Shape, rows: Rows, now: datetime, taken: Taken
) -> None:
    """Take some rows in one transaction, and add to what was taken before."""
    with store.read() as conn:
        model_id, seen = _log(conn, model, which)
    before = {} if seen is None else seen.columns
    found = fit(rows, wanted.columns | _kinds(before), wanted, MOST_COLUMNS[store.dialect], now)  # no lock is held yet
    with _queue if store.dialect == "sqlite" else nullcontext(), store.write() as conn:
        log = logs.find(conn, model_id, which)
        if log is None or not wanted.columns.keys() <= log.columns.keys():
            log = logs.ensure(conn, model_id, which, wanted.columns, wanted.keys, now)
        if found.wanted or log.columns != before:
            log, found = _widened(conn, model_id, which, wanted, rows, now)
        added = append(conn, log, found.table, found.digests)
    start, room = taken.accepted + taken.rejected, MOST_FAULTS - len(taken.faults)
    taken.faults += [RowFault(each.index + start, each.field, each.detail) for each in found.faults[:room]]
    taken.accepted += found.table.num_rows
    taken.unchanged += found.table.num_rows - added
    taken.rejected += rows.number - found.table.num_rows


def _widened(
    conn: Connection, model_id: int, which: Which, wanted: Shape, rows: Rows, now: datetime
) -> tuple[Log, Fitted]:
    """Fit rows anew while nobody else can change the log's columns, and change those that must be."""
    log = logs.find(conn, model_id, which, lock=True)
    if log is None:
        raise LookupError(which)
    most, kinds = MOST_COLUMNS[conn.dialect.name], _kinds(log.columns)
    found = fit(rows, kinds, wanted, most, now)
    widest = {name for name in found.wanted if kinds.get(name) == "integer" and logs.largest(conn, log, name) > EXACT}
    if widest:
        found = fit(rows, kinds, replace(wanted, whole=frozenset(widest)), most, now)
    return logs.widen(conn, log, found.wanted), found


def _log(conn: Connection, model: ModelConfig, which: Which) -> tuple[int, Log | None]:
    stored = models.find(conn, model.name)
    if stored is None:
        raise UnappliedError(f"the store does not know model {model.name!r} yet", "`monitor apply` makes it known")
    return stored.id, logs.find(conn, stored.id, which)


def _kinds(columns: Mapping[str, LogColumn]) -> dict[str, Kind]:
    return {name: column.kind for name, column in columns.items()}
