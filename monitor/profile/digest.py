"""Digests: what tells that a tile's rows or their ground truth have changed, whatever their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.profile.doubles import row_hashes
from monitor.profile.hashing import Hashes, hashes, mix
from monitor.profile.tally import Ints
from monitor.profile.values import present

ROW_HASH, TARGET_HASH = "hash", "hash:target"  # columns of a batch whose log hashes its rows itself


@dataclass(frozen=True, slots=True)
class Digest:
    """What identifies the rows of one tile and their ground truth.

    Rows, labelled rows, and the sums modulo 2^64 of their hashed ids and of their hashed (id, target) pairs.
    """

    rows: int = 0
    labelled: int = 0
    ids: int = 0
    labels: int = 0

    def __add__(self, other: Digest) -> Digest:
        """Add the digest of other rows."""
        ids, labels = (self.ids + other.ids) % 2**64, (self.labels + other.labels) % 2**64
        return Digest(self.rows + other.rows, self.labelled + other.labelled, ids, labels)

    @property
    def text(self) -> str:
        """The stored form: rows before the colon, ground truth after it.

        Examples
        --------
        >>> Digest(2, 1, 255, 16).text
        '2.ff:1.10'
        """
        return f"{self.rows}.{self.ids:x}:{self.labelled}.{self.labels:x}"

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read the stored form.

        Examples
        --------
        >>> (Digest.parse("2.ff:1.10") + Digest.parse("1.1:0.0")).text
        '3.100:1.10'
        """
        rows, _, truth = text.partition(":")
        (n, ids), (m, labels) = rows.split("."), truth.split(".")
        return cls(int(n), int(m), int(ids, 16), int(labels, 16))


def digests(batch: pa.RecordBatch, tile: Ints, ids: Hashes | None = None) -> dict[int, Digest]:
    """Return the digest of each tile that has rows in a batch.

    ``ids`` are its row hashes if known already. A batch that brings its log's own hashes is summed up by those.
    """
    known, labels, labelled = _brought(batch) if ROW_HASH in batch.schema.names else _hashed(batch, ids)
    tiles, place = np.unique(tile, return_inverse=True)
    rows = np.bincount(place, minlength=len(tiles))
    targets = np.bincount(place, labelled, len(tiles)).astype(np.int64)
    sums = [np.zeros(len(tiles), dtype=np.uint64) for _ in range(2)]
    for out, values in zip(sums, (known, labels), strict=True):
        np.add.at(out, place, values)
    each = zip(tiles, rows, targets, *sums, strict=True)
    return {int(t): Digest(int(n), int(m), int(a), int(b)) for t, n, m, a, b in each}


def tile_index(batch: pa.RecordBatch, starts: Ints, column: str = "time") -> Ints:
    """Return into which tile each row falls; ``starts`` are microseconds."""
    time = batch.column(column).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return np.asarray(np.searchsorted(starts, time, side="right") - 1, dtype=np.int64)


def _brought(batch: pa.RecordBatch) -> tuple[Hashes, Hashes, NDArray[np.bool_]]:
    """Return the hashes of rows and targets that stand in the batch, and which rows have a target."""
    targets = batch.column(TARGET_HASH)
    found = [column.fill_null(0).to_numpy(zero_copy_only=False) for column in (batch.column(ROW_HASH), targets)]
    known, labels = (np.ascontiguousarray(each, dtype=np.int64).view(np.uint64) for each in found)
    return known, labels, np.asarray(targets.is_valid())


def _hashed(batch: pa.RecordBatch, ids: Hashes | None) -> tuple[Hashes, Hashes, NDArray[np.bool_]]:
    """Hash rows and targets; return also which rows have a target."""
    known = row_hashes(batch) if ids is None else ids
    if known is None:
        known = np.zeros(batch.num_rows, dtype=np.uint64)
    if "target" not in batch.schema.names:
        return known, np.zeros(batch.num_rows, dtype=np.uint64), np.zeros(batch.num_rows, dtype=bool)
    column = batch.column("target")
    labelled = present(column)
    return known, np.where(labelled, mix(known ^ mix(hashes(column))), 0).astype(np.uint64), labelled
