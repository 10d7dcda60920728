"""The logs of pushed rows: their tables are made, found and widened here; identifiers are ours, never the pusher's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import delete, select, text, update

from monitor.store.conflict import insert
from monitor.store.log_tables import PREFIX, log_columns, logs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

Which = Literal["predictions", "ground_truth"]
Kind = Literal["text", "number", "integer", "boolean", "instant", "open"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LOCK_SECONDS = 10
_TYPES: dict[str, dict[Kind, str]] = {
    "sqlite": {
        "text": "TEXT", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "instant": "DATETIME",
        "open": "",
    },
    "postgresql": {
        "text": "TEXT", "number": "DOUBLE PRECISION", "integer": "BIGINT", "boolean": "BOOLEAN",
        "instant": "TIMESTAMPTZ", "open": "TEXT",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column of a log: its name where rows come from, its identifier in the table, and what it holds.

    The kind ``open`` is that of a column in which nothing but missing values has stood yet.
    """

    number: int
    name: str
    place: str
    kind: Kind


@dataclass(frozen=True)
class Log:
    """The table of a model's pushed rows; ``keys`` name what identifies a row."""

    id: int
    columns: Mapping[str, LogColumn] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The table's identifier."""
        return f"{PREFIX}{self.id}"


def find(conn: Connection, model_id: int, which: Which, *, lock: bool = False) -> Log | None:
    """Return a model's log; None when it was never made. ``lock`` keeps others from changing its columns."""
    asked = select(logs.c.id).where(logs.c.model_id == model_id, logs.c.kind == which)
    log_id = conn.execute(asked.with_for_update() if lock else asked).scalar()
    if log_id is None:
        return None
    known = select(*(log_columns.c[name] for name in ("number", "name", "place", "kind")))
    rows = conn.execute(known.where(log_columns.c.log_id == log_id).order_by(log_columns.c.number))
    return Log(log_id, {row.name: LogColumn(*row) for row in rows})


def ensure(
    conn: Connection, model_id: int, which: Which, wanted: Mapping[str, Kind], keys: Iterable[str], now: datetime
) -> Log:
    """Make a model's log, or add the columns that it lacks; what is there stays as it is.

    Parameters
    ----------
    wanted : mapping
        Kinds of the columns that the configuration maps, by name; the keys and the time among them.
    keys : iterable of str
        The columns that identify a row, and the time if there is one: they are indexed.
    """
    row = {"model_id": model_id, "kind": which, "created_at": now}
    conn.execute(insert(conn, logs).values(row).on_conflict_do_nothing())
    log = find(conn, model_id, which, lock=True)
    if log is None:
        raise LookupError(which)  # it was just written under this transaction
    if not log.columns:
        conn.execute(text(f"CREATE TABLE IF NOT EXISTS {log.table} (digest BIGINT NOT NULL)"))
    log = widen(conn, log, {name: kind for name, kind in wanted.items() if name not in log.columns})
    _index(conn, log, [name for name, kind in wanted.items() if kind == "instant"], "INDEX")
    _index(conn, log, list(keys), "UNIQUE INDEX", ", digest")
    return log


def _index(conn: Connection, log: Log, names: list[str], kind: str, more: str = "") -> None:
    """Index columns, unless they are: after another mapping of the keys both indexes stay."""
    if names:
        found = [log.columns[name] for name in names]
        name = "_".join([log.table, *(f"c{column.number}" for column in found)])
        places = ", ".join(column.place for column in found)
        conn.execute(text(f"CREATE {kind} IF NOT EXISTS {name} ON {log.table} ({places}{more})"))


def widen(conn: Connection, log: Log, wanted: Mapping[str, Kind]) -> Log:
    """Add columns, and let columns hold another kind: the open any, the whole numbers fractions too.

    The log must be locked (`find`), unless nothing is wanted.

    Returns
    -------
    Log
        With its columns as they are now.
    """
    if not wanted:
        return log
    columns = dict(log.columns)
    if conn.dialect.name == "postgresql":  # rather refuse than keep everybody waiting behind a long reader
        conn.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    for name, kind in wanted.items():
        known = columns.get(name)
        columns[name] = (
            _added(conn, log, len(columns), name, kind) if known is None else _changed(conn, log, known, kind)
        )
    return replace(log, columns=columns)


def _added(conn: Connection, log: Log, number: int, name: str, kind: Kind) -> LogColumn:
    column = LogColumn(number, name, place(number, name), kind)
    conn.execute(text(f"ALTER TABLE {log.table} ADD COLUMN {column.place} {_TYPES[conn.dialect.name][kind]}"))
    row = {"log_id": log.id, "number": number, "name": name, "place": column.place, "kind": kind}
    conn.execute(insert(conn, log_columns).values(row))
    return column


def _changed(conn: Connection, log: Log, column: LogColumn, kind: Kind) -> LogColumn:
    if conn.dialect.name == "postgresql":  # SQLite's columns hold any value, whatever they were declared
        using = column.place if column.kind == "integer" else f"NULL::{_TYPES['postgresql'][kind]}"
        to = f"TYPE {_TYPES['postgresql'][kind]} USING {using}"
        conn.execute(text(f"ALTER TABLE {log.table} ALTER COLUMN {column.place} {to}"))
    named = log_columns.c.log_id == log.id, log_columns.c.number == column.number
    conn.execute(update(log_columns).where(*named).values(kind=kind))
    return replace(column, kind=kind)


def largest(conn: Connection, log: Log, name: str) -> int:
    """Return the largest magnitude of the whole numbers in a column; 0 when there are none."""
    column = log.columns[name].place
    found = conn.execute(text(f"SELECT max({column}), min({column}) FROM {log.table}")).one()  # noqa: S608
    return max((abs(int(value)) for value in found if value is not None), default=0)


def remove(conn: Connection, model_id: int, which: Which) -> None:
    """Remove a log with all its rows."""
    log = find(conn, model_id, which, lock=True)
    if log is not None:
        conn.execute(text(f"DROP TABLE {log.table}"))
        conn.execute(delete(log_columns).where(log_columns.c.log_id == log.id))
        conn.execute(delete(logs).where(logs.c.id == log.id))


def place(number: int, name: str) -> str:
    """Return the identifier of a column: its number, and of its name what reads well in any database.

    Examples
    --------
    >>> place(3, 'amount"; DROP TABLE x --'), place(4, "Größe")
    ('c3_amount_drop_table_x', 'c4_gr_e')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40].strip("_")
    return f"c{number}_{plain}" if plain else f"c{number}"
