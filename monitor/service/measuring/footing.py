"""Footing: what a window rests on now, in the store, to be put beside what its last run rested on."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Connection

from monitor.domain.window import Window
from monitor.profile.digest import Digest
from monitor.service.job import Job
from monitor.service.reference.reference import Reference
from monitor.service.tiles.sweep import merged
from monitor.store import arrivals, tile_facts

_NONE = (Digest(), 0, 0)


@dataclass(frozen=True, slots=True)
class Footing:
    """The rows of a window, those labelled among them, and how many were late, ever, after tiles were first counted.

    ``digest`` names reference and rows, and after a colon ground truth, whatever the order of rows.
    """

    digest: str
    rows: int
    labelled: int
    late: int

    @property
    def coverage(self) -> float | None:
        """The share of rows that have their ground truth; None without rows."""
        return self.labelled / self.rows if self.rows else None


def footing(conn: Connection, job: Job, reference: Reference, window: Window) -> Footing:
    """Return what one window rests on, put beside a reference."""
    (found,) = footings(conn, job, [(window, reference)])
    return found


def footings(conn: Connection, job: Job, wanted: Sequence[tuple[Window, Reference]]) -> list[Footing]:
    """Return what windows rest on, in their order; the tiles that they share are read once.

    The digests of a window's tiles are added up, so that hours and the day they were rolled up into give the same.
    """
    found: dict[Window, Footing] = {}
    beside = dict(wanted)
    for stretch in merged(beside):
        mine = sorted(w for w in beside if stretch.start <= w.start and w.end <= stretch.end)
        starts, sums = _sums(conn, job, stretch)
        for window in mine:
            a, b = (sums[bisect_left(starts, edge)] for edge in (window.start, window.end))
            found[window] = _footing(beside[window], a, b)
    return [found[window] for window, _ in wanted]


def _sums(conn: Connection, job: Job, stretch: Window) -> tuple[list[datetime], list[tuple[Digest, int, int]]]:
    """Return the tiles' beginnings, and for each, and for the end, the sums over all tiles before it."""
    late = {a.start: a.late for a in arrivals.load(conn, job.model_id, stretch.start, stretch.end)}
    starts, sums = [], [_NONE]
    for facts in tile_facts.load(conn, job.model_id, stretch.start, stretch.end):
        digest, rows, moved = sums[-1]
        starts.append(facts.start)
        late_here = late.get(facts.start, 0)
        sums.append((digest + Digest.parse(facts.digest), rows + facts.rows, moved + late_here))
    return starts, sums


def _footing(reference: Reference, before: tuple[Digest, int, int], after: tuple[Digest, int, int]) -> Footing:
    """Return what lies between two sums."""
    (a, rows_a, late_a), (b, rows_b, late_b) = before, after
    labelled = b.labelled - a.labelled
    rows, truth = f"{b.rows - a.rows}.{(b.ids - a.ids) % 2**64:x}", f"{labelled}.{(b.labels - a.labels) % 2**64:x}"
    rows = json.dumps([reference.stored.id, reference.layout.fingerprint, rows])
    digest = ":".join(blake2b(text.encode(), digest_size=12).hexdigest() for text in (rows, truth))
    return Footing(digest, rows_b - rows_a, labelled, late_b - late_a)
