"""Hashes that PostgreSQL computes over its own rows, one by one or summed by tile.

`hashtextextended` gives the same number for the same text in every session and version. All text is hashed
under the collation "C", and floats after adding zero, so that -0 and 0 are one target.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from monitor.source.bounds import microseconds
from monitor.source.local import first_walls

Column = sa.ColumnElement[Any]
Type = sa.types.TypeEngine[Any]
_ZERO: Column = sa.literal_column("0")
_EMPTY: Column = sa.literal_column("''")


def row_hash(keys: Sequence[Column]) -> Column:
    """Return the hash of what identifies a row; 0 when nothing does.

    Examples
    --------
    >>> print(row_hash([sa.column("id")]))
    hashtextextended(coalesce(CAST(id AS TEXT), '') COLLATE "C", 0)
    """
    found: Column = _ZERO
    for key in keys:
        found = _hash(key, found)
    return sa.cast(_ZERO, sa.BigInteger) if found is _ZERO else found


def target_hash(row: Column, target: Column | None, arrow: pa.DataType | None) -> Column:
    """Return the hash of a row with its target, null where there is none; NaN is none."""
    if target is None or arrow is None:
        return sa.cast(sa.null(), sa.BigInteger)
    known: sa.ColumnElement[bool] = target.is_not(None)
    if pa.types.is_floating(arrow):
        target = sa.cast(target, sa.Double) + sa.cast(_ZERO, sa.Double)
        known = sa.and_(known, target != sa.cast(sa.literal_column("'NaN'"), sa.Double))
    return sa.case((known, _hash(target, row)), else_=sa.null())


def tile_of(column: Column, kind: Type, bounds: Sequence[datetime], zone: str | None, place: str) -> Column | None:
    """Return the number of the tile that a time falls into: 1 is the first, 0 and ``len(bounds)`` are outside.

    None when the database cannot tell, since the column holds text or fractions. What a naive time means is decided
    here as everywhere: the bounds are turned into its wall's, never the time into an instant by the server's rules.
    """
    if isinstance(kind, sa.DateTime) and kind.timezone:
        return sa.func.width_bucket(column, sa.literal(list(bounds), sa.ARRAY(kind.__class__(timezone=True))))
    if isinstance(kind, sa.DateTime | sa.Date):
        walls = sa.literal(first_walls(bounds, zone, place), sa.ARRAY(sa.DateTime()))
        return sa.func.width_bucket(sa.cast(column, sa.DateTime()), walls)
    if isinstance(kind, sa.Integer):
        instants = sa.literal([microseconds(each) for each in bounds], sa.ARRAY(sa.BigInteger()))
        return sa.func.width_bucket(_micros(column), instants)
    return None


def sums(tile: Column, row: Column, target: Column) -> list[Column]:
    """Return the columns by tile: its number, rows, those with a target, and as text the sums of both hashes."""
    counted = [sa.func.count(), sa.func.count(target), *(_total(each) for each in (row, target))]
    return [each.label(f"c{at}") for at, each in enumerate((tile, *counted))]


def _total(hashed: Column) -> Column:
    return sa.cast(sa.func.coalesce(sa.func.sum(hashed), _ZERO), sa.Text)


def _hash(value: Column, seed: Column) -> Column:
    text = sa.func.coalesce(sa.cast(value, sa.Text), _EMPTY).collate("C")
    return sa.func.hashtextextended(text, seed, type_=sa.BigInteger())


def _micros(column: Column) -> Column:
    """Scale a number by its size, as `monitor.source.times` does, nanoseconds rounded down."""
    number = sa.cast(column, sa.BigInteger)
    size = sa.func.abs(sa.cast(column, sa.Double))

    def plain(value: int) -> Column:
        return sa.literal_column(str(value))

    rest = sa.func.mod(sa.func.mod(number, plain(1000)) + plain(1000), plain(1000))
    return sa.case(
        (size < sa.literal_column("1e11"), number * plain(10**6)),
        (size < sa.literal_column("1e14"), number * plain(1000)),
        (size < sa.literal_column("1e17"), number),
        else_=sa.func.div(sa.cast(number - rest, sa.Numeric), plain(1000)).cast(sa.BigInteger),
    )
