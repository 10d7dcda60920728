"""The hashes of rows by tile, as they travel from where rows are kept, to find ids that come twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from monitor.profile.digest import tile_index
from monitor.profile.doubles import blank, row_hashes
from monitor.profile.hashing import Hashes
from monitor.profile.tally import Ints

SCHEMA = pa.schema([("tile", pa.int64()), ("hash", pa.int64())])


@dataclass(frozen=True, eq=False)
class Hashing:
    """Yields tile and hash of every row that has an id; ``starts`` are as the builder's."""

    starts: Ints

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a batch under ``SCHEMA`` for each one that has ids."""
        for batch in batches:
            ids = row_hashes(batch)
            if ids is not None:
                named = ids != blank()
                tile = tile_index(batch, self.starts)[named]
                yield pa.RecordBatch.from_arrays([pa.array(tile), pa.array(ids[named].view(np.int64))], schema=SCHEMA)


def doubled(batches: Iterable[pa.RecordBatch]) -> Mapping[int, Hashes]:
    """Return the hashes in rows under ``SCHEMA`` by tile; sorted."""
    pieces: dict[int, list[Hashes]] = {}
    for batch in batches:
        tile, ids = (np.asarray(column) for column in batch.columns)
        for t in np.unique(tile).tolist():
            pieces.setdefault(t, []).append(np.ascontiguousarray(ids[tile == t], dtype=np.int64).view(np.uint64))
    return {t: np.unique(np.concatenate(each)) for t, each in pieces.items()}
