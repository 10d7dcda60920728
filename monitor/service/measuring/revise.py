"""Revising: when changed rows or ground truth are worth a new revision of a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.domain.delay_curve import maturity
from monitor.store.runs import Run

if TYPE_CHECKING:
    from monitor.service.measuring.footing import Footing

CROSSINGS = (0.5, 0.8, 0.95)
MATURE = CROSSINGS[-1]
MOST = 5  # revisions after the first; the last one is kept for the horizon's close
BETWEEN = timedelta(hours=1)
FEW = 30  # late rows that wait for more of them, or for the close, while a scheduler looks every hour
_ROUNDING = 1e-12

LATE_ROWS, CORRECTED, COVERAGE, CLOSED, RESTATED = "late_rows", "corrected", "coverage", "closed", "restated"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a window gets a new revision, None when it gets none; ``not_before`` tells that it has to wait till then."""

    cause: str | None = None
    not_before: datetime | None = None

    @property
    def due(self) -> bool:
        """Whether it gets one now."""
        return self.cause is not None and self.not_before is None


def judge(
    last: Run, found: Footing, now: datetime, *, expected: float | None, closed: bool, least: int = 1, restated: int = 0
) -> Verdict:
    """Tell whether a window gets a new revision.

    Late, corrected or deleted rows: when there are ``least`` of them. First labels: when their coverage, as a share
    of what will ever come, passes 50, 80 or 95 %. At the close of the horizon: whatever has changed since, or was
    provisional. Never more than five revisions, the fifth only at the close; never two within the hour, except right
    after the first measurement; none after the close.

    Parameters
    ----------
    last : Run
        The window's newest revision.
    found : Footing
        What the window rests on now.
    expected : float, optional
        The share of rows that will have ground truth in the end; None while that is unknown.
    closed : bool
        Whether the horizon is over.
    restated : int
        How many of the revisions so far were asked for by somebody: they do not count among the five.
    """
    why = _why(last, found, last.revision - restated, expected, least, closed=closed)
    free = last.finished_at + BETWEEN if last.revision and last.finished_at else None
    return Verdict(why, free if why is not None and free is not None and free > now else None)


def worth(rows: int) -> int:
    """Return how many late rows are worth a revision under a scheduler: 30, or 1 % of the window's rows.

    Examples
    --------
    >>> worth(100), worth(3001)
    (30, 31)
    """
    return max(FEW, -(-rows // 100))


def mature(coverage: float | None, expected: float | None) -> bool:
    """Tell whether as good as all ground truth that will ever come is there."""
    return maturity(coverage, expected) >= MATURE - _ROUNDING


def rows_changed(before: str | None, after: str | None) -> bool:
    """Tell whether rows came, went or changed, going by two digests of a window (the part before the colon).

    Examples
    --------
    >>> rows_changed("ff:00", "ff:10"), rows_changed("ff:00", "aa:00")
    (False, True)
    """
    return (before or "").partition(":")[0] != (after or "").partition(":")[0]


def _why(last: Run, found: Footing, made: int, expected: float | None, least: int, *, closed: bool) -> str | None:
    changed = found.digest != last.outcome.digest
    if last.outcome.closed or made >= MOST:
        return None
    if closed:
        return CLOSED if changed or last.outcome.provisional else None
    if not changed or made >= MOST - 1:
        return None
    if found.late - last.outcome.late >= least:
        return LATE_ROWS if rows_changed(last.outcome.digest, found.digest) else CORRECTED
    before, after = maturity(last.outcome.coverage, last.outcome.expected), maturity(found.coverage, expected)
    if any(before < crossing - _ROUNDING <= after for crossing in CROSSINGS):
        return COVERAGE
    return None
