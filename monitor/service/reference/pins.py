"""Pins: a window is measured against the reference in force, but revised against the one that it was measured with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.domain.window import Window
from monitor.service.job import Job
from monitor.service.reference.reference import Reference, earliest, standing
from monitor.service.tiles.observe import observe
from monitor.service.tiles.rollup import cutting
from monitor.service.tiles.sweep import merged, sweep
from monitor.store import references
from monitor.store.runs import Run


@dataclass(frozen=True, eq=False)
class Pins:
    """The reference in force, and the earlier ones of the same configuration that some windows rest on, by number.

    ``restating`` puts every window beside the one in force.
    """

    current: Reference
    others: Mapping[int, Reference]
    restating: bool = False

    def of(self, last: Run | None) -> Reference | None:
        """Return what a window is put beside, given its last run; None when that is of another configuration."""
        if self.restating or last is None or last.outcome.reference_id == self.current.stored.id:
            return self.current
        return self.others.get(last.outcome.reference_id or 0)


def pins(job: Job, current: Reference, rest_on: Iterable[Run], *, restating: bool = False) -> Pins:
    """Return the pins of these last runs; a reference of another configuration counts columns that may be gone."""
    wanted = {run.outcome.reference_id for run in rest_on} - {None, current.stored.id}
    if restating or not wanted:
        return Pins(current, {}, restating)
    with job.store.read() as conn:
        known = references.history(conn, job.model_id, current.stored.spec_digest)
        found = [references.get(conn, one.id) for one in known if one.id in wanted]
    return Pins(current, {one.id: standing(job, one) for one in found if one is not None})


def prepare(job: Job, found: Pins, windows: Sequence[Window], known: Mapping[Window, Run]) -> Pins:
    """Count what is not counted yet of these windows, under the bins each is measured with, and what has changed."""
    parts = _parts(found, windows, known)
    changed = [sweep(job, against.layout, mine, _count(job, against, mine)) for against, mine in parts]
    if any(changed):  # what one set of bins has counted anew, the others have not
        for against, mine in parts:
            _count(job, against, mine)
        others = {number: standing(job, other.stored) for number, other in found.others.items()}
        found = replace(found, current=standing(job, found.current.stored), others=others)
    return found


def uncut(job: Job, found: Pins, windows: Sequence[Window], known: Mapping[Window, Run]) -> list[Window]:
    """Return the windows that can still be measured: those that need no part of a day whose hours were rolled up."""
    cut = {window for against, mine in _parts(found, windows, known) for window in cutting(job, against.layout, mine)}
    return [window for window in windows if window not in cut]


def _parts(
    found: Pins, windows: Sequence[Window], known: Mapping[Window, Run]
) -> Collection[tuple[Reference, list[Window]]]:
    parts: dict[int, tuple[Reference, list[Window]]] = {}
    for window in windows:
        against = found.of(known.get(window))
        if against is not None:
            parts.setdefault(against.stored.id, (against, []))[1].append(window)
    return parts.values()


def _count(job: Job, against: Reference, windows: Sequence[Window]) -> list[datetime]:
    """Count the tiles of windows, and of what trails them, that are not counted yet; return their beginnings."""
    stretches = merged(Window(earliest(job, w.start), w.end) for w in windows)
    return [tile for one in stretches for tile in observe(job, against.layout, one.start, one.end)]
