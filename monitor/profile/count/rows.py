"""Counts of rows: kept, labelled, labelled too early or with what is no number."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.profile.encode import Encoded
from monitor.profile.slots import Slots
from monitor.profile.tally import Tally
from monitor.profile.values import present

FACTS = ("early", "labelled", "rows", "unparsable")  # sorted, as all keys are


def count_rows(rows: Encoded, slots: Slots) -> list[Tally]:
    """Count per slot all rows, those with a target, those whose target is stamped early or is no number."""
    known = present(rows.batch.column("target")) if rows.has("target") else np.zeros(rows.n, bool)
    labelled = known & usable(rows)
    early = np.zeros(rows.n, bool)
    if rows.has("target_time") and rows.has("time"):
        earlier = pc.less(rows.batch.column("target_time"), rows.batch.column("time")).fill_null(False)
        early = earlier.to_numpy(zero_copy_only=False) & labelled
    each = (early, labelled, np.ones(rows.n, bool), known & ~labelled)
    starts = slots.starts
    counts = np.zeros((len(FACTS), slots.size), dtype=np.int64)
    for i, fact in enumerate(each):
        if slots.size == 1:
            counts[i, 0] = np.count_nonzero(fact)
        else:
            counts[i, slots.index[starts]] = np.add.reduceat(slots.take(fact), starts, dtype=np.int64)
    return [fact_tally(dict(zip(FACTS, counts[:, s].tolist(), strict=True))) for s in range(slots.size)]


def usable(rows: Encoded) -> NDArray[np.bool_]:
    """Tell for each row whether its target, if it has one, is what the task can use: a number where one is needed."""
    if rows.layout.model.columns.get("target") != "numeric":
        return np.ones(rows.n, bool)
    return ~np.isnan(rows.numbers("target"))


def fact_tally(facts: dict[str, int]) -> Tally:
    """Return a tally of named numbers of rows; zeros are left out."""
    kept = {name: n for name, n in sorted(facts.items()) if n}
    edge = np.zeros((len(kept), 0))
    counts = np.array(list(kept.values()), dtype=np.int64)
    return Tally(1, tuple((k,) for k in kept), np.arange(len(kept)), counts, np.zeros(len(kept)), edge, edge, edge)
