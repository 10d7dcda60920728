"""Logs of rows that were pushed to us: they stand in the store, in tables of their own, and are read like any other.

A catalogue in the store says which table a model's rows are in and which column holds what; names that were pushed
are never identifiers there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from monitor.config.pushed import Pushed
from monitor.errors import SourceError
from monitor.source.postgres import PostgresDatabase
from monitor.source.sql import Database, SqlTable, Statement
from monitor.source.sql_relation import SqlRelation
from monitor.source.sqlite import SqliteDatabase

Which = Literal["predictions", "ground_truth"]
_TABLE = "pushed_rows_"
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(), "number": sa.Double(), "integer": sa.BigInteger(), "boolean": sa.Boolean(),
    "instant": sa.DateTime(timezone=True), "open": sa.Text(),
}  # fmt: skip
_LOGS = sa.table("logs", *map(sa.column, ("id", "model_id", "kind", "version")))
_MODELS = sa.table("models", sa.column("id"), sa.column("name"))
_COLUMNS = sa.table("log_columns", *map(sa.column, ("log_id", "number", "name", "place", "kind")))


def open_pushed(pushed: Pushed | None, which: Which) -> SqlRelation:
    """Open what was pushed for a model.

    Parameters
    ----------
    pushed : Pushed or None
        The store, and whose rows; None when no configuration says so.
    which : str
        Its ``predictions`` or its ``ground_truth``.

    Raises
    ------
    SourceError
        The store is not there, or the model was not applied yet.
    """
    if pushed is None:
        raise SourceError("ingest:// is in the store, and no store is named", "read it through a monitor.yaml")
    name = make_url(pushed.store).get_backend_name()
    try:
        engine = PostgresDatabase(pushed.store) if name.startswith("postgres") else _sqlite(pushed.store, pushed.folder)
        return _opened(engine, pushed.model, which)
    except SourceError as error:
        if error.state == "missing_table":
            raise _unknown(pushed.model, which) from None
        raise


def _sqlite(store: str, folder: Path) -> SqliteDatabase:
    try:
        return SqliteDatabase.open(store, folder)
    except SourceError as error:
        hint = "`monitor apply` (or `run`, `serve`) makes it; then push rows to it"
        raise SourceError("the store that keeps pushed rows is not there yet", hint, state="not_pushed") from error


def _opened(engine: Database, model: str, which: Which) -> SqlRelation:
    asked = (
        sa.select(_LOGS.c.id, _LOGS.c.version)
        .select_from(_LOGS.join(_MODELS, _MODELS.c.id == _LOGS.c.model_id))
        .where(_MODELS.c.name == sa.literal(model), _LOGS.c.kind == sa.literal(which))
    )
    found = _rows(engine, asked, pa.int64(), pa.int64())
    if not found:
        raise _unknown(model, which)
    log_id = int(found[0][0])
    known = sa.select(_COLUMNS.c.name, _COLUMNS.c.place, _COLUMNS.c.kind).where(_COLUMNS.c.log_id == log_id)
    columns = _rows(engine, known.order_by(_COLUMNS.c.number), pa.string(), pa.string(), pa.string())
    types = {name: _TYPES[kind] for name, _, kind in columns}
    placed = [sa.Column(place, types[name], key=name) for name, place, _ in columns]
    clause = sa.Table(f"{_TABLE}{log_id}", sa.MetaData(), *placed)
    version = sa.select(_LOGS.c.version).where(_LOGS.c.id == log_id)
    place = f"pushed {which.replace('_', ' ')} of {model!r}"
    return SqlRelation(engine, SqlTable(place, clause, types), None if engine.hashes else version)


def _rows(engine: Database, statement: Statement, *kinds: pa.DataType) -> list[tuple[Any, ...]]:
    """Run one of our own small statements."""
    schema = pa.schema([(f"c{at}", kind) for at, kind in enumerate(kinds)])
    batches = list(engine.stream(statement, schema))
    return [row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)]


def _unknown(model: str, which: Which) -> SourceError:
    words = which.replace("_", " ")
    return SourceError(
        f"there is no log of pushed {words} for model {model!r} yet",
        "`monitor apply` (or `run`, `serve`) makes it; then push rows to it",
        state="not_pushed",
    )
