"""When what failed is tried again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.notify import horizon
from monitor.notify.schedule import next_wait

DAY = timedelta(days=1)


def _all(until: timedelta, rng: object) -> list[float]:
    """Return the waits of a notice that always fails, in seconds."""
    waits: list[float] = []
    while (wait := next_wait(len(waits) + 1, timedelta(seconds=sum(waits)), until, rng)) is not None:  # type: ignore[arg-type]
        waits.append(wait.total_seconds())
    return waits


@pytest.mark.parametrize(("kind", "attempts"), [("pagerduty", 12), ("email", 12), ("webhook", 20)])
def test_the_schedule(kind: str, attempts: int) -> None:
    """From 5 s to 4 h, then 6-hourly, a day for what pages and three for webhooks."""
    waits = _all(horizon(kind), lambda: 0.5)
    assert waits[:9] == [5, 30, 120, 300, 900, 1800, 3600, 7200, 14400]
    assert set(waits[9:]) == {21600}
    assert len(waits) + 1 == attempts


@given(st.integers(0, 2**32), st.integers(1, 3))
def test_jitter_is_a_fifth(seed: int, days: int) -> None:
    """Each wait lies within a fifth of the plan, and no attempt is made after the horizon."""
    waits = _all(days * DAY, Random(seed).random)
    plan = [5, 30, 120, 300, 900, 1800, 3600, 7200, 14400] + [21600] * 20
    assert all(abs(wait - planned) <= 0.2 * planned + 1e-6 for wait, planned in zip(waits, plan, strict=False))
    assert sum(waits) <= days * DAY.total_seconds()


@pytest.mark.parametrize(("asked", "waited"), [(1, 5), (90, 90), (99_999, 3600)])
def test_what_is_asked_is_obeyed_within_reason(asked: int, waited: int) -> None:
    """A receiver may ask for more patience than planned, up to an hour, and never for less."""
    wait = next_wait(1, timedelta(0), DAY, lambda: 0.5, timedelta(seconds=asked))
    assert wait == timedelta(seconds=waited)
