"""One table or query of a SQL database, whichever its kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from monitor.errors import SourceError
from monitor.source.pairing import Pairing
from monitor.source.relation import Relation, Request
from monitor.source.sql import (
    Database,
    SqlTable,
    Statement,
    select_joined,
    select_orphans,
    select_rows,
    select_sums,
)

_SUMS = pa.schema(
    [(name, pa.int64()) for name in ("tile", "rows", "labelled")] + [(name, pa.string()) for name in ("ids", "labels")]
)


@dataclass(frozen=True)
class SqlRelation:
    """A described table of an opened database; see `monitor.source.relation.Relation`.

    ``version`` gives one number that is another one whenever the table was written to, where the database keeps one.
    """

    engine: Database
    table: SqlTable
    version: Statement | None = None

    @property
    def name(self) -> str:
        """Say which table of which database this is; passwords masked."""
        return self.table.place

    @property
    def database(self) -> str:
        """Identify the database."""
        return self.engine.identity

    @property
    def hashes(self) -> bool:
        """Tell whether rows are hashed by the database."""
        return self.engine.hashes

    def schema(self) -> pa.Schema:
        """Return the raw columns and the Arrow types they are expected to have."""
        return pa.schema([self.engine.field(self.table, name) for name in self.table.types])

    def unique(self, column: str) -> bool:
        """Tell whether a primary or unique key proves that ``column`` has no duplicates."""
        return column in self.table.keys

    def extent(self, request: Request) -> tuple[object, object] | None:
        """Return the first and last raw time; None for no rows."""
        if request.time is None:
            return None
        self.table.column(request.time)
        return self.engine.extremes(self.table, request)

    def read(self, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns."""
        statement = select_rows(self.engine, self.table, request)
        fields = [self.engine.field(self.table, name) for name in request.columns] + _hashes(request)
        return self.engine.stream(statement, pa.schema(fields or [pa.field("1", pa.int64())]))

    def read_joined(self, request: Request, truth: Relation, pairing: Pairing) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns, the latest target of each row's key and its time."""
        other = self._neighbour(truth)
        statement = select_joined(self.engine, self.table, request, other, pairing)
        fields = [self.engine.field(self.table, name) for name in request.columns]
        return self.engine.stream(statement, pa.schema(fields + self._found(other, pairing) + _hashes(request)))

    def read_sums(
        self, request: Request, bounds: Sequence[datetime], truth: Relation | None, pairing: Pairing | None
    ) -> Iterator[pa.RecordBatch] | None:
        """Stream the counts and summed hashes of the tiles between bounds, found by one statement.

        Columns: tile (1 is the first; others than 1 to ``len(bounds) - 1`` lie outside), rows, those with a target,
        and as text the sum of the rows' hashes and of their hashes with the target. None when the database cannot
        tell into which tile a row falls.
        """
        other = None if truth is None else self._neighbour(truth)
        statement = select_sums(self.engine, self.table, request, bounds, other, pairing)
        return None if statement is None else self.engine.stream(statement, _SUMS)

    def stamp(self) -> str | None:
        """Return what tells that nothing was written since; None when that cannot be seen."""
        if self.version is None:
            return self.engine.stamp()
        batches = self.engine.stream(self.version, pa.schema([("c0", pa.int64())]))
        return "".join(f"{self.table.clause}:{batch.column(0)[0]}" for batch in batches)

    def clock(self) -> datetime | None:
        """Return the present by the server's clock."""
        return self.engine.clock()

    def read_orphans(self, request: Request, truth: Relation, pairing: Pairing) -> Iterator[pa.RecordBatch]:
        """Stream target and time of the ground truth whose key no prediction has."""
        other = self._neighbour(truth)
        statement = select_orphans(self.engine, self.table, request, other, pairing)
        return self.engine.stream(statement, pa.schema(self._found(other, pairing)))

    def close(self) -> None:
        """Close the database."""
        self.engine.close()

    def _neighbour(self, truth: Relation) -> SqlTable:
        """Return the other side's table, which must stand in this database."""
        if not isinstance(truth, SqlRelation) or truth.database != self.database:
            raise SourceError(f"{truth.name} is not in the database of {self.name}")
        return truth.table

    def _found(self, truth: SqlTable, pairing: Pairing) -> list[pa.Field]:
        """Return the fields of the target and its time."""
        return [self.engine.field(truth, name) for name in pairing.wanted]


def _hashes(request: Request) -> list[pa.Field]:
    """Return the fields of the hashes that a request asks for."""
    return [] if request.identity is None else [pa.field(name, pa.int64()) for name in ("h0", "h1")]
