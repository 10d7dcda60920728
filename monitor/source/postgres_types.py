"""PostgreSQL's types: which Arrow takes as they are, and what the others are cast to."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Type = sa.types.TypeEngine[Any]


def output(column: sa.ColumnElement[Any], kind: Type) -> sa.ColumnElement[Any]:
    """Return a column as it is selected: exact numbers as floats, what Arrow does not know as text.

    Examples
    --------
    >>> print(output(sa.column("price"), sa.Numeric()))
    CAST(price AS DOUBLE)
    """
    arrow = arrow_type(kind)
    if isinstance(kind, postgresql.MONEY):
        return sa.cast(sa.cast(column, sa.Numeric), sa.Double)
    if pa.types.is_float64(arrow) and not isinstance(kind, sa.Float):
        return sa.cast(column, sa.Double)
    if pa.types.is_string(arrow) and not _plain_text(kind):
        return sa.cast(column, sa.Text)
    return column


def arrow_type(kind: Type) -> pa.DataType:
    """Return the Arrow type that a column is read as.

    Examples
    --------
    >>> arrow_type(sa.Numeric(10, 2)), arrow_type(sa.UUID())
    (DataType(double), DataType(string))
    """
    if isinstance(kind, sa.Enum):
        return pa.string()
    for known, arrow in _ARROW:
        if isinstance(kind, known):
            return pa.timestamp("us", "UTC") if getattr(kind, "timezone", False) else arrow
    return pa.string()


def _plain_text(kind: Type) -> bool:
    """Tell whether a column is text already; CHAR is padded and an enum is no text."""
    return isinstance(kind, sa.String) and not isinstance(kind, sa.CHAR | sa.Enum)


_ARROW: tuple[tuple[type, pa.DataType], ...] = (
    (sa.Boolean, pa.bool_()),
    (sa.SmallInteger, pa.int16()),
    (sa.BigInteger, pa.int64()),
    (sa.Integer, pa.int32()),
    (sa.REAL, pa.float32()),
    (sa.Numeric, pa.float64()),
    (sa.Float, pa.float64()),
    (postgresql.MONEY, pa.float64()),
    (sa.DateTime, pa.timestamp("us")),
    (sa.Date, pa.date32()),
    (sa.LargeBinary, pa.binary()),
)
