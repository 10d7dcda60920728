"""A profile: all the counts of some rows over one layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.errors import LayoutError
from monitor.profile.codec import pack, unpack
from monitor.profile.tally import Tally, total


@dataclass(frozen=True, eq=False)
class Profile:
    """Tallies by part name, counted over the layout of that fingerprint.

    ``profile(A) + profile(B) == profile(A ∪ B)`` for any split of rows into A and B (counts exactly, sums within
    1e-12).
    """

    fingerprint: str
    parts: Mapping[str, Tally]

    def __add__(self, other: Profile) -> Profile:
        """Add two profiles of the same fingerprint."""
        return add([self, other])

    def to_bytes(self) -> bytes:
        """Return the stored form: all parts end to end in three arrays; small arrays cost more than they hold."""
        header = [_described(name, tally) for name, tally in self.parts.items()]
        tallies = list(self.parts.values())
        cells = np.concatenate([_NO_INTS, *(np.diff(t.cells, prepend=0) for t in tallies)])
        counts = np.concatenate([_NO_INTS, *(t.counts for t in tallies)])
        floats = np.concatenate([_NO_FLOATS, *(f.reshape(-1) for t in tallies for f in _floats(t))])
        return pack({"fingerprint": self.fingerprint, "parts": header}, [cells, counts, floats])

    @classmethod
    def from_bytes(cls, blob: bytes, wanted: Callable[[str], bool] = lambda _: True) -> Profile:
        """Read the stored form, of its parts those that are wanted: a view of a few need not pay for all."""
        header, (cells, counts, floats) = unpack(blob)
        parts, at, used = {}, 0, 0
        for name, width, keys, size, sums, extremes, weighted, overflowed in header["parts"]:
            end, labels = at + size, len(keys)
            bounds = np.cumsum([used, labels * sums, labels * extremes, labels * extremes, size * weighted]).tolist()
            if wanted(name):
                s, low, high, weights = (floats[i:j] for i, j in pairwise(bounds))
                parts[name] = Tally(
                    width=width,
                    keys=tuple(map(tuple, keys)),
                    cells=np.cumsum(cells[at:end]),
                    counts=counts[at:end],
                    weights=weights if weighted else np.zeros(size),
                    sums=s.reshape(labels, sums),
                    lows=low.reshape(labels, extremes),
                    highs=high.reshape(labels, extremes),
                    overflowed=bool(overflowed),
                )
            at, used = end, bounds[-1]
        return cls(header["fingerprint"], parts)


_NO_INTS, _NO_FLOATS = np.zeros(0, dtype=np.int64), np.zeros(0)


def _described(name: str, tally: Tally) -> list[Any]:
    """Return what is stored of a part beside its numbers."""
    sums, extremes = tally.sums.shape[1], tally.lows.shape[1]
    weighted = int(tally.weights.any())
    return [name, tally.width, tally.keys, len(tally.cells), sums, extremes, weighted, int(tally.overflowed)]


def _floats(tally: Tally) -> list[NDArray[np.float64]]:
    weights = [tally.weights] if tally.weights.any() else []
    return [tally.sums, tally.lows, tally.highs, *weights]


def add(profiles: Sequence[Profile]) -> Profile:
    """Add profiles of one fingerprint, all at once; at least one.

    Raises
    ------
    LayoutError
        They were counted over different bins.
    """
    first = profiles[0]
    if any(p.fingerprint != first.fingerprint for p in profiles):
        raise LayoutError("profiles counted over different bins cannot be added", hint="count the rows again")
    names = sorted({name for p in profiles for name in p.parts})
    return Profile(first.fingerprint, {n: total([p.parts[n] for p in profiles if n in p.parts]) for n in names})


def of_all_rows(part: str) -> bool:
    """Tell whether a part is not kept by group: whoever wants numbers of all rows is spared the reading of the others.

    Examples
    --------
    >>> of_all_rows("confusion"), of_all_rows('confusion by ["origin"]')
    (True, False)
    """
    return " by [" not in part
