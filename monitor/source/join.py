"""Predictions and ground truth of different places, joined without either being in memory whole.

The ground truth goes, under its key as text, into a DuckDB that spills to disk; the predictions stream
past it. Keys compare as text (1 = 1.0 = "1"); a missing key finds nothing.
"""

# ruff: noqa: S608  all names are ours
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.source.keys import Keys, distinct_keys, key_columns
from monitor.source.latest import latest
from monitor.source.scratch import scratch
from monitor.source.union import cast, united_type

TARGET, TARGET_TIME = "target", "target_time"
TIME = pa.timestamp("us", "UTC")
_CHUNK_BYTES, _CHUNK_ROWS = 64 << 20, 1 << 20


def left_join(
    predictions: Iterable[pa.RecordBatch],
    truth: Iterable[pa.RecordBatch],
    *,
    keys: Sequence[str] = ("id",),
) -> Iterator[pa.RecordBatch]:
    """Give every prediction the target of the latest ground truth row that has its key.

    Parameters
    ----------
    predictions : iterable of RecordBatch
        Hold the columns ``keys`` and any others.
    truth : iterable of RecordBatch
        ``keys``, ``target`` and, where known, ``target_time`` (timestamp[us, UTC]). The latest row of a
        key counts; of equal or no times the largest target, a missing one last.
    keys : sequence of str
        ``id``, or ``query`` and ``item`` for a ranking.

    Yields
    ------
    RecordBatch
        The predictions' batches as they came, then ``target`` (one type for all of them: null, bool,
        int64, uint64, float64 or string) and ``target_time``; both null without ground truth.

    Examples
    --------
    >>> rows = pa.RecordBatch.from_pydict({"id": [1, 2]})
    >>> known = pa.RecordBatch.from_pydict({"id": ["2", "2", "3"], "target": [0, 1, 1]})
    >>> next(left_join([rows], [known])).column("target").to_pylist()
    [None, 1]
    """
    stream = iter(predictions)
    first = next(stream, None)
    if first is None:
        return
    with scratch() as database:
        kind = _store_truth(database, truth, keys)
        for chunk in _chunks(chain([first], stream)):
            wanted = distinct_keys(chunk, keys)
            values, times = _found(database, wanted, kind)
            offset = 0
            for batch in chunk:
                here = pa.array(wanted.codes[offset : offset + batch.num_rows], pa.int64())
                at = pc.if_else(pc.less(here, 0), None, here)
                offset += batch.num_rows
                with_target = batch.append_column(TARGET, values.take(at))
                yield with_target.append_column(TARGET_TIME, times.take(at))


def anti_join(
    truth: Iterable[pa.RecordBatch],
    predictions: Iterable[pa.RecordBatch],
    *,
    keys: Sequence[str] = ("id",),
) -> Iterator[pa.RecordBatch]:
    """Stream the ground truth rows whose key no prediction has; rows without a key are among them.

    Examples
    --------
    >>> known = pa.RecordBatch.from_pydict({"id": [1.0, 7.0, None], "target": [1, 0, 1]})
    >>> rows = pa.RecordBatch.from_pydict({"id": ["1", "2"]})
    >>> [batch.column("id").to_pylist() for batch in anti_join([known], [rows])]
    [[7.0, None]]
    """
    with scratch() as database:
        names = [f"k{at}" for at in range(len(keys))]
        database.execute(f"CREATE TABLE rows ({', '.join(f'{name} VARCHAR' for name in names)})")
        for chunk in _chunks(predictions):
            _insert(database, "rows", pa.table(distinct_keys(chunk, keys).columns))
        for chunk in _chunks(truth):
            wanted = distinct_keys(chunk, keys)
            known = np.zeros(wanted.count + 1, bool)  # the last is that of missing keys, code -1
            known[_matches(database, "rows", "DISTINCT g", wanted).column("g").to_numpy()] = True
            alone = pa.array(~known[wanted.codes])
            offset = 0
            for batch in chunk:
                yield batch.filter(alone.slice(offset, batch.num_rows))
                offset += batch.num_rows


def count_orphans(
    truth: Iterable[pa.RecordBatch],
    predictions: Iterable[pa.RecordBatch],
    *,
    keys: Sequence[str] = ("id",),
) -> int:
    """Count the ground truth rows whose key no prediction has."""
    return sum(batch.num_rows for batch in anti_join(truth, predictions, keys=keys))


def _chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Gather batches to chunks that are worth a query and still fit in memory."""
    chunk: list[pa.RecordBatch] = []
    size = rows = 0
    for batch in batches:
        chunk.append(batch)
        size, rows = size + batch.nbytes, rows + batch.num_rows
        if size >= _CHUNK_BYTES or rows >= _CHUNK_ROWS:
            yield chunk
            chunk, size, rows = [], 0, 0
    if chunk:
        yield chunk


def _store_truth(
    database: duckdb.DuckDBPyConnection, truth: Iterable[pa.RecordBatch], keys: Sequence[str]
) -> pa.DataType:
    """Write the ground truth into the table ``truth``; return the type of its targets."""
    names = [f"k{at}" for at in range(len(keys))]
    columns = ", ".join(f"{name} VARCHAR" for name in names)
    database.execute(f"CREATE TABLE truth ({columns}, t BIGINT, v BIGINT)")
    kind = pa.null()
    for chunk in _chunks(truth):
        types = [_stored_type(batch.column(TARGET).type) for batch in chunk]
        wider = kind
        for each in types:
            wider = united_type(wider, each)
        if wider != kind:
            database.execute(f"ALTER TABLE truth ALTER v TYPE {_SQL_TYPES[wider]}")
            kind = wider
        texts = [key_columns(batch, keys) for batch in chunk]
        arrays: list[pa.ChunkedArray] = [pa.chunked_array([text[at] for text in texts]) for at in range(len(keys))]
        arrays.append(pa.chunked_array([_micros(batch) for batch in chunk]))
        arrays.append(pa.chunked_array([cast(batch.column(TARGET), kind) for batch in chunk]))
        _insert(database, "truth", pa.table(arrays, names=[*names, "t", "v"]))
    return kind


_SQL_TYPES = {
    pa.null(): "BIGINT", pa.bool_(): "BOOLEAN", pa.int64(): "BIGINT", pa.uint64(): "UBIGINT",
    pa.float64(): "DOUBLE", pa.string(): "VARCHAR",
}  # fmt: skip


def _stored_type(kind: pa.DataType) -> pa.DataType:
    """Return which of a few types holds targets of a type."""
    if kind in _SQL_TYPES:
        return kind
    if pa.types.is_integer(kind):
        return pa.int64()
    return pa.float64() if pa.types.is_floating(kind) else pa.string()


def _micros(batch: pa.RecordBatch) -> pa.Array:
    """Return the times as microseconds; null where there is none."""
    if TARGET_TIME not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.int64())
    return batch.column(TARGET_TIME).cast(TIME, safe=False).cast(pa.int64())


def _insert(database: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    database.register("chunk", rows)
    database.execute(f"INSERT INTO {name} SELECT * FROM chunk")
    database.unregister("chunk")


def _matches(database: duckdb.DuckDBPyConnection, table: str, columns: str, wanted: Keys) -> pa.Table:
    """Return what a table holds for the wanted keys; ``g`` is the key's number."""
    names = list(wanted.columns)
    numbers = pa.array(np.arange(wanted.count))
    database.register("chunk", pa.table({**wanted.columns, "g": numbers}))
    statement = f"SELECT {columns} FROM chunk JOIN {table} USING ({', '.join(names)})"
    found = database.sql(statement).to_arrow_table()
    database.unregister("chunk")
    return found


def _found(database: duckdb.DuckDBPyConnection, wanted: Keys, kind: pa.DataType) -> tuple[pa.Array, pa.Array]:
    """Return the target and time that count for every wanted key, null where there is none."""
    found = _matches(database, "truth", "g, t, v", wanted)
    place = latest(found, wanted.count)
    values = found.column("v").combine_chunks().take(place)
    times = found.column("t").combine_chunks().cast(TIME).take(place)
    return (pa.nulls(len(values)) if pa.types.is_null(kind) else values.cast(kind)), times
