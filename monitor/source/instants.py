"""Which raw columns hold instants, whatever type they come in."""

from __future__ import annotations

import pyarrow as pa

INSTANT = {"instant": "declared"}  # noted on the field of a column that is declared to hold instants, kept as text


def is_instant(field: pa.Field) -> bool:
    """Tell whether a raw column holds instants, by its type or by its declaration.

    Examples
    --------
    >>> text = pa.field("updated", pa.string())
    >>> is_instant(text), is_instant(text.with_metadata(INSTANT)), is_instant(pa.field("day", pa.date32()))
    (False, True, True)
    """
    noted = (field.metadata or {}).get(b"instant") == INSTANT["instant"].encode()
    return noted or bool(pa.types.is_timestamp(field.type) or pa.types.is_date(field.type))
