"""Judging: which windows of a model have changed enough for a new revision, and which will never change again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.domain.window import Window
from monitor.service.job import Job
from monitor.service.measuring.footing import footings
from monitor.service.measuring.revise import RESTATED, Verdict, judge
from monitor.service.reference.pins import Pins
from monitor.store import runs
from monitor.store.runs import Run


def judge_all(
    job: Job,
    found: Pins,
    known: Sequence[Run],
    expected: float | None,
    *,
    least: Callable[[int], int] = lambda _: 1,
) -> dict[Window, Verdict]:
    """Return the verdicts on windows whose rows or ground truth have just been looked at.

    A window whose horizon is over and that needs no revision for it is entered as closed: nothing revises it any
    more. Windows that rest on the reference of another configuration are left alone.

    Parameters
    ----------
    known : sequence of Run
        The newest revision of each window.
    expected : float, optional
        The share of rows that will have ground truth in the end.
    least : callable
        Returns from how many late rows on a window of that many rows is revised.
    """
    pairs = [(last, against) for last in known if (against := found.of(last)) is not None]
    with job.store.read() as conn:
        rest_on = footings(conn, job, [(last.window, against) for last, against in pairs])
        verdicts: dict[Window, Verdict] = {}
        over = []
        for (last, _), now in zip(pairs, rest_on, strict=True):
            restated = runs.caused(conn, job.model_id, last.window, RESTATED) if last.revision else 0
            closed = last.window.end + job.closes_after <= job.clock
            verdicts[last.window] = judge(
                last, now, job.now, expected=expected, closed=closed, least=least(now.rows), restated=restated
            )
            if closed and not last.outcome.closed and verdicts[last.window].cause is None:
                over.append(last.id)
    if over:
        job.transact(lambda conn: runs.close(conn, over), ledger=True)
    return {window: verdict for window, verdict in verdicts.items() if verdict.cause is not None}
