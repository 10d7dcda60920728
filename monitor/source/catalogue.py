"""What a database's own catalogue says about a table or a query; names are taken from nowhere else."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from monitor.errors import SourceError
from monitor.source.sql import SqlTable, named_table, plain_query, subselect
from monitor.source.suggest import missing_table

Types = dict[str, sa.types.TypeEngine[Any]]


def describe(engine: sa.Engine, place: str, table: str | None, query: str | None) -> SqlTable:
    """Find a table or view, or ask for the columns of a query.

    Parameters
    ----------
    engine : Engine
        Connects for reading.
    place : str
        The database's name in messages, passwords masked.
    table : str or None
        ``name`` or ``schema.name``.
    query : str or None
        The operator's own SELECT, in place of a table.

    Raises
    ------
    SourceError
        State ``missing_table``, with the nearest names.
    """
    with engine.connect() as connection:
        if query is not None:
            types = query_types(connection, query)
            return SqlTable(f"the query on {place}", subselect(query, types), types)
        if table is None:
            raise SourceError(f"{place} needs a table", "add `table:`", state="missing_table")
        inspector = sa.inspect(connection)
        schema, name = find_table(inspector, place, table)
        with warnings.catch_warnings():  # a type that SQLAlchemy does not know is read as text
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            columns = inspector.get_columns(name, schema)
            keys = frozenset(_unique(inspector, name, schema))
        types = {str(each["name"]): _undomained(each["type"]) for each in columns}
        return SqlTable(f"table {table!r} of {place}", named_table(name, types, schema), types, keys)


def find_table(inspector: sa.Inspector, place: str, table: str) -> tuple[str | None, str]:
    """Return schema and name of a table or view, by its exact name first."""
    known = list(_names(inspector, None))
    if table in known:
        return None, table
    schema, dot, name = table.partition(".")
    schemas = inspector.get_schema_names() if dot else []
    if schema in schemas:
        there = list(_names(inspector, schema))
        if name in there:
            return schema, name
        raise missing_table(place, table, [f"{schema}.{each}" for each in there])
    raise missing_table(place, table, known)


def query_types(connection: sa.Connection, query: str) -> Types:
    """Return the columns of a query and their types, as far as the driver tells them."""
    bare = connection.execution_options(no_parameters=True)
    result = bare.exec_driver_sql(f"SELECT * FROM ({plain_query(query)}\n) AS q WHERE 1 = 0")  # noqa: S608
    entries: list[Any] = list(result.cursor.description)
    result.close()
    if connection.dialect.name != "postgresql":
        return {str(entry[0]): sa.types.NULLTYPE for entry in entries}
    oids = sorted({int(entry[1]) for entry in entries})
    asked = sa.text("SELECT CAST(oid AS bigint), format_type(oid, NULL) FROM pg_type WHERE oid = ANY(:oids)")
    named = {row[0]: row[1] for row in connection.execute(asked, {"oids": oids})}
    return {str(entry[0]): _postgres_type(connection, named.get(int(entry[1]), "")) for entry in entries}


def _postgres_type(connection: sa.Connection, name: str) -> sa.types.TypeEngine[Any]:
    """Return the type that PostgreSQL calls by a name."""
    if name.startswith("timestamp"):
        return sa.DateTime(timezone=name.endswith("with time zone"))
    known: Any = connection.dialect.ischema_names.get(name)  # type: ignore[attr-defined]
    return known() if isinstance(known, type) else sa.types.NULLTYPE


def _names(inspector: sa.Inspector, schema: str | None) -> Iterator[str]:
    yield from inspector.get_table_names(schema)
    yield from inspector.get_view_names(schema)
    if inspector.dialect.name == "postgresql":
        yield from inspector.get_materialized_view_names(schema)
        yield from inspector.get_foreign_table_names(schema)  # type: ignore[attr-defined]


def _undomained(kind: Any) -> sa.types.TypeEngine[Any]:
    """Return the type that a domain restricts."""
    inner = getattr(kind, "data_type", None)
    return _undomained(inner) if inner is not None else kind


def _unique(inspector: sa.Inspector, name: str, schema: str | None) -> Iterator[str]:
    """Yield the columns that a key of one column, over all rows, proves unique."""
    lists = [inspector.get_pk_constraint(name, schema).get("constrained_columns") or []]
    lists += [each["column_names"] for each in inspector.get_unique_constraints(name, schema)]
    for index in inspector.get_indexes(name, schema):
        partial = any(key.endswith("_where") for key in index.get("dialect_options", {}))
        if index["unique"] and not partial:
            lists.append([each for each in index["column_names"] if each] if not index.get("expressions") else [])
    yield from (each[0] for each in lists if len(each) == 1)
