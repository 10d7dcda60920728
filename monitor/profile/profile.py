"""A profile: all the counts of some rows over one layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.errors import LayoutError
from monitor.profile.codec import pack, unpack
from monitor.profile.tally import Tally, total


@dataclass(frozen=True, eq=False)
class Profile:
    """Tallies by part name, counted over the layout of that fingerprint.

    ``profile(A) + profile(B) == profile(A ∪ B)`` for any split of rows into A and B (counts exactly, sums within 1e-12).
    """

    fingerprint: str
    parts: Mapping[str, Tally]

    def __add__(self, other: Profile) -> Profile:
        """Add two profiles of the same fingerprint."""
        return add([self, other])

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        header: list[Any] = []
        arrays: list[NDArray[Any]] = []
        for name, t in self.parts.items():
            header.append(
                [name, t.width, t.keys, t.sums.shape[1], t.lows.shape[1], int(t.overflowed), int(t.weights.any())]
            )
            arrays += [np.diff(t.cells, prepend=0), t.counts, t.sums, t.lows, t.highs]
            arrays += [t.weights] if t.weights.any() else []
        return pack({"fingerprint": self.fingerprint, "parts": header}, arrays)

    @classmethod
    def from_bytes(cls, blob: bytes) -> Profile:
        """Read the stored form."""
        header, arrays = unpack(blob)
        stream = iter(arrays)
        parts = {}
        for name, width, keys, sums, extremes, overflowed, weighted in header["parts"]:
            cells, counts, s, low, high = (next(stream) for _ in range(5))
            weights = next(stream) if weighted else np.zeros(len(counts))
            parts[name] = Tally(
                width, tuple(map(tuple, keys)), np.cumsum(cells), counts, weights, s.reshape(len(keys), sums),
                low.reshape(len(keys), extremes), high.reshape(len(keys), extremes), bool(overflowed),
            )  # fmt: skip
        return cls(header["fingerprint"], parts)


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
