"""A sample of rows that is the same whatever order they are read in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from monitor.profile.hashing import Hashes, hashes, mix


@dataclass(eq=False)
class Sample:
    """Keeps the rows whose hashed id is smallest, at most ``size``, in memory for twice as many.

    Rows without an id are ranked by their place. Another ``seed`` gives another sample.
    """

    size: int
    seed: int = 0
    read: int = 0
    batches: list[pa.Table] = field(default_factory=list)
    ranks: list[Hashes] = field(default_factory=list)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in a batch of rows."""
        if "id" in batch.schema.names:
            ids = hashes(batch.column("id"))
        else:
            ids = np.arange(self.read, self.read + batch.num_rows, dtype=np.uint64)
        self.read += batch.num_rows
        rank = mix(ids ^ mix(np.array([self.seed], dtype=np.uint64)))
        kept = np.argsort(rank, kind="stable")[: self.size]
        self.batches.append(pa.Table.from_batches([batch.take(pa.array(kept))]))
        self.ranks.append(rank[kept])
        if sum(map(len, self.ranks)) > 2 * self.size:
            self._thin()

    def table(self) -> pa.Table | None:
        """Return the sample, its rows in the order of their rank; None when nothing was read."""
        if not self.batches:
            return None
        self._thin()
        return self.batches[0]

    def _thin(self) -> None:
        whole = pa.concat_tables(self.batches, promote_options="permissive")
        ranks = np.concatenate(self.ranks)
        kept = np.argsort(ranks, kind="stable")[: self.size]
        self.batches, self.ranks = [whole.take(pa.array(kept))], [ranks[kept]]
