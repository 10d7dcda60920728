"""Reading: the views that metrics take, out of a profile and its layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.domain.model import CLASS_SCORE
from monitor.profile.bins import Floats, Ints, NumericBins
from monitor.profile.confusion import Confusion
from monitor.profile.count.groups import part
from monitor.profile.count.operations import WIDTH
from monitor.profile.histogram import Histogram
from monitor.profile.layout import Layout
from monitor.profile.magnitude import middle
from monitor.profile.moments import Moments
from monitor.profile.operations import Operations
from monitor.profile.profile import Profile
from monitor.profile.rankings import MEASURES, Rankings
from monitor.profile.read.outcomes import read_confusion, read_log_loss, read_residuals, read_scores
from monitor.profile.residuals import Residuals
from monitor.profile.rows import Rows
from monitor.profile.scores import LogLoss, Scores
from monitor.profile.tally import Key, Tally

Values = tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """The counts of one profile, as the views that metrics are functions of.

    Views by group are mappings from attribute values (a tuple in the order of the attribute set, None for missing)
    to the view; the attribute set ``()`` has the one group ``()``, all rows.
    """

    layout: Layout
    profile: Profile

    def part(self, name: str, attributes: tuple[str, ...] = ()) -> Tally | None:
        """Return a part of the profile, None when it has no rows."""
        return self.profile.parts.get(part(name, attributes))

    def overflowed(self, name: str, attributes: tuple[str, ...]) -> bool:
        """Tell whether an attribute set has so many groups that they are not kept."""
        found = self.part(name, attributes)
        return found is not None and found.overflowed

    @cached_property
    def rows(self) -> Rows:
        """Facts about rows."""
        facts = self._facts
        rows = facts.get("rows", 0)
        target = "target" in self.layout.model.roles
        read = rows + facts.get("duplicates", 0)
        orphans = facts.get("orphans", 0) if "orphans counted" in facts else None
        early, unparsable = facts.get("early", 0), facts.get("unparsable", 0)
        return Rows(rows, read, facts.get("labelled", 0), early, orphans, target, unparsable)

    @cached_property
    def _facts(self) -> dict[str | None, int]:
        tally = self.part("rows")
        return {} if tally is None else dict(zip((k[0] for k in tally.keys), tally.counts.tolist(), strict=True))

    @cached_property
    def _bins(self) -> tuple[Ints, Floats]:
        tally = self.part("bins")
        if tally is None or not tally.keys:
            return np.zeros(self.layout.size, dtype=np.int64), np.zeros(self.layout.size)
        counts, weights = tally.dense()
        return counts[0], weights[0]

    @cached_property
    def _spread(self) -> dict[Key, tuple[int, Floats, float, float]]:
        tally = self.part("spread")
        if tally is None:
            return {}
        each = zip(
            tally.counts.tolist(), tally.sums, tally.lows[:, 0].tolist(), tally.highs[:, 0].tolist(), strict=True
        )
        return dict(zip(tally.keys, each, strict=True))

    @cached_property
    def _coarse(self) -> dict[tuple[str, int], Ints]:
        return {}

    @cached_property
    def _views(self) -> dict[tuple[str, tuple[str, ...]], Any]:
        return {}

    def _kept(self, name: str, attributes: tuple[str, ...], read: Callable[[], Any]) -> Any:
        """Return a view, read once: many metrics ask for the same."""
        if (name, attributes) not in self._views:
            self._views[name, attributes] = read()
        return self._views[name, attributes]

    @cached_property
    def _histograms(self) -> dict[str, Histogram]:
        return {name: self._histogram(name) for name in self.layout.bins}

    def histogram(self, column: str) -> Histogram:
        """Return a column's histogram; a target's holds labelled rows only."""
        return self._histograms[column]

    def coarse(self, column: str, k: int) -> Ints:
        """Return a column's rows over about ``k`` coarse bins of equal reference mass."""
        if (column, k) not in self._coarse:
            self._coarse[column, k] = self.histogram(column).coarse(k)
        return self._coarse[column, k]

    def _histogram(self, column: str) -> Histogram:
        bins = self.layout.bins[column]
        at = slice(self.layout.offsets[column], self.layout.offsets[column] + len(bins))
        counts, weights = self._bins
        n, sums, low, high = self._spread.get((column,), (0, np.zeros(2), 0.0, 0.0))
        known = (float(low), float(high)) if n else (None, None)
        histogram = Histogram(bins, counts[at], weights[at], n, float(sums[0]), float(sums[1]), *known)
        return histogram.without_missing() if column == "target" else histogram

    def confusions(self, attributes: tuple[str, ...] = ()) -> dict[Values, Confusion]:
        """Return rows by target and predicted class, by group."""
        found: dict[Values, Confusion] = self._kept("confusions", attributes, lambda: self._confusions(attributes))
        return found

    def _confusions(self, attributes: tuple[str, ...]) -> dict[Values, Confusion]:
        tally = self.part("confusion", attributes)
        groups: dict[Values, list[tuple[str | None, str | None, int]]] = {}
        if tally is not None:
            for key, n in zip(tally.keys, tally.counts.tolist(), strict=True):
                groups.setdefault(key[:-2], []).append((key[-2], key[-1], n))
        positive = self.layout.model.positive if self.layout.model.task == "binary" else None
        return {values: read_confusion(cells, positive) for values, cells in groups.items()}

    def scores(self, column: str = "score", attributes: tuple[str, ...] = ()) -> dict[Values, Scores]:
        """Return rows by score bin and truth, by group."""
        name = f"scores of {column}"
        found: dict[Values, Scores] = self._kept(name, attributes, lambda: self._scores(column, attributes))
        return found

    def _scores(self, column: str, attributes: tuple[str, ...]) -> dict[Values, Scores]:
        bins = self.layout.bins.get(column)
        scored, calibration = self.part(column, attributes), self.part(f"calibration {column}", attributes)
        if scored is None or not isinstance(bins, NumericBins):
            return {}
        return read_scores(scored, calibration, bins, probabilities=self.layout.probabilities(column))

    def log_losses(self, attributes: tuple[str, ...] = ()) -> dict[Values, LogLoss]:
        """Return sums of log-loss, by group."""
        found: dict[Values, LogLoss] = self._kept("log_losses", attributes, lambda: self._log_losses(attributes))
        return found

    def _log_losses(self, attributes: tuple[str, ...]) -> dict[Values, LogLoss]:
        columns = [CLASS_SCORE + c for c in self.layout.model.score_classes] or ["score"]
        sound = all(self.layout.probabilities(c) for c in columns)
        tally = self.part("log loss", attributes)
        return {} if tally is None else read_log_loss(tally, probabilities=sound)

    def residuals(self, attributes: tuple[str, ...] = ()) -> dict[Values, Residuals]:
        """Return sums of errors, by group."""
        found: dict[Values, Residuals] = self._kept("residuals", attributes, lambda: self._residuals(attributes))
        return found

    def _residuals(self, attributes: tuple[str, ...]) -> dict[Values, Residuals]:
        tally, bins = self.part("residuals", attributes), self.layout.numeric.get("target")
        return {} if tally is None else read_residuals(tally, bins.centre if bins else 0.0)

    def rankings(self, attributes: tuple[str, ...] = ()) -> dict[tuple[Values, int], Rankings]:
        """Return sums over requests, by group and k; which items were recommended is known for all rows only."""
        found: dict[tuple[Values, int], Rankings] = self._kept(
            "rankings", attributes, lambda: self._rankings(attributes)
        )
        return found

    def _rankings(self, attributes: tuple[str, ...]) -> dict[tuple[Values, int], Rankings]:
        tally = self.part("rankings", attributes)
        if tally is None:
            return {}
        shown = {} if attributes else self._recommended
        found = {}
        for row, (key, queries) in enumerate(zip(tally.keys, tally.counts.tolist(), strict=True)):
            k = int(key[-1] or 0)
            moments = {m: tally.sums[row, 3 * i : 3 * i + 3] for i, m in enumerate(MEASURES)}
            items = len(self.layout.items) if shown else 0
            found[key[:-1], k] = Rankings(k, queries, moments, shown.get(k, 0), items)
        return found

    @cached_property
    def _recommended(self) -> dict[int, int]:
        tally = self.part("items")
        if tally is None:
            return {}
        bins = tally.cells % tally.width
        rows = tally.cells // tally.width
        return {int(k or 0): int(((rows == i) & (bins < tally.width - 1)).sum()) for i, (k,) in enumerate(tally.keys)}

    @cached_property
    def operations(self) -> Operations | None:
        """Served requests; None when neither latency nor status is logged."""
        if not self.layout.model.roles & {"latency_ms", "status"}:
            return None
        tally = self.part("operations") or Tally.empty(WIDTH)
        rows = dict(zip((k[0] for k in tally.keys), tally.totals().tolist(), strict=True))
        bins = tally.cells % WIDTH
        timed = bins < WIDTH - 1
        sizes, place = np.unique(bins[timed], return_inverse=True)
        counts = np.bincount(place, tally.counts[timed], len(sizes)).astype(np.int64)
        status = rows.get("ok", 0) + rows.get("error", 0)
        return Operations(sum(rows.values()), status, rows.get("error", 0), middle(sizes), counts)

    @cached_property
    def moments(self) -> Moments:
        """First and second moments of the standardised numeric features."""
        columns = tuple(self.layout.spread)
        width, tally = len(columns), self.part("moments")
        if tally is None or not tally.keys:
            return Moments(columns, 0, np.zeros(width), np.zeros((width, width)))
        second: NDArray[np.float64] = np.zeros((width, width))
        second[np.triu_indices(width)] = tally.sums[0, width:]
        return Moments(columns, int(tally.counts[0]), tally.sums[0, :width], second + np.triu(second, 1).T)
