"""What every kind of log looks like to the reader: a relation of named columns that streams Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True)
class Request:
    """Which columns and rows of one relation to read.

    ``time`` names the raw column that ``start`` and ``end`` (aware UTC, half-open) bound. A relation may
    give rows outside the bounds (the reader filters again in Arrow) but never leaves out one inside.
    ``where`` is equality with bound values. ``timezone`` is that of naive times.
    """

    columns: tuple[str, ...]
    time: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    where: Mapping[str, object] = field(default_factory=dict)
    timezone: str | None = None


class Relation(Protocol):
    """One table, query or set of files of somebody else's, opened for reading only."""

    @property
    def name(self) -> str:
        """Say which relation this is, for messages; passwords masked."""

    @property
    def database(self) -> str | None:
        """Identify the database, so that two relations of one database are joined inside it."""

    def schema(self) -> pa.Schema:
        """Return the raw columns and their Arrow types; raise SourceError when it cannot be had."""

    def unique(self, column: str) -> bool:
        """Tell whether a primary or unique key proves that ``column`` has no duplicates."""

    def extent(self, request: Request) -> tuple[object, object] | None:
        """Return the smallest and largest raw value of ``request.time``; None for no rows."""

    def read(self, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns in batches of bounded size."""

    def close(self) -> None:
        """Give back what is held open."""
