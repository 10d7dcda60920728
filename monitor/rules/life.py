"""Ordinary life: what the windows of the reference say of seasons, and of the spread of a healthy system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.domain.window import Window
from monitor.profile.layout import Layout
from monitor.profile.reading import Reading
from monitor.rules.budget import SCALES
from monitor.rules.folding import Folding
from monitor.rules.gap import Statistic
from monitor.rules.scales import packed, summed, unpacked
from monitor.rules.season import ALL, Season, Slot, slot
from monitor.rules.spread import Spread, largest_gaps, spread_of, variations

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Life:
    """The windows of a reference, oldest first: by hour of the week their sums, and each one's rows over few bins.

    ``sums`` are packed; they hold sums of values only where rules ask for them (``needs_values``). ``folded`` maps a
    column to its rows, shape ``(windows, bins)``. Without windows (a reference that is a file) there is no season, and
    no spread is known.
    """

    layout: Layout
    season: Season
    windows: tuple[Window, ...]
    sums: Mapping[Slot, bytes]
    folded: Mapping[str, Rows]
    foldings: Mapping[str, Folding]

    @classmethod
    def learn(cls, layout: Layout, steps: Iterable[tuple[Window, Reading]], zone: str, *, valued: bool = False) -> Life:
        """Read the reference's windows once, oldest first, those outside ``exclude`` that have rows."""
        foldings = {column: Folding.of(bins) for column, bins in layout.bins.items()}
        windows: list[Window] = []
        sums: dict[Slot, bytes] = {}
        rows: dict[str, list[Ints]] = {column: [] for column in layout.bins}
        for window, reading in steps:
            at = slot(window.start, zone)
            total = summed([unpacked(layout, sums[at]), reading]) if at in sums else reading
            sums[at] = packed(total, valued=valued)
            windows.append(window)
            for column, folding in foldings.items():
                rows[column].append(folding.fold(reading.histogram(column).counts))
        folded = {column: np.array(found, dtype=np.int32) for column, found in rows.items() if found}
        return cls(layout, Season.of(windows, zone), tuple(windows), sums, folded, foldings)

    def beside(self, windows: Sequence[Window], whole: Reading) -> tuple[str, Reading]:
        """Return what these windows are compared with: its name, and the counts; ``whole`` where no season is known."""
        name, slots = self.season.match(windows)
        if name == ALL:
            return ALL, whole
        return name, summed([unpacked(self.layout, self.sums[one]) for one in slots])

    def spread(self, column: str, statistic: Statistic, scale: int) -> tuple[Spread, ...]:
        """Return the spreads that bound a column's ordinary life on a scale, none where none is known.

        Those of the scale itself and of each shorter one that divides it: a sum lies no farther from the rest than its
        parts do, and of short blocks there are more.
        """
        scales = sorted(s for s in {*SCALES, scale} if scale % s == 0)
        found = (self._spread(column, statistic, s) for s in scales)
        return tuple(one for one in found if one is not None)

    @cached_property
    def _spreads(self) -> dict[tuple[str, Statistic, int], Spread | None]:
        return {}

    def _spread(self, column: str, statistic: Statistic, scale: int) -> Spread | None:
        key = (column, statistic, scale)
        if key not in self._spreads:
            folding = self.foldings[column]
            self._spreads[key] = self._measure(folding, self.folded.get(column), statistic, scale)
        return self._spreads[key]

    def _measure(self, folding: Folding, rows: Rows | None, statistic: Statistic, scale: int) -> Spread | None:
        if rows is None or len(self._ends(scale)) == 0:
            return None
        largest = statistic == "kolmogorov_smirnov_statistic"
        chosen = rows[:, folding.ordered if largest else folding.coarse].astype(np.int64)
        blocks, rests = self._left_out(chosen, scale)
        n, others = blocks.sum(axis=1), rests.sum(axis=1)
        kept = (n > 0) & (others > 0)
        blocks, rests, noise = blocks[kept], rests[kept], 1 / n[kept] + 1 / others[kept]
        if not kept.any():
            return None
        gaps = (largest_gaps if largest else variations)(blocks, rests)
        return spread_of(gaps, noise, folding.square(statistic, chosen.sum(axis=0)))

    def _ends(self, scale: int) -> NDArray[np.int64]:
        return np.arange(scale, len(self.windows) + 1, scale)

    def _left_out(self, rows: Ints, scale: int) -> tuple[Ints, Ints]:
        """Return the rows of each block of windows, and those of the rest that it is compared with."""
        running = np.concatenate([np.zeros((1, rows.shape[1]), dtype=np.int64), np.cumsum(rows, axis=0)])
        ends = self._ends(scale)
        blocks = running[ends] - running[ends - scale]
        return blocks, self._matched(rows, scale) - blocks

    def _matched(self, rows: Ints, scale: int) -> Ints:
        """Return, for each block, the rows of all windows that it would be compared with, itself included."""
        totals = np.zeros((len(self._slots), rows.shape[1]), dtype=np.int64)
        np.add.at(totals, self._place, rows)
        return self._matches(scale) @ totals

    @cached_property
    def _slots(self) -> dict[Slot, int]:
        return {one: i for i, one in enumerate(sorted(self.season.windows))}

    @cached_property
    def _place(self) -> NDArray[np.int64]:
        zone = self.season.zone
        return np.array([self._slots[slot(w.start, zone)] for w in self.windows], dtype=np.int64)

    @cached_property
    def _weights(self) -> dict[int, Ints]:
        return {}

    def _matches(self, scale: int) -> Ints:
        """Return how often each block's comparison adds each hour of the week; shape ``(blocks, hours)``."""
        if scale not in self._weights:
            weights = np.zeros((len(self._ends(scale)), len(self._slots)), dtype=np.int64)
            for row, end in enumerate(self._ends(scale)):
                _, slots = self.season.match(self.windows[end - scale : end])
                np.add.at(weights[row], [self._slots[one] for one in slots], 1)
            self._weights[scale] = weights
        return self._weights[scale]
