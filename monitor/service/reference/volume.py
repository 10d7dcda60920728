"""Volume: how many rows a reference's own windows had, so that a window with none or few can be told from a night."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

from sqlalchemy import Connection

from monitor.domain.window import Window
from monitor.rules.season import Season, slot
from monitor.service.job import Job
from monitor.store import tile_facts


@dataclass(frozen=True, eq=False)
class Volume:
    """The rows of each window of a reference, those without any included; empty where the reference has no windows."""

    season: Season
    rows: Mapping[Window, int]

    @classmethod
    def learn(cls, conn: Connection, job: Job, interval: Window | None) -> Volume:
        """Count the windows inside a reference and outside ``exclude``, as far as each is known whole."""
        zone = job.calendar.zone
        if interval is None:
            return cls(Season.of([], zone), {})
        windows = [
            window
            for window in job.calendar.windows(interval.start, interval.end)
            if window.start >= interval.start and not any(window.overlaps(other) for other in job.excluded)
        ]
        facts = tile_facts.load(conn, job.model_id, interval.start, interval.end)
        starts = [one.start for one in facts]
        rows = list(accumulate((one.rows for one in facts), initial=0))
        known = list(accumulate((one.end - one.start for one in facts), initial=timedelta(0)))
        found = {}
        for window in windows:
            a, b = bisect_left(starts, window.start), bisect_left(starts, window.end)
            if known[b] - known[a] == window.length:
                found[window] = rows[b] - rows[a]
        return cls(Season.of(list(found), zone), found)

    def beside(self, window: Window) -> list[int]:
        """Return the rows of the reference's windows of the same season; none where nothing is known."""
        if not self.rows:
            return []
        _, slots = self.season.match([window])
        wanted = set(slots)
        return [rows for one, rows in self.rows.items() if slot(one.start, self.season.zone) in wanted]
