"""Streams of hourly windows of 50 columns, drawn as counts: what a monitored model would have left in the store.

Numbers are standard normal over 100 bins of equal mass, with 2 % missing; categories are eight of unequal size. Given
the bins, counts of independent rows are multinomial, so drawing counts is drawing rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
from scipy.special import ndtr, ndtri

from monitor.domain.model import Model
from monitor.domain.window import Window
from monitor.profile.bins import Bins, CategoricalBins, NumericBins
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.profile.tally import Tally
from monitor.rules.folding import Folding
from monitor.rules.life import Life
from monitor.rules.scales import packed
from monitor.rules.season import Season, slot

COLUMNS, NUMBERS = 50, 40
REFERENCE, JUDGED = 28 * 24, 90 * 24
START, HOUR = datetime(2024, 1, 1, tzinfo=UTC), timedelta(hours=1)
FINE, MISSING = 100, 0.02
KINDS = ("plain", "season", "autocorrelated")
EDGES = ndtri(np.arange(1, FINE) / FINE)
CATEGORIES = np.array([0.3, 0.2, 0.15, 0.12, 0.1, 0.07, 0.04, 0.02])
NO_ITEMS = np.zeros(0, dtype=np.uint64)


def windows(first: int, count: int) -> list[Window]:
    return [Window(START + i * HOUR, START + (i + 1) * HOUR) for i in range(first, first + count)]


def shifts(kind: str, hours: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how far a healthy column's mean lies from its own in each hour, in standard deviations."""
    t = np.arange(hours)
    if kind == "season":
        daily = 0.5 * np.sin(2 * np.pi * (t / 24 + rng.random()))
        return daily + 0.25 * (t // 24 % 7 >= 5)
    if kind == "autocorrelated":
        noise = rng.normal(0, 0.1 * np.sqrt(1 - 0.8**2), hours)
        noise[0] /= np.sqrt(1 - 0.8**2)
        for i in range(1, hours):
            noise[i] += 0.8 * noise[i - 1]
        return noise
    return np.zeros(hours)


def shares(number: bool, shift: np.ndarray, spread: float = 1.0, missing: float = MISSING) -> np.ndarray:
    """Return the share of rows per hour in underflow, 100 bins, overflow, missing; or eight, other, unseen, missing."""
    if number:
        below = ndtr((EDGES - shift[:, None]) / spread)
        inner = np.diff(below, axis=1, prepend=0.0, append=1.0) * (1 - missing)
        zero = np.zeros((len(shift), 1))
        return np.concatenate([zero, inner, zero, np.full((len(shift), 1), missing)], axis=1)
    tilt = CATEGORIES * np.exp(0.5 * shift[:, None] * np.linspace(-1.7, 1.7, 8))
    tilt *= (1 - missing) / tilt.sum(axis=1, keepdims=True)
    zero = np.zeros((len(shift), 1))
    return np.concatenate([tilt, zero, zero, np.full((len(shift), 1), missing)], axis=1)


def draw(rng: np.random.Generator, rows: int, share: np.ndarray) -> np.ndarray:
    same = bool((share == share[0]).all())
    drawn = rng.multinomial(rows, share[0], len(share)) if same else rng.multinomial(rows, share)
    return drawn.astype(np.int32)


def bins_of(mass: np.ndarray, *, number: bool) -> Bins:
    if not number:
        return CategoricalBins(tuple("abcdefgh"), NO_ITEMS, mass)
    edges = np.concatenate([[-6.0], EDGES, [6.0]])
    return NumericBins(edges, 0.0, 1.0, mass)


@dataclass(frozen=True, eq=False)
class Stream:
    """Counts by column, shape ``(hours, bins)``; the first ``reference`` hours are the reference."""

    rows: int
    counts: dict[str, np.ndarray]
    reference: int = REFERENCE
    matches: dict[int, np.ndarray] = field(default_factory=dict)

    @classmethod
    def drawn(
        cls,
        kind: str,
        rows: int,
        rng: np.random.Generator,
        columns: int = COLUMNS,
        hours: int = JUDGED,
        reference: int = REFERENCE,
    ) -> Stream:
        found = {}
        for i in range(columns):
            number = i % 5 < 4
            share = shares(number, shifts(kind, reference + hours, rng))
            found[f"column:{'x' if number else 'c'}{i}"] = draw(rng, rows, share)
        return cls(rows, found, reference)

    @cached_property
    def layout(self) -> Layout:
        mass = {c: rows[: self.reference].sum(axis=0).astype(np.int64) for c, rows in self.counts.items()}
        bins = {c: bins_of(m, number=is_number(c)) for c, m in mass.items()}
        kinds = {c: "numeric" if is_number(c) else "categorical" for c in bins}
        return Layout(Model("m", "binary", kinds), bins, NO_ITEMS, {})

    def reading(self, hours: np.ndarray | slice) -> Reading:
        """Return the sum of some hours."""
        dense = np.concatenate([rows[hours].sum(axis=0, dtype=np.int64) for rows in self.counts.values()])
        at, none = np.flatnonzero(dense), np.zeros((1, 0))
        tally = Tally(self.layout.size, ((),), at, dense[at], np.zeros(len(at)), none, none, none)
        return Reading(self.layout, Profile("f", {"bins": tally}))

    @cached_property
    def whole(self) -> Reading:
        return self.reading(slice(0, self.reference))

    @cached_property
    def life(self) -> Life:
        """Return what `Life.learn` would, without a reading for every window."""
        before = windows(0, self.reference)
        slots = [slot(w.start, "UTC") for w in before]
        by_slot = {
            s: packed(self.reading(np.array([i for i, one in enumerate(slots) if one == s]))) for s in set(slots)
        }
        foldings = {c: Folding.of(b) for c, b in self.layout.bins.items()}
        folded = {c: _folded(foldings[c], rows[: self.reference]) for c, rows in self.counts.items()}
        return Life(self.layout, Season.of(before, "UTC"), tuple(before), by_slot, folded, foldings)


def is_number(column: str) -> bool:
    return column.startswith("column:x")


def _folded(folding: Folding, rows: np.ndarray) -> np.ndarray:
    each = np.array([folding.fold(one) for one in np.eye(rows.shape[1], dtype=np.int64)], dtype=np.float64)
    return np.rint(rows @ each).astype(np.int32)
