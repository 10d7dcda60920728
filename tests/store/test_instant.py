"""Instants go in aware and come out in UTC, and the database orders them rightly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from monitor.store import clock
from monitor.store.instant import WIDTH, instant_text
from monitor.store.tables import models

if TYPE_CHECKING:
    from monitor.store.engine import Store

INSTANTS = (
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2013, 3, 1, tzinfo=UTC),
    datetime(2013, 3, 1, 2, 0, 0, 1, tzinfo=timezone(timedelta(hours=2))),
    datetime(2013, 3, 1, 0, 0, 0, 500_000, tzinfo=UTC),
    datetime(2013, 3, 1, 0, 30, 1, tzinfo=timezone(timedelta(minutes=-30))),
    datetime(9999, 12, 30, tzinfo=UTC),
)


def test_instants_survive_in_order(store: Store) -> None:
    """What comes back is the same instant in UTC, and sorting rows sorts time."""
    with store.write() as conn:
        rows = [{"name": str(place), "created_at": at} for place, at in enumerate(INSTANTS)]
        conn.execute(insert(models), rows[::-1])
    with store.read() as conn:
        found = conn.execute(select(models.c.created_at).order_by(models.c.created_at)).scalars().all()
        later = select(models.c.created_at).where(models.c.created_at > INSTANTS[2])
        assert set(conn.execute(later).scalars()) == set(INSTANTS[3:])
    assert found == list(INSTANTS)
    assert all(at.utcoffset() == timedelta(0) for at in found)


def test_naive_instants_are_refused(store: Store) -> None:
    """A datetime without a zone names no instant and is not stored."""
    with pytest.raises(StatementError, match="naive datetime names no instant"), store.write() as conn:
        conn.execute(insert(models).values(name="m", created_at=datetime(2013, 3, 1)))  # noqa: DTZ001


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001
def test_text_sorts_as_time_does(at: datetime) -> None:
    """The text has one width, reads back as the instant, and sorts beside another as time does."""
    other = datetime(2013, 3, 1, tzinfo=UTC)
    text = instant_text(at)
    assert len(text) == WIDTH
    assert datetime.fromisoformat(text) == at.astimezone(UTC)
    assert (text < instant_text(other)) == (at.astimezone(UTC) < other)


def test_clock_is_the_databases(store: Store) -> None:
    """The clock moves within a transaction and agrees with this machine's."""
    with store.read() as conn:
        first, second = clock.now(conn), clock.now(conn)
    assert first <= second
    assert abs(datetime.now(UTC) - second) < timedelta(minutes=1)
