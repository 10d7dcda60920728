"""What moved between two counts of the same tile: rows that came, went, or had their ground truth changed."""

from __future__ import annotations

import numpy as np

from monitor.domain.model import CLASS_SCORE
from monitor.profile.count.groups import part
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.tally import Ints, Tally

TARGET = "target"


def moved(layout: Layout, before: Profile, after: Profile) -> int:
    """Return how many rows at least came late, went away or had their known ground truth changed.

    Rows that get their first ground truth have not moved. Going by counts a change that another one undoes is not
    seen: one row less and another one more with the same values are none.

    Parameters
    ----------
    before, after : Profile
        All rows of the same tile, counted over ``layout``.
    """
    came, went = _rows(layout, before, after)
    return came + went + max(0, corrected(layout, before, after) - went)


def corrected(layout: Layout, before: Profile, after: Profile) -> int:
    """Return how many labelled rows at least had their ground truth changed, or are gone.

    Ground truth that comes for the first time only ever adds to the counts of labelled rows: what these have lost
    was changed.
    """
    found = [0]
    bins = layout.bins.get(TARGET)
    if bins is not None:
        start = layout.offsets[TARGET]
        fewer = np.maximum(_bins(layout, before) - _bins(layout, after), 0)
        found.append(int(fewer[start : start + len(bins) - 1].sum()))
    scores = [name for name in layout.bins if name == "score" or name.startswith(CLASS_SCORE)]
    for name in (part(each, ()) for each in ("confusion", "residuals", *scores)):
        old, new = _labelled(name, before.parts.get(name)), _labelled(name, after.parts.get(name))
        found.append(sum(max(0, n - new.get(cell, 0)) for cell, n in old.items()))
    return max(found)


def _rows(layout: Layout, before: Profile, after: Profile) -> tuple[int, int]:
    """Return rows that came and rows that went, going by the column that tells most of them apart."""
    change = _bins(layout, after) - _bins(layout, before)
    found = []
    for name, bins in layout.bins.items():
        if name != TARGET:
            mine = change[layout.offsets[name] : layout.offsets[name] + len(bins)]
            found.append((int(mine[mine > 0].sum()), -int(mine[mine < 0].sum())))
    return max(found, key=sum, default=(0, 0))


def _bins(layout: Layout, profile: Profile) -> Ints:
    tally = profile.parts.get("bins")
    if tally is None or not tally.keys:
        return np.zeros(layout.size, dtype=np.int64)
    counts, _ = tally.dense()
    found: Ints = counts[0]
    return found


def _labelled(name: str, tally: Tally | None) -> dict[object, int]:
    """Return rows by cell, of labelled rows only."""
    found: dict[object, int] = {}
    if tally is None:
        return found
    for cell, n in zip(tally.cells.tolist(), tally.counts.tolist(), strict=True):
        key = tally.keys[cell // tally.width]
        truth = key[-2] if name == "confusion" else key[-1]
        if truth == "ok" if name == "residuals" else truth is not None:
            found[key, cell % tally.width] = n
    return found
