"""Which tables a database has, and which of them holds the ground truth of another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from monitor.config import kind, scheme
from monitor.config.source import CsvConfig
from monitor.errors import MonitorError, SourceError
from monitor.service.drafting.columns import Column, look, plain
from monitor.service.drafting.roles import named
from monitor.source import Request, open_relation

MOST_TABLES = 25
_SQLITE = "SELECT name AS t FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY 1"
_OTHERS = (
    "SELECT CASE WHEN table_schema IN ('public', 'main', 'dbo') THEN table_name"
    " ELSE {joined} END AS t FROM information_schema.tables"
    " WHERE table_schema NOT IN ('information_schema', 'pg_catalog', 'sys', 'mysql', 'performance_schema') ORDER BY 1"
)


def tables(url: str, folder: Path) -> list[str]:
    """Return the names of a database's tables and views; nothing where it does not tell.

    Raises
    ------
    SourceError
        The database cannot be reached.
    """
    name = scheme(url)[0]
    joined = "CONCAT(table_schema, '.', table_name)"
    query = _SQLITE if name == "sqlite" else _OTHERS.format(joined=joined)
    try:
        with closing(open_relation(url, query=query, folder=folder)) as relation:
            return [str(one) for batch in relation.read(Request(("t",))) for one in batch.column(0).to_pylist()]
    except SourceError as error:
        if error.state in ("unreachable", "permission_denied", "timeout"):
            raise
        return []


def ground_truth(url: str, table: str, key: Column, folder: Path) -> tuple[str, dict[str, Column]] | None:
    """Return the table that obviously holds ground truth, with its ``id``, ``time`` and ``target``; None without one.

    It has a column of the key's name, and beside it one column that can be a target.
    """
    if kind(url) != "sql":
        return None
    others = [name for name in tables(url, folder)[:MOST_TABLES] if name != table]
    found = [(name, roles) for name in others if (roles := truth_roles(url, name, key, folder)) is not None]
    return found[0] if len(found) == 1 else None


def truth_roles(
    url: str, table: str | None, key: Column, folder: Path, signs: CsvConfig | None = None
) -> dict[str, Column] | None:
    """Return which columns of a table are the key, the time and the target; None when it holds no ground truth."""
    try:
        with closing(open_relation(url, table=table, csv=signs, folder=folder)) as relation:
            columns = look(relation)
    except MonitorError:
        return None
    name = plain(key.name).lower()
    same = next((column for column in columns if plain(column.name).lower() == name), None)
    others = [column for column in columns if plain(column.name).lower().endswith(f"_{name}")]
    joined = same or (others[0] if len(others) == 1 else None)
    if joined is None or (key.rows and joined.rows and _family(joined) != _family(key)):
        return None
    rest = [column for column in columns if column is not joined]
    times = [column for column in rest if column.kind == "time"]
    values = [column for column in rest if column.kind in ("boolean", "integer", "float", "text")]
    target = named("target", values) or (values[0] if len(values) == 1 else None)
    if target is None:
        return None
    roles = {"id": joined, "target": target}
    return roles | {"time": times[0]} if times else roles


def _family(column: Column) -> str:
    return "number" if column.number else column.kind
