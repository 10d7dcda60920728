"""A set of files of one kind as one relation: schemas united, rows one file after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from monitor.errors import SourceError
from monitor.source.demand import condition, demanded
from monitor.source.plain import plain
from monitor.source.relation import Request
from monitor.source.stamps import Witness, file_stamp, stamp_of
from monitor.source.union import conform, unite

_CELLS = 4_000_000


def batch_rows(columns: int) -> int:
    """Return how many rows make a batch: 65 536, fewer when they are very wide.

    Examples
    --------
    >>> batch_rows(50), batch_rows(1000)
    (65536, 4000)
    """
    return max(1_000, min(65_536, _CELLS // max(columns, 1)))


class FileReader(Protocol):
    """How one kind of file is read; errors are SourceErrors that name the file."""

    def schema(self, path: str) -> pa.Schema:
        """Return the plain columns of one file; their types hold for all its rows."""

    def batches(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream at least the rows inside the request; types may differ from ``schema``'s."""

    def extremes(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.Array]:
        """Give arrays of raw times that hold the first and the last one of the file."""


@dataclass(frozen=True)
class FileSet:
    """The files of one URL; see `monitor.source.relation.Relation`.

    ``name`` is for messages. Files are listed once, when the relation is opened; ``listed`` is what the listing of an
    object store told of them.
    """

    name: str
    paths: tuple[str, ...]
    reader: FileReader
    listed: tuple[Witness, ...] | None = None

    @property
    def hashes(self) -> bool:
        """Files do not hash."""
        return False

    @property
    def database(self) -> str | None:
        """Files are in no database."""
        return None

    @cached_property
    def _schema(self) -> pa.Schema:
        schemas = []
        for path in self.paths:
            schema = self.reader.schema(path)
            double = {name for name in schema.names if schema.names.count(name) > 1}
            if double:
                names = ", ".join(map(repr, sorted(double)))
                raise SourceError(f"{path} has more than one column {names}", "rename all but one")
            schemas.append(schema)
        if not any(schemas):
            raise SourceError(
                f"{self.name} holds no row, so its columns are not known",
                "wait for the first row, or correct the pattern",
            )
        return unite(schemas)

    def schema(self) -> pa.Schema:
        """Return the columns of all files with types that hold every file's values."""
        return self._schema

    def unique(self, column: str) -> bool:  # noqa: ARG002
        """Files have no keys."""
        return False

    def extent(self, request: Request) -> tuple[object, object] | None:
        """Return the first and last raw time; None for no rows."""
        if request.time is None:
            return None
        wanted = demanded(self._schema, request, self.name)
        lows: list[pa.Scalar] = []
        for path in self.paths:
            for times in self.reader.extremes(path, wanted, request):
                field = pa.schema([wanted.field(request.time)])
                batch = pa.RecordBatch.from_arrays([plain(times)], names=[request.time])
                lows.extend(_ends(conform(batch, field).column(0)))
        if not lows:
            return None
        both = pa.array(lows, lows[0].type)
        low, high = _ends(both)
        return low.as_py(), high.as_py()

    def read(self, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns in batches of at most 65 536 rows."""
        wanted = demanded(self._schema, request, self.name)
        rule = condition(wanted, request, self.name)
        for path in self.paths:
            for batch in self.reader.batches(path, wanted, request):
                yield from _answer(batch, wanted, rule, request)

    def stamp(self) -> str | None:
        """Return the stamp of all files; None while one is too fresh to tell."""
        return file_stamp(*self.paths) if self.listed is None else stamp_of(self.listed)

    def clock(self) -> datetime | None:
        """Return None: files have no clock."""
        return None

    def close(self) -> None:
        """Hold nothing open."""


def _answer(
    batch: pa.RecordBatch, wanted: pa.Schema, rule: pc.Expression | None, request: Request
) -> Iterator[pa.RecordBatch]:
    """Bring one batch to the united types, filter it, and cut it to size."""
    arrays = [plain(column) for column in batch.columns]
    same = conform(pa.RecordBatch.from_arrays(arrays, names=batch.schema.names), wanted)
    kept = same if rule is None else same.filter(rule)
    answer = kept.select(list(request.columns))
    size = batch_rows(len(wanted))
    for start in range(0, answer.num_rows, size):
        yield answer.slice(start, size)


def scanned(reader: FileReader, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.Array]:
    """Read the time column of one file through, where statistics do not tell."""
    rule = condition(schema, request, path)
    for batch in reader.batches(path, schema, request):
        arrays = [plain(column) for column in batch.columns]
        same = conform(pa.RecordBatch.from_arrays(arrays, names=batch.schema.names), schema)
        yield (same if rule is None else same.filter(rule)).column(request.time)


def _ends(times: pa.Array) -> list[pa.Scalar]:
    """Return the smallest and largest value of an array; nothing when all are missing."""
    if pa.types.is_dictionary(times.type):
        times = times.dictionary_decode()
    if pa.types.is_timestamp(times.type) and times.type.unit == "ns":
        times = times.cast(pa.timestamp("us", times.type.tz), safe=False)
    if pa.types.is_floating(times.type):
        times = times.filter(pc.is_finite(times))
    if pa.types.is_null(times.type) or times.null_count == len(times):
        return []
    ends = pc.min_max(times)
    return [ends["min"], ends["max"]]
