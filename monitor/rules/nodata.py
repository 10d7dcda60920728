"""The no-data family: alarms about rows, labels, sources and windows that are not there or not as they were.

They are apart from the rules of monitor.yaml, always on, and never resolve anything but themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import sqrt
from statistics import mean, median, variance
from typing import Literal

from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Judged, Severity, Verdict
from monitor.metrics.intervals import normal_quantile, wilson_bounds
from monitor.rules.rule import CLEAR, Rule
from monitor.rules.situation import Situation

Kind = Literal["no_rows", "too_few_rows", "overdue", "labels_overdue", "source_error", "schema_changed"]
KINDS: dict[Kind, Severity] = {
    "no_rows": "critical",
    "too_few_rows": "warning",
    "overdue": "critical",
    "labels_overdue": "warning",
    "source_error": "critical",
    "schema_changed": "critical",
}
"""What each kind of missing data is worth."""

COLUMNS = "columns"
"""The rule that misses columns in a log which can be read without them."""

NOT_COMPUTED = -1
"""The revision of what is said of a window that was never computed: once it is, that counts."""

LEVEL = 0.0005  # one-sided; these alarms have no share in the budget
HALF = 0.5  # of what is expected: fewer is too few
EMPTY = 0.1  # share of reference windows without rows from which on such a window is nothing new
LABELS = 20  # labels that must be expected for their absence to tell
QUIET = frozenset({"excluded", "in_reference", "ended"})  # windows of which nothing is missed


def rule_for(kind: Kind, windows: int = 2) -> Rule:
    """Return the rule of a kind: so many windows in a row fire it, the first sound one ends it.

    Examples
    --------
    >>> rule_for("no_rows").id, rule_for("no_rows", 3).needed
    ('no_rows', 3)
    """
    return Rule(kind, kind, severity=KINDS[kind], needed=windows, of=windows, clear_for=1)


def judge_rows(situation: Situation, rows: int, expected: Sequence[int], windows: int = 2) -> list[Verdict]:
    """Return whether a window has rows, and enough of them for its hour.

    Parameters
    ----------
    rows : int
        Of the window.
    expected : sequence of int
        Rows of the reference windows of the same season, those without rows included; none when nothing is known.
    windows : int
        How many in a row fire.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> from monitor.domain.window import Window
    >>> start = datetime(2024, 1, 1, tzinfo=UTC)
    >>> situation = Situation("m", Window(start, start + timedelta(hours=1)))
    >>> [verdict.state for verdict in judge_rows(situation, 30, [100, 110, 90, 95])]
    ['ok', 'breach']
    """
    nights = sum(n == 0 for n in expected) > EMPTY * len(expected)
    least, usual = _least(expected)
    empty: Judged = "breach" if rows == 0 and not nights else "ok"
    few: Judged = "breach" if rows < least else "ok" if rows >= min(usual, least / CLEAR) else "mid"
    seen = Evidence("row_count", value=rows, n=rows, reference_low=least, reference_high=usual)
    found = [_verdict(situation, "no_rows", windows, empty, seen)]
    if rows == 0 or len(expected) < 2:
        return [
            *found,
            _verdict(situation, "too_few_rows", windows, "none", seen, reason="no_rows" if not rows else "learning"),
        ]
    return [*found, _verdict(situation, "too_few_rows", windows, few, seen)]


def judge_overdue(situation: Situation, due: datetime, now: datetime, *, computed: bool, windows: int = 2) -> Verdict:
    """Return whether a window should have been computed by now: its end, delay, grace and longest run are over.

    What is said of one that is not has the revision `NOT_COMPUTED`.
    """
    late: Judged = "breach" if not computed and now > due else "ok"
    note = f"due by {due:%Y-%m-%d %H:%M} UTC"
    found = situation if computed else _before_any(situation)
    return _verdict(found, "overdue", windows, late, Evidence("overdue", note=note))


def judge_labels(situation: Situation, rows: int, labelled: int, expected: float | None, windows: int = 2) -> Verdict:
    """Return whether a window has the ground truth that one of its age should have.

    Parameters
    ----------
    expected : float, optional
        Share of rows that the delay curve gives for the age; None while it is unknown.
    """
    share = labelled / rows if rows else 0.0
    seen = Evidence("target_coverage", value=share, limit=expected, n=rows)
    if expected is None or expected * rows < LABELS:
        reason = "learning" if expected is None else "too_few_rows"
        return _verdict(situation, "labels_overdue", windows, "none", seen, reason=reason)
    _, most = wilson_bounds(share, rows, 1 - 2 * LEVEL)
    state: Judged = "breach" if most < HALF * expected else "ok" if share >= HALF * expected / CLEAR else "mid"
    return _verdict(situation, "labels_overdue", windows, state, seen)


def judge_source(situation: Situation, fault: str | None, windows: int = 2, *, kind: Kind = "source_error") -> Verdict:
    """Return whether the log could be read; ``fault`` is the error's first line, free of passwords, or None.

    What is said of a window that could not be computed has the revision `NOT_COMPUTED`. ``kind`` is
    ``schema_changed`` where a column that is used has gone or cannot be read as what it was.
    """
    found = situation if fault is None else _before_any(situation)
    return _verdict(found, kind, windows, "breach" if fault else "ok", Evidence(kind, note=fault))


def judge_schema(situation: Situation, known: Mapping[str, str], seen: Mapping[str, str], windows: int = 2) -> Verdict:
    """Return whether columns that are used have gone or have another type; both map columns to types.

    Columns that are new harm nobody.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> from monitor.domain.window import Window
    >>> start = datetime(2024, 1, 1, tzinfo=UTC)
    >>> situation = Situation("m", Window(start, start + timedelta(hours=1)))
    >>> found = judge_schema(situation, {"a": "double", "b": "string"}, {"a": "string", "c": "double"})
    >>> found.state, found.evidence.note
    ('breach', 'a is string, was double; b has gone')
    """
    changed = [
        f"{name} is {seen[name]}, was {kind}" if name in seen else f"{name} has gone"
        for name, kind in sorted(known.items())
        if seen.get(name) != kind
    ]
    note = "; ".join(changed[:5]) + (f"; and {len(changed) - 5} more" if len(changed) > 5 else "")
    state: Judged = "breach" if changed else "ok"
    return _verdict(
        situation, "schema_changed", windows, state, Evidence("schema_changed", value=len(changed), note=note)
    )


def _least(expected: Sequence[int]) -> tuple[float, float]:
    """Return below how many rows are too few, and how many are usual."""
    if len(expected) < 2:
        return 0.0, 0.0
    usual = mean(expected)
    noise = max(usual, variance(expected)) * (1 + 1 / len(expected))
    reach = normal_quantile(1 - 2 * LEVEL) * sqrt(noise)
    return max(0.0, min(HALF * median(expected), usual - reach)), usual


def _before_any(situation: Situation) -> Situation:
    return Situation(situation.model, situation.window, NOT_COMPUTED, situation.silent)


def _verdict(
    situation: Situation, kind: Kind, windows: int, state: Judged, evidence: Evidence, *, reason: str | None = None
) -> Verdict:
    quiet = situation.silent if situation.silent in QUIET else None
    if quiet:
        return situation.verdict(rule_for(kind, windows), {"kind": kind}, "none", reason=quiet)
    return situation.verdict(rule_for(kind, windows), {"kind": kind}, state, evidence, reason=reason)
