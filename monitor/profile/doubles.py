"""Doubles: the same id again in one tile; the latest row by time counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.profile.hashing import Hashes, hashes, mix, texts
from monitor.profile.tally import Ints


@cache
def blank() -> np.uint64:
    """Return the hash of a row whose id is missing; not at import, since Arrow then loads pandas."""
    return np.uint64(mix(hashes(pa.array([""])))[0])


def row_hashes(batch: pa.RecordBatch) -> Hashes | None:
    """Return a hash of what identifies each row: its id, for lists its request and item; None when nothing does."""
    names = batch.schema.names
    if "id" in names:
        return mix(hashes(batch.column("id")))
    if "query" in names and "item" in names:
        return mix(hashes(batch.column("query")) ^ mix(hashes(batch.column("item"))))
    return None


@dataclass(eq=False)
class Doubles:
    """Hashes of the ids of each tile while it is read; tells afterwards which tiles hold an id twice.

    Rows without an id are never doubles: nothing says that they are the same.
    """

    ids: dict[int, list[Hashes]] = field(default_factory=dict)

    def add(self, tile: Ints, ids: Hashes | None) -> None:
        """Take in the rows of a batch: their tile and hashed id."""
        if ids is None:
            return
        named = ids != blank()
        tile, ids = tile[named], ids[named]
        if not len(ids):
            return
        if (tile == tile[0]).all():
            self.ids.setdefault(int(tile[0]), []).append(ids)
            return
        order = np.argsort(tile, kind="stable")
        present, first = np.unique(tile[order], return_index=True)
        for t, found in zip(present.tolist(), np.split(ids[order], first[1:]), strict=True):
            self.ids.setdefault(t, []).append(found)

    def found(self) -> dict[int, Hashes]:
        """Return the hashes that occur more than once, by tile; sorted. What was taken in is given up."""
        again = {}
        while self.ids:
            tile, pieces = self.ids.popitem()
            ids = np.concatenate(pieces)
            ids.sort()
            doubled = ids[1:][ids[1:] == ids[:-1]]
            if len(doubled):
                again[tile] = np.unique(doubled)
        return again


def without_doubles(batches: Iterable[pa.RecordBatch], doubled: Hashes) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one tile with every id once: of several the latest by time, of those the one that sorts last.

    Rows whose hash is not ``doubled`` pass straight through; the others are held back until the end.
    """
    held: list[pa.RecordBatch] = []
    for batch in batches:
        ids = row_hashes(batch)
        again = np.isin(ids, doubled) if ids is not None else np.zeros(batch.num_rows, dtype=bool)
        if not again.all():
            yield batch.filter(pa.array(~again))
        if again.any():
            held.append(batch.filter(pa.array(again)))
    if held:
        yield from _latest(_joined(held)).to_batches()


def _latest(table: pa.Table) -> pa.Table:
    """Keep of the rows of each id the last one in the order of time and values."""
    keys = [name for name in ("id", "query", "item") if name in table.schema.names]
    keys = keys[:1] if keys[0] == "id" else keys
    rest = [name for name in table.schema.names if name not in (*keys, "time")]
    texts = {f"k{i}": _text(table.column(name)) for i, name in enumerate([*keys, *rest])}
    if "time" in table.schema.names:
        texts["time"] = table.column("time")
    sortable = pa.table(texts)
    order = [f"k{i}" for i in range(len(keys))] + (["time"] if "time" in texts else [])
    order += [f"k{i}" for i in range(len(keys), len(keys) + len(rest))]
    index = pc.sort_indices(sortable, sort_keys=[(name, "ascending") for name in order])
    ordered = sortable.take(index)
    last = np.zeros(table.num_rows, dtype=bool)
    last[-1:] = True
    for i in range(len(keys)):
        column = ordered.column(f"k{i}").combine_chunks()
        last[:-1] |= np.asarray(pc.not_equal(column[1:], column[:-1]))
    return table.take(index.filter(pa.array(last)))


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as text that never is null, so that they sort the same way from every source."""
    return pa.chunked_array([texts(chunk).fill_null("") for chunk in column.chunks], pa.large_string())


def _joined(held: list[pa.RecordBatch]) -> pa.Table:
    """Join batches whose types differ, as text where they cannot be promoted."""
    try:
        return pa.concat_tables([pa.Table.from_batches([b]) for b in held], promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.concat_tables([_as_text(pa.Table.from_batches([b])) for b in held])


def _as_text(table: pa.Table) -> pa.Table:
    return pa.table({n: table.column(n) if n == "time" else _text_or_null(table.column(n)) for n in table.schema.names})


def _text_or_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([texts(chunk) for chunk in column.chunks], pa.large_string())
