"""Spark: tables, queries and files that one machine cannot read. Rows are counted where they are; counts travel.

``table`` names a table of the catalogue, or files as ``parquet:/path``, ``delta:/path``, ``iceberg:/path``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from monitor.config.mask import mask
from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source.pairing import Pairing
from monitor.source.relation import Relation, Request
from monitor.source.spark_session import explained, session
from monitor.source.suggest import missing_column
from monitor.source.times import UTC_MICROSECONDS, to_utc
from monitor.source.work import Rows, Work

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SCHEMES = ("spark", "spark+connect")
_FILES = re.compile(r"(parquet|delta|iceberg|orc|avro):(.+)", re.DOTALL)
_PACKED = "batch binary"


def open_relation(
    url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path
) -> SparkRelation:
    """Open a table, a query or files of ``spark://local[*]``, ``spark://master:7077`` or ``spark+connect://server``.

    Raises
    ------
    SourceError
        Spark cannot be had, or the table is not there.
    """
    del csv
    if (table is None) == (query is None):
        raise SourceError(f"{mask(url)} holds many tables", "write either `table:` or `query:`")
    here = session(url)
    name = f"{mask(url).partition('?')[0]} {'query' if table is None else f'table {table}'}"
    with explained(name, url):
        if query is not None:
            frame = here.sql(f"SELECT * FROM (\n{query.strip().rstrip(';')}\n)")  # noqa: S608 - the operator's own
        elif files := _FILES.fullmatch(str(table)):
            frame = here.read.format(files[1]).load(_located(files[2], folder))
        else:
            frame = here.table(str(table))
        frame.schema  # noqa: B018 - a Connect server resolves it only now
    return SparkRelation(name, url, frame)


def _located(path: str, folder: Path) -> str:
    """Return a path with its beginning: one without a scheme or a slash begins at monitor.yaml's folder."""
    return path if "://" in path or path.startswith("/") else str(folder / path)


@dataclass(frozen=True)
class SparkRelation:
    """A lazy frame; see `monitor.source.relation.Relation` and `monitor.source.work.WorkingRelation`."""

    name: str
    url: str = field(repr=False)
    frame: DataFrame = field(repr=False)

    @property
    def database(self) -> str:
        """Identify the session: its frames are joined in Spark."""
        return mask(self.url)

    @property
    def hashes(self) -> bool:
        """Rows are hashed by our own code, where they are."""
        return False

    @cached_property
    def _schema(self) -> pa.Schema:
        with explained(self.name, self.url):
            return self.frame.limit(0).toArrow().schema

    def schema(self) -> pa.Schema:
        """Return the raw columns and their Arrow types."""
        return self._schema

    def unique(self, column: str) -> bool:
        """Return False: Spark's tables prove nothing of their keys."""
        del column
        return False

    def extent(self, request: Request) -> tuple[object, object] | None:
        """Return the first and last time, looked for where the rows are; None for no rows."""
        if request.time is None:
            return None
        self._demand(request.time)
        look = Extent(request.timezone, f"column {request.time!r} of {self.name}")
        wanted = Request((request.time,), where=request.where)
        ends = [end for batch in self.work(Rows(wanted), Work(look, Extent.SCHEMA)) for end in batch.column(0)]
        known = [end.as_py() for end in ends if end.is_valid]
        return (min(known).astimezone(UTC), max(known).astimezone(UTC)) if known else None

    def read(self, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns through this machine."""
        return self._streamed(Rows(request))

    def read_joined(self, request: Request, truth: Relation, pairing: Pairing) -> Iterator[pa.RecordBatch]:
        """Stream the requested columns, the latest target of each row's key and its time."""
        return self._streamed(Rows(request, truth, pairing))

    def read_orphans(self, request: Request, truth: Relation, pairing: Pairing) -> Iterator[pa.RecordBatch]:
        """Stream target and time of the ground truth whose key no prediction has."""
        from monitor.source.spark_rows import orphaned  # noqa: PLC0415

        with explained(self.name, self.url):
            frame = orphaned(self.frame, request, _frame(truth), pairing)
        return self._unpacked(frame)

    def work(self, rows: Rows, work: Work) -> Iterator[pa.RecordBatch]:
        """Stream what the work makes of the rows, done where they are and added up there."""
        with explained(self.name, self.url):
            frame = self._done(rows, work)
            if work.combine is not None:
                frame = frame.groupBy(*work.keys).applyInArrow(work.combine, _spark(work.schema))
            yield from frame.toArrow().cast(work.schema).to_batches()

    def repeated(self, rows: Rows, work: Work) -> Iterator[pa.RecordBatch]:
        """Stream the rows that occur more than once in what the work makes, each once."""
        with explained(self.name, self.url):
            counted = self._done(rows, work).groupBy(*work.schema.names).count()
            found = counted.filter("count > 1").select(*work.schema.names)
            yield from found.toArrow().cast(work.schema).to_batches()

    def stamp(self) -> str | None:
        """Return None: only reading tells whether something was written."""
        return None

    def clock(self) -> datetime | None:
        """Return None: there is no one server."""
        return None

    def close(self) -> None:
        """Keep the session: the next one who opens this URL uses it."""

    def _rows(self, rows: Rows) -> DataFrame:
        """Return the rows as a lazy frame, its columns named by place."""
        from monitor.source.spark_rows import chosen, column, joined  # noqa: PLC0415

        for name in rows.request.columns:
            self._demand(name)
        if rows.truth is not None and rows.pairing is not None:
            return joined(self.frame, rows.request, _frame(rows.truth), rows.pairing)
        frame = chosen(self.frame, rows.request)
        return frame.select(*(column(frame, name).alias(f"c{i}") for i, name in enumerate(rows.request.columns)))

    def _done(self, rows: Rows, work: Work) -> DataFrame:
        frame = self._rows(rows)
        if work.together:
            frame = frame.repartition(*(frame.columns[at] for at in work.together))
        return frame.mapInArrow(work.each, _spark(work.schema))

    def _streamed(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        with explained(self.name, self.url):
            frame = self._rows(rows)
        return self._unpacked(frame)

    def _unpacked(self, frame: DataFrame) -> Iterator[pa.RecordBatch]:
        """Stream a frame's batches part by part, so that this machine never holds it whole."""
        with explained(self.name, self.url):
            for row in frame.mapInArrow(packed, _PACKED).toLocalIterator(prefetchPartitions=True):
                yield from pa.ipc.open_stream(row[0])

    def _demand(self, name: str) -> None:
        if name not in self.schema().names:
            raise missing_column(self.name, name, self.schema().names)


@dataclass(frozen=True)
class Extent:
    """Finds the first and last instant of raw times, one column."""

    zone: str | None
    place: str
    SCHEMA = pa.schema([("at", UTC_MICROSECONDS)])

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield both ends of each batch."""
        for batch in batches:
            times = to_utc(batch.column(0), self.zone, self.place).drop_null()
            if len(times):
                order = times.sort()
                yield pa.RecordBatch.from_arrays([order.take(pa.array([0, len(order) - 1]))], schema=self.SCHEMA)


def packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield each batch as the bytes of a stream of its own: in that form Spark hands it on without looking inside."""
    for batch in batches:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        yield pa.RecordBatch.from_arrays([pa.array([sink.getvalue().to_pybytes()], pa.binary())], names=["batch"])


def _frame(truth: Relation) -> DataFrame:
    if not isinstance(truth, SparkRelation):
        raise SourceError(f"{truth.name} is not in Spark")
    return truth.frame


def _spark(schema: pa.Schema) -> str:
    """Return an Arrow schema as Spark writes it."""
    names = {pa.int64(): "bigint", pa.string(): "string", pa.binary(): "binary", UTC_MICROSECONDS: "timestamp"}
    return ", ".join(f"{each.name} {names[each.type]}" for each in schema)
