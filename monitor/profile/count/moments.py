"""Second moments of the standardised numeric features."""

from __future__ import annotations

import numpy as np

from monitor.profile.encode import Encoded
from monitor.profile.slots import Slots
from monitor.profile.tally import Tally


def count_moments(rows: Encoded, slots: Slots) -> list[Tally]:
    """Sum per slot the standardised features and the upper triangle of their outer products; missing counts as the mean."""
    features = rows.layout.spread
    width = len(features) + len(features) * (len(features) + 1) // 2
    tallies = [Tally.empty(1, width)] * slots.size
    if not features or not rows.n:
        return tallies
    z = np.empty((len(features), rows.n))
    for i, (name, bins) in enumerate(features.items()):
        _standard(slots.take(rows.binned[name][1]), bins.centre, bins.deviation, z[i])
    upper = np.triu_indices(len(features))
    starts = np.flatnonzero(np.diff(slots.index, prepend=-1))
    for slot, a, b in zip(slots.index[starts].tolist(), starts, np.append(starts[1:], rows.n), strict=True):
        piece = z[:, a:b]
        sums = np.concatenate([piece.sum(axis=1), (piece @ piece.T)[upper]])
        edge, one = np.zeros((1, 0)), np.zeros(1)
        tallies[slot] = Tally(1, ((),), np.zeros(1, np.int64), np.array([b - a]), one, sums[None, :], edge, edge)
    return tallies


def _standard(values: np.ndarray | None, centre: float, deviation: float, out: np.ndarray) -> None:
    """Write the standardised values, 0 for missing and for what is no float any more."""
    if values is None:
        out[:] = 0.0
        return
    with np.errstate(over="ignore"):
        np.subtract(values, centre, out=out)
        out /= deviation
    wrong = ~np.isfinite(out)
    if wrong.any():
        out[wrong] = 0.0
