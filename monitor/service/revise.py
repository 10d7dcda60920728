"""Revising: when changed rows or ground truth are worth a new revision of a window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.profile.count.groups import part
from monitor.profile.profile import Profile
from monitor.store.runs import Outcome, Run

CROSSINGS = (0.5, 0.8, 0.95)
MOST = 5  # revisions after the first; the last one is kept for the horizon's close
BETWEEN = timedelta(hours=1)

LATE_ROWS, CORRECTED, COVERAGE, CLOSED, RESTATED = "late_rows", "corrected", "coverage", "closed", "restated"


def cause(
    run: Run,
    coverage: float | None,
    *,
    rows_changed: bool,
    corrected: bool,
    closed: bool,
    now: datetime,
    restated: int = 0,
) -> str | None:
    """Return why a window whose input changed since its last run gets a new revision now, None when it does not yet.

    Late, corrected or deleted rows: at once. First labels: when coverage passes 50, 80 or 95 %, and when the horizon
    closes. Never more than five revisions, never two within the hour, except right after the first measurement.
    ``restated`` of the revisions so far were asked for by somebody and do not count among the five.
    """
    made = run.revision - restated
    if made >= MOST or (made == MOST - 1 and not closed):
        return None
    if run.revision and run.finished_at and now - run.finished_at < BETWEEN:
        return None
    if rows_changed:
        return LATE_ROWS
    if corrected:
        return CORRECTED
    before, after = run.outcome.coverage or 0.0, coverage or 0.0
    if any(before < crossing <= after for crossing in CROSSINGS):
        return COVERAGE
    return CLOSED if closed else None


def rows_changed(before: str | None, after: str | None) -> bool:
    """Tell whether rows came, went or changed, going by two digests of a window (the part before the colon).

    Examples
    --------
    >>> rows_changed("ff:00", "ff:10"), rows_changed("ff:00", "aa:00")
    (False, True)
    """
    return (before or "").partition(":")[0] != (after or "").partition(":")[0]


def replaced(before: Outcome, after: Outcome) -> bool:
    """Tell whether ground truth changed without becoming more: then what was there is not what it was.

    Examples
    --------
    >>> replaced(Outcome(digest="ff:00", labelled=5), Outcome(digest="ff:10", labelled=5))
    True
    """
    return before.digest != after.digest and (after.labelled or 0) <= (before.labelled or 0)


def truth_corrected(before: Profile, after: Profile) -> bool:
    """Tell whether ground truth that was there has changed or gone: some count of labelled rows has fallen.

    Labels that come for the first time only ever add to those counts.
    """
    for name in (part("confusion", ()), part("residuals", ()), part("rankings", ())):
        old, new = before.parts.get(name), after.parts.get(name)
        if old is None:
            continue
        cells = {} if new is None else _labelled(name, new.keys, new.width, new.cells.tolist(), new.counts.tolist())
        known = _labelled(name, old.keys, old.width, old.cells.tolist(), old.counts.tolist())
        if any(cells.get(cell, 0) < n for cell, n in known.items()):
            return True
    return False


def _labelled(
    name: str, keys: Sequence[tuple[str | None, ...]], width: int, cells: list[int], counts: list[int]
) -> dict[object, int]:
    """Return rows by cell, of labelled rows only."""
    found: dict[object, int] = {}
    for cell, n in zip(cells, counts, strict=True):
        key = keys[cell // width]
        if name == "confusion" and key[-2] is None:
            continue
        if name == "residuals" and key[-1] != "ok":
            continue
        found[key, cell % width] = n
    return found
