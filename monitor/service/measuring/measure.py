"""Measuring: the counts of a window become measurements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection

from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.metrics.comparison import Comparison
from monitor.metrics.evaluate import Finding, evaluate, evaluate_segment
from monitor.profile.build import VERSIONS
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.profile.rows import Rows
from monitor.service.job import Job
from monitor.service.measuring.footing import Footing, footing
from monitor.service.measuring.revise import mature
from monitor.service.reference.reference import WHOLE, Reference, trailing_profiles
from monitor.service.reports import evidently
from monitor.service.tiles.observe import Slot, profiles_of, summed
from monitor.store import tiles
from monitor.store.runs import Outcome
from monitor.store.witness import stamps


@dataclass(frozen=True, eq=False)
class Measured:
    """What measuring a window gave: what the ledger is told, and the measurements.

    ``unversioned`` tells that a version column is mapped but names no versions: it is empty, or has too many values.
    ``counted`` are the counts that it was measured from, and when each of the tiles had been counted.
    """

    window: Window
    outcome: Outcome
    found: list[Measurement]
    unversioned: bool
    counted: tuple[tuple[datetime, ...], Mapping[Slot, Profile]] | None = None


def measure(
    job: Job, reference: Reference, window: Window, revision: int = 0, *, expected: float | None = None
) -> Measured:
    """Measure one window from its tiles; every metric, for all rows, for each version and inside each segment.

    ``expected`` is the share of rows that will have ground truth in the end, None while that is unknown.
    """
    with job.store.read() as conn:  # counts, and what is noted as having been counted, of one moment
        profiles = _profiles(conn, job, reference, window)
        rests_on = footing(conn, job, reference, window)
        at = tuple(stamps(conn, job.model_id, window.start, window.end).values())
    guests = ((finding, None) for finding in evidently.findings(job, reference, window))
    beside: Mapping[Slot, Profile] | None = reference.profiles
    if reference.trailing:
        beside = trailing_profiles(job, reference, window)
        reference = replace(reference, profiles=beside or {})
    rows = Reading(reference.layout, profiles[WHOLE]).rows
    outcome = _outcome(job, reference, window, rows, rests_on, expected)
    findings = chain(_findings(reference, window, profiles, learning=beside is None), guests)
    found = [_measurement(job, window, outcome, revision, finding, version) for finding, version in findings]
    named = any(version for version, _ in profiles)
    unversioned = "version" in job.model.roles and rows.rows > 0 and not named
    return Measured(window, outcome, found, unversioned, (at, profiles))


def _profiles(conn: Connection, job: Job, reference: Reference, window: Window) -> dict[Slot, Profile]:
    """Return the window's counts by version and segment; all rows are always there, if only as zero.

    Where a window has more versions than a tile may have, they are none: a column that is unique by row is no version.
    """
    if job.calendar.spec.rolling:
        pieces = reference.blocks.pieces(conn, job, reference.layout, window)
    else:
        found = tiles.load_many(conn, job.model_id, reference.layout.fingerprint, window.start, window.end)
        pieces = profiles_of(found)
    if len({version for version, _ in pieces if version}) > VERSIONS:
        pieces = {slot: found for slot, found in pieces.items() if not slot[0]}
    nothing = Profile(reference.layout.fingerprint, {})
    return {WHOLE: nothing, **summed(pieces)}


def _findings(
    reference: Reference, window: Window, profiles: Mapping[Slot, Profile], *, learning: bool
) -> Iterator[tuple[Finding, str | None]]:
    """Yield what is found for all rows, for each version and inside each segment, with the version."""
    layout, seconds = reference.layout, window.length.total_seconds()
    whole = Reading(layout, profiles[WHOLE])
    overall = list(evaluate(Comparison(layout.model, reference.reading(WHOLE), whole, seconds), learning=learning))
    yield from ((finding, None) for finding in overall)
    for (version, segment), profile in sorted(profiles.items()):
        current = Reading(layout, profile)
        if segment:
            past = reference.reading((version, segment))
            comparison = Comparison(layout.model, past, current, seconds, json.loads(segment))
            yield from ((f, None) for f in evaluate_segment(comparison, learning=learning))
        elif version and current.rows.rows == whole.rows.rows:  # the only version: its counts are those of all rows
            yield from ((finding, version) for finding in overall)
        elif version:
            comparison = Comparison(layout.model, reference.reading(WHOLE), current, seconds)
            yield from ((f, version) for f in evaluate(comparison, learning=learning))


def _outcome(
    job: Job, reference: Reference, window: Window, rows: Rows, rests_on: Footing, expected: float | None
) -> Outcome:
    coverage = rows.labelled / rows.rows if rows.has_target and rows.rows else None
    closed = window.end + job.closes_after <= job.clock
    provisional = rows.has_target and rows.rows > 0 and not closed and not mature(coverage, expected)
    return Outcome(
        config_version_id=job.config_version_id,
        reference_id=reference.stored.id,
        digest=rests_on.digest,
        rows=rows.rows,
        labelled=rows.labelled,
        coverage=coverage,
        provisional=provisional,
        in_reference=reference.overlaps(window),
        late=rests_on.late,
        expected=expected,
        closed=closed,
    )


def _measurement(
    job: Job, window: Window, outcome: Outcome, revision: int, finding: Finding, version: str | None
) -> Measurement:
    estimate = finding.estimate
    return Measurement(
        model=job.model.name,
        window_start=window.start,
        window_end=window.end,
        metric=finding.metric,
        value=estimate.value,
        n=estimate.n,
        column=finding.column,
        group=finding.group,
        version=version,
        revision=revision,
        low=estimate.low,
        high=estimate.high,
        provisional=finding.late and outcome.provisional,
        in_reference=outcome.in_reference,
        reason=estimate.reason,
    )
