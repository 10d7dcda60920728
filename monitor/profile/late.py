"""Late ground truth of a reference: its counts move on while feature counts stay as they were frozen."""

from __future__ import annotations

import numpy as np

from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.tally import Ints, Tally, total

FROZEN = ("bins", "spread", "moments")  # parts that late rows of the reference period no longer move
TARGET = "target"


def with_late_truth(layout: Layout, frozen: Profile, late: Profile) -> Profile:
    """Return the frozen counts of columns with everything that ground truth decides as it is counted now.

    The target's own histogram is ground truth too: it follows, over the bins frozen with the others.
    """
    parts = {**late.parts, **{name: frozen.parts[name] for name in FROZEN if name in frozen.parts}}
    for name, chosen in (("bins", _target_bins(layout)), ("spread", None)):
        old, new = frozen.parts.get(name), late.parts.get(name)
        if old is not None and new is not None and TARGET in layout.bins:
            parts[name] = total([_only(old, chosen, inside=False), _only(new, chosen, inside=True)])
    return Profile(frozen.fingerprint, parts)


def _target_bins(layout: Layout) -> tuple[int, int]:
    start = layout.offsets.get(TARGET, 0)
    return start, start + len(layout.bins.get(TARGET, ()))


def _only(tally: Tally, bins: tuple[int, int] | None, *, inside: bool) -> Tally:
    """Return the cells of a range of bins, or of the label of the target, or all the others."""
    if bins is None:
        at = tally.row((TARGET,))
        mine = tally.cells == (-1 if at is None else at)
    else:
        mine = (tally.cells >= bins[0]) & (tally.cells < bins[1])
    return _kept(tally, np.flatnonzero(mine == inside))


def _kept(tally: Tally, cells: Ints) -> Tally:
    """Return some of a tally's cells, with the labels that still have any."""
    rows, place = np.unique(tally.cells[cells] // tally.width, return_inverse=True)
    at = place * tally.width + tally.cells[cells] % tally.width
    return Tally(
        width=tally.width,
        keys=tuple(tally.keys[row] for row in rows),
        cells=at.astype(np.int64),
        counts=tally.counts[cells],
        weights=tally.weights[cells],
        sums=tally.sums[rows],
        lows=tally.lows[rows],
        highs=tally.highs[rows],
        overflowed=tally.overflowed,
    )
