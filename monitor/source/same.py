"""Equality with a value of monitor.yaml, bound as the column's own type."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from monitor.errors import SourceError
from monitor.source.sql import Condition, SqlTable

_TRUTH = {"true": True, "false": False, "1": True, "0": False, "t": True, "f": False}


def same(table: SqlTable, name: str, value: object) -> Condition:
    """Demand that a column equals a value; SourceError when the column cannot hold such a value."""
    column, kind = table.column(name), table.types[name]
    if value is None:
        return column.is_(None)
    try:
        if isinstance(kind, sa.Boolean):
            return column == sa.literal(_TRUTH[str(value).lower()], sa.Boolean())
        if isinstance(kind, sa.Integer):
            return column == sa.literal(int(str(value)), sa.BigInteger())
        if isinstance(kind, sa.Numeric | sa.Float):
            return column == sa.literal(float(str(value)), sa.Double())
    except (KeyError, ValueError) as error:
        raise SourceError(
            f"`where` compares column {name!r} of {table.place}, which holds {kind}, with {value!r}",
            "give a value of the column's type",
            state="wrong_type",
        ) from error
    plain: sa.ColumnElement[Any] = column
    if not isinstance(kind, sa.String) or isinstance(kind, sa.Enum):
        plain = sa.cast(column, sa.Text)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return plain == sa.literal(text, sa.Text())
