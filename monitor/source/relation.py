"""What every kind of log looks like to the reader: a relation of named columns that streams Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True)
class Identity:
    """What tells one row of predictions from another: raw columns, none when nothing does, and its target's if any."""

    keys: tuple[str, ...] = ()
    target: str | None = None


@dataclass(frozen=True)
class Request:
    """Which columns and rows of one relation to read.

    ``time`` names the raw column that ``start`` and ``end`` (aware UTC, half-open) bound. A relation may
    give rows outside the bounds (the reader filters again in Arrow) but never leaves out one inside.
    ``where`` is equality with bound values. ``timezone`` is that of naive times. With an ``identity``, a relation
    that `hashes` appends two columns of int64: the hash of what identifies the row, and of that with its target (null
    without one).
    """

    columns: tuple[str, ...]
    time: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    where: Mapping[str, object] = field(default_factory=dict)
    timezone: str | None = None
    identity: Identity | None = None


class Relation(Protocol):
    """One table, query or set of files of somebody else's, opened for reading only."""

    @property
    def name(self) -> str:
        """Say which relation this is, for messages; passwords masked."""

    @property
    def database(self) -> str | None:
        """Identify the database, so that two relations of one database are joined inside it."""

    @property
    def hashes(self) -> bool:
        """Tell whether rows are hashed where they are kept; see `Request` and `SummingRelation`."""

    def schema(self) -> pa.Schema:
        """Return the raw columns and their Arrow types; raise SourceError when it cannot be had."""

    def unique(self, column: str) -> bool:
        """Tell whether a primary or unique key proves that ``column`` has no duplicates."""

    def extent(self, request: Request) -> tuple[object, object] | None:
        """Return the smallest and largest raw value of ``request.time``; None for no rows."""

    def read(self, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns in batches of bounded size."""

    def stamp(self) -> str | None:
        """Return a text that is another one whenever rows may have changed; None when only reading tells."""

    def clock(self) -> datetime | None:
        """Return the present by the server's clock; None when there is no server to ask."""

    def close(self) -> None:
        """Give back what is held open."""
