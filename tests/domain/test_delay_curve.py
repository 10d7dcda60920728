"""The label-delay curve never falls, is unknown where little was seen, and says when enough has come."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.delay_curve import AGES, Arrived, learn, maturity, step

DAY = timedelta(days=1)
NONE = (None,) * len(AGES)
counts = st.one_of(st.none(), st.integers(0, 300))
tiles = st.lists(
    st.builds(Arrived, st.integers(0, 200), st.tuples(*[counts] * len(AGES)), st.one_of(st.none(), counts)), max_size=6
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(tiles, st.sampled_from([timedelta(hours=3), 3 * DAY, 11 * DAY, 200 * DAY]))
def test_shares_rise_between_nothing_and_all(seen: list[Arrived], horizon: timedelta) -> None:
    """Whatever was seen, in whatever order, the curve lies in [0, 1] and never falls with age."""
    curve = learn(seen, horizon)
    assert curve == learn(seen[::-1], horizon)
    if curve is not None:
        shares = [0.0, *curve.shares, curve.final, 1.0]
        assert all(a <= b + 1e-12 for a, b in pairwise(shares))
        assert all(age < horizon for age in curve.ages)


def test_too_few_rows_tell_nothing() -> None:
    """Under a hundred closed rows there is no curve; rows still open do not count."""
    assert learn([Arrived(99, NONE, 80), Arrived(1000, NONE, None)], DAY) is None
    found = learn([Arrived(100, NONE, 80), Arrived(1000, NONE, None)], DAY)
    assert found is not None
    assert (found.final, found.rows, found.ages) == (0.8, 100, ())


def test_an_age_nobody_looked_at_is_left_out() -> None:
    """The curve has the ages that were seen, each over the tiles that were looked at then."""
    an_hour, a_day = AGES.index(timedelta(hours=1)), AGES.index(DAY)
    one = Arrived(100, tuple(20 if i == an_hour else None for i in range(len(AGES))), 90)
    other = Arrived(300, tuple(150 if i == a_day else None for i in range(len(AGES))), 230)
    found = learn([one, other], 30 * DAY)
    assert found is not None
    assert (found.ages, found.shares, found.final) == ((timedelta(hours=1), DAY), (0.2, 0.5), 0.8)


@pytest.mark.parametrize(
    ("coverage", "expected", "there"),
    [(None, None, 0.0), (0.4, None, 0.4), (0.4, 0.0, 0.4), (0.38, 0.4, 0.95), (0.5, 0.4, 1.0), (0.0, 0.4, 0.0)],
)
def test_coverage_is_judged_by_what_will_ever_come(
    coverage: float | None, expected: float | None, there: float
) -> None:
    """Of all rows while the curve is unknown, or says that nothing ever comes."""
    assert maturity(coverage, expected) == pytest.approx(there)


def test_an_age_stands_at_the_last_step_reached() -> None:
    """Steps count up with age."""
    assert [step(age) for age in AGES] == list(range(len(AGES)))
    assert step(AGES[0] - timedelta(microseconds=1)) is None
