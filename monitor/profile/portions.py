"""Portions: small batches are counted together, since what a batch costs beside its rows is paid for each."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

ROWS = 131_072  # rows counted at a time: what is computed from them fits the memory promised
BYTES = 64 << 20  # of batches that wait for more


@dataclass(eq=False)
class Portions:
    """Gathers batches until they make a portion; larger ones are cut."""

    waiting: list[pa.RecordBatch] = field(default_factory=list)
    rows: int = 0
    size: int = 0

    def add(self, batch: pa.RecordBatch) -> list[pa.RecordBatch]:
        """Take in a batch; return the portions that are ready, in the order of the rows.

        Examples
        --------
        >>> portions, one = Portions(), pa.record_batch({"x": [1] * 60_000})
        >>> [[p.num_rows for p in portions.add(one)] for _ in range(3)], [p.num_rows for p in portions.rest()]
        ([[], [], [120000]], [60000])
        """
        ready = self.rest() if self._breaks(batch) else []
        if batch.num_rows > ROWS // 2:
            return ready + self.rest() + [batch.slice(at, ROWS) for at in range(0, batch.num_rows, ROWS)]
        if batch.num_rows:
            self.waiting.append(batch)
            self.rows += batch.num_rows
            self.size += batch.nbytes
        return ready

    def rest(self) -> list[pa.RecordBatch]:
        """Return what waits, as one portion."""
        waiting, self.waiting, self.rows, self.size = self.waiting, [], 0, 0
        if len(waiting) < 2:
            return waiting
        try:
            return [pa.concat_batches(waiting)]
        except pa.ArrowException:  # texts longer than one column may be, dictionaries that do not fit each other
            return waiting

    def _breaks(self, batch: pa.RecordBatch) -> bool:
        """Tell whether a batch cannot be counted together with those that wait."""
        if not self.waiting:
            return False
        full = self.rows + batch.num_rows > ROWS or self.size + batch.nbytes > BYTES
        return full or not self.waiting[0].schema.equals(batch.schema)
