"""Pushed rows grow old: what nothing needs goes, and nothing that was measured or will be is another for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.config import RetentionConfig
from monitor.service.retention.prune import prune_models
from monitor.service.run import run
from monitor.store import log_expiry, measurements
from tests.service.conftest import DAY, START, rows_of, truth_of
from tests.service.test_ingest import Push, push

__all__ = ["push"]
LATER = START + 105 * DAY
REFERENCE_ENDS = datetime(2024, 3, 5, tzinfo=UTC)
DAYS = 9


@pytest.fixture
def old(push: Push) -> Push:
    """Give a model whose nine days of pushed rows are measured and long over."""
    rows = rows_of(DAYS, per_hour=1)
    names = ("id", "time", "version", "prediction", "score", "amount", "place")
    push.rows([dict(zip(names, (r[0], r[1].isoformat(), *r[2:]), strict=True)) for r in rows])
    push.rows([{"id": i, "time": at.isoformat(), "target": y} for i, at, y in truth_of(rows)], "ground_truth")
    for now in (START + DAYS * DAY, LATER):
        [done] = run(push.config, push.store, now=now)
        assert done.error is None
    return push


def kept(push: Push) -> tuple[int, int]:
    """Return how many predictions and how many outcomes there are."""
    with push.store.read() as conn:
        sizes = [conn.exec_driver_sql(f"SELECT count(*) FROM pushed_rows_{n}").scalar_one() for n in (1, 2)]
    return int(sizes[0]), int(sizes[1])


def prune(push: Push, retention: RetentionConfig, now: datetime = LATER, *, dry: bool = False) -> int:
    """Prune; return how many pushed rows went, or would."""
    config = push.config.model_copy(update={"retention": retention})
    done = prune_models(config, push.store, now, dry=dry)["churn"].rows
    return done + (0 if dry else prune_models(config, push.store, now)["churn"].rows)


def test_what_nothing_needs_goes(old: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference stays, ground truth goes with its prediction, and all that was measured is as it was."""
    monkeypatch.setattr(log_expiry, "AT_ONCE", 50)
    with old.store.read() as conn:
        before = list(measurements.query(conn, model="churn"))
    whole, needed = DAYS * 24, int((REFERENCE_ENDS - START) / timedelta(hours=1))
    assert kept(old) == (whole, whole)
    assert prune(old, RetentionConfig()) == 2 * (whole - needed)
    assert kept(old) == (needed, needed)
    assert prune(old, RetentionConfig(), dry=True) == 0
    [done] = run(old.config, old.store, now=LATER + DAY)
    assert (done.error, done.revised) == (None, 0)
    with old.store.read() as conn:
        after = [one for one in measurements.query(conn, model="churn") if one.window_start < LATER]
    assert after == before


def test_what_may_be_needed_stays(old: Push) -> None:
    """Nothing goes that the operator keeps, that is compared with the log yet, or whose windows are not settled."""
    before, soon = kept(old), START + 30 * DAY
    assert prune(old, RetentionConfig(pushed_rows="1d", hourly_counts="1d"), soon) == 0
    assert prune(old, RetentionConfig(hourly_counts="forever")) == 0
    assert prune(old, RetentionConfig(pushed_rows="forever")) == 0
    assert kept(old) == before
