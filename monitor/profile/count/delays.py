"""Counts of labelled rows by how long their ground truth took to come."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from monitor.domain.delay_curve import AGES
from monitor.profile.bins import Ints
from monitor.profile.count.rows import usable
from monitor.profile.encode import Encoded
from monitor.profile.slots import Slots, count
from monitor.profile.tally import Tally
from monitor.profile.values import present

WIDTH = len(AGES) + 2  # later than all ages, and labelled at a time that is not known
_LATEST = np.array([age.total_seconds() * 1_000_000 for age in AGES], dtype=np.int64)


def count_delays(rows: Encoded, slots: Slots) -> list[Tally]:
    """Count labelled rows by delay with label ``("delay",)``: bin ``i`` holds those that took at most ``AGES[i]``.

    Ground truth stamped before its prediction counts as no delay at all.
    """
    if not all(map(rows.has, ("target", "target_time", "time"))):
        return [Tally.empty(WIDTH) for _ in range(slots.size)]
    labelled = present(rows.batch.column("target")) & usable(rows)
    seen = rows.batch.column("target_time")
    known = present(seen)
    with np.errstate(over="ignore"):
        delay = np.where(known, _micros(seen) - _micros(rows.batch.column("time")), 0)
    bins = np.where(known, np.searchsorted(_LATEST, delay), WIDTH - 1)
    code = np.where(labelled, bins, -1).astype(np.int64)
    return count(slots, slots.take(code), WIDTH, lambda found: [("delay",) for _ in found])


def arrived_by_age(tally: Tally | None) -> tuple[int, ...]:
    """Return how many rows had their ground truth at each of `AGES`; shape ``(len(AGES),)``.

    Where its time is not known it counts as having been there from the beginning.
    """
    if tally is None or not tally.keys:
        return (0,) * len(AGES)
    counts, _ = tally.dense()
    by_age: list[int] = (counts[0, -1] + np.cumsum(counts[0, : len(AGES)])).tolist()
    return tuple(by_age)


def _micros(column: pa.Array) -> Ints:
    whole: Ints = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return whole
