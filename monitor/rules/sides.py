"""Sides: the counts of some windows beside those of the reference that they are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.domain.category import class_text
from monitor.domain.measurement import Group
from monitor.domain.model import CLASS_SCORE, published_name
from monitor.profile.histogram import Histogram
from monitor.profile.reading import Reading
from monitor.rules.life import Life
from monitor.rules.null import Look, look
from monitor.rules.season import ALL


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides on one scale, for all rows, one segment or one version.

    ``scale`` windows were summed in ``current``; ``reference`` holds the hours that ``season`` names. ``life`` is what
    the reference's windows show of ordinary life, None where it has none.
    """

    scale: int
    reference: Reading
    current: Reading
    life: Life | None = None
    season: str = ALL
    segment: Group | None = None
    version: str | None = None
    looks: dict[str, Look | None] = field(default_factory=dict, repr=False)

    def columns(self) -> Iterator[tuple[str, str, Group | None]]:
        """Yield each column, its published name, and the group that its numbers stand in."""
        for column in self.reference.layout.bins:
            group = self.segment
            if column.startswith(CLASS_SCORE):
                group = {**(group or {}), "class": class_text(column.removeprefix(CLASS_SCORE))}
            yield column, published_name(column), group

    def histograms(self, column: str) -> tuple[Histogram, Histogram]:
        """Return the reference's and the current histogram of a column."""
        return self.reference.histogram(column), self.current.histogram(column)

    def look(self, column: str) -> Look | None:
        """Return what both sides of a column show, worked out once: no limit changes it."""
        if column not in self.looks:
            self.looks[column] = look(*self.histograms(column))
        return self.looks[column]
