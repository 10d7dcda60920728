"""Standards: the frozen reference that windows are compared with, read once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from monitor.domain.measurement import Group
from monitor.metrics.comparison import Comparison
from monitor.metrics.estimate import Estimate
from monitor.metrics.evaluate import evaluate_metric
from monitor.profile import bundle
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.rules.measured import Key, key
from monitor.rules.rule import metric_named
from monitor.store import references
from monitor.store.engine import Store

KEPT = 16  # references held in memory, a megabyte or two each


@dataclass(frozen=True, eq=False)
class Standard:
    """One frozen reference: its bins, its counts by version and segment, and the period it stands for."""

    version: int
    layout: Layout
    profiles: Mapping[tuple[str, str], Profile]
    start: datetime | None
    end: datetime | None
    trailing: bool

    def reading(self, segment: str = "") -> Reading | None:
        """Return the counts of all rows or of one segment; None when the reference has none of its own."""
        profile = None if self.trailing else self.profiles.get(("", segment))
        return None if profile is None else Reading(self.layout, profile)

    def value(self, metric: str, column: str | None = None, group: Group | None = None) -> Estimate | None:
        """Return what a metric is over the reference itself; None when it is not known there."""
        return self._values(metric).get(key(metric, column, group))

    @cached_property
    def coverage(self) -> float | None:
        """The share of its rows that had ground truth when it was frozen."""
        whole = self.reading()
        rows = whole.rows if whole is not None else None
        return rows.labelled / rows.rows if rows is not None and rows.rows else None

    def _values(self, metric: str) -> Mapping[Key, Estimate]:
        if metric not in self._known:
            whole, found = self.reading(), metric_named(metric)
            self._known[metric] = {}
            if whole is not None and found is not None:
                comparison = Comparison(self.layout.model, whole, whole, 1.0)
                self._known[metric] = {
                    key(one.metric, one.column, one.group): one.estimate for one in evaluate_metric(found, comparison)
                }
        return self._known[metric]

    @cached_property
    def _known(self) -> dict[str, Mapping[Key, Estimate]]:
        return {}


def standard(store: Store, reference_id: int | None) -> Standard | None:
    """Return the reference with this number; None when there is none."""
    return None if reference_id is None else _read(store, reference_id)


@lru_cache(maxsize=KEPT)
def _read(store: Store, reference_id: int) -> Standard | None:
    with store.read() as conn:
        found = references.get(conn, reference_id)
    if found is None:
        return None
    trailing = found.kind == "trailing"
    layout, profiles = Layout.from_bytes(found.layout), {} if trailing else bundle.from_bytes(found.profile)
    return Standard(found.version, layout, profiles, found.start, found.end, trailing)
