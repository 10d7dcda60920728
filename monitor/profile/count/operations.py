"""Counts of served requests by status and latency."""

from __future__ import annotations

import numpy as np

from monitor.domain.category import category_text
from monitor.profile.encode import Encoded
from monitor.profile.magnitude import BINS, magnitude
from monitor.profile.slots import Slots, count
from monitor.profile.tally import Tally
from monitor.profile.values import categories

WIDTH = BINS + 1  # the last bin: no latency logged
_FINE = {"ok", "success", "succeeded", "true", "0", "none", ""}


def count_operations(rows: Encoded, slots: Slots) -> list[Tally]:
    """Count rows by latency with label ``(status,)``: ok, error, or None where no status is logged."""
    latency = rows.numbers("latency_ms")
    known = np.isfinite(latency) & (latency >= 0)
    size = np.where(known, magnitude(np.where(known, latency, 0.0)), BINS)
    codes, texts = categories(rows.batch.column("status")) if rows.has("status") else (np.zeros(rows.n, int), [None])
    status = np.array([_state(t) for t in texts] or [2])[codes]
    names = ("error", "ok", None)
    return count(slots, slots.take(status * WIDTH + size), WIDTH, lambda present: [(names[i],) for i in present])


def _state(text: str | None) -> int:
    """Return 0 for a failure, 1 for a success, 2 for unknown.

    HTTP codes fail from 500 on, words when they are not fine.
    """
    status = category_text(text)
    if status is None:
        return 2
    if status.isdigit() and len(status) == 3:
        return int(int(status) < 500)
    return int(status.strip().lower() in _FINE)
