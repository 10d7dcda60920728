"""Delays of ground truth are counted by age, add like all counts, and give the curve that made them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import lognorm

from monitor.domain.delay_curve import AGES, Arrived, learn
from monitor.domain.model import Model
from monitor.profile.build import build
from monitor.profile.count.delays import arrived_by_age
from monitor.profile.freezer import freeze
from monitor.profile.profile import Profile

START = datetime(2024, 1, 1, tzinfo=UTC)
HORIZON = timedelta(days=30)
MODEL = Model("m", "binary", {"score": "numeric", "target": "categorical"}, frozenset({"score", "target"}))


def table_of(delays: list[timedelta | None], *, unstamped: int = 0) -> pa.RecordBatch:
    """Make rows whose ground truth came that late, or never; the first few of it without a time."""
    n = len(delays)
    seen = [None if d is None or i < unstamped else START + d for i, d in enumerate(delays)]
    return pa.RecordBatch.from_pydict(
        {
            "time": pa.array([START] * n, pa.timestamp("us", "UTC")),
            "score": pa.array(np.linspace(0, 1, n)),
            "target": pa.array([None if d is None else "1" for d in delays], pa.string()),
            "target_time": pa.array(seen, pa.timestamp("us", "UTC")),
        }
    )


def profile_of(batch: pa.RecordBatch) -> Profile:
    return build(freeze(MODEL, [batch]), [batch])


def test_each_delay_falls_under_its_age() -> None:
    """An age counts all that took at most as long; ground truth that is early, or has no time, took none."""
    hour = timedelta(hours=1)
    batch = table_of([hour, hour, hour + timedelta(microseconds=1), -hour, None, timedelta(days=91)], unstamped=1)
    by_age = dict(zip(AGES, arrived_by_age(profile_of(batch).parts["delays"]), strict=True))
    assert [by_age[age] for age in (AGES[0], hour, 2 * hour, AGES[-1])] == [2, 3, 4, 4]


def test_rows_without_ground_truth_have_no_delays() -> None:
    """Nothing is counted where nothing came, and older profiles without the part read as none."""
    assert "delays" not in profile_of(table_of([None, None])).parts
    assert arrived_by_age(None) == (0,) * len(AGES)


@pytest.mark.parametrize("never", [0.0, 0.2])
def test_a_planted_delay_is_recovered(never: float) -> None:
    """Log-normal delays with a median of eight hours give that distribution's curve, less those that never come."""
    rng = np.random.default_rng(7)
    n = 20_000
    hours = rng.lognormal(np.log(8), 1.0, n)
    delays = [None if rng.random() < never else timedelta(hours=h) for h in hours.tolist()]
    by_age = arrived_by_age(profile_of(table_of(delays)).parts["delays"])
    final = sum(d is not None and d <= HORIZON for d in delays)
    curve = learn([Arrived(n, by_age, final)], HORIZON)
    assert curve is not None
    assert curve.final == pytest.approx(1 - never, abs=0.01)
    assert curve.ages == AGES[: AGES.index(HORIZON)]
    true = lognorm(1.0, scale=8 * 3600).cdf([age.total_seconds() for age in curve.ages])
    assert np.abs(np.array(curve.shares) - (1 - never) * true).max() < 0.012
    assert list(curve.shares) == sorted(curve.shares)
