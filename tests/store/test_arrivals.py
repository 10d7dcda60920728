"""What came after a tile was first counted is replaced by each look, but for what was late: that adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.store import arrivals
from monitor.store.arrivals import Arrivals
from tests.store.conftest import T0

if TYPE_CHECKING:
    from monitor.store.engine import Store

HOUR = timedelta(hours=1)
FIRST = Arrivals(T0, T0 + HOUR, 10, 2, (1, None, 2), late=3)


def test_a_look_replaces_and_late_rows_add_up(store: Store, model_id: int) -> None:
    """The newest look counts; what was late stays counted for ever."""
    again = replace(FIRST, looked_at=T0 + 5 * HOUR, rows=12, labelled=7, by_age=(1, 5, 2), stamped=True, late=4)
    with store.write() as conn:
        arrivals.upsert_many(conn, model_id, [FIRST])
        arrivals.upsert_many(conn, model_id, [again])
        found = arrivals.load(conn, model_id, T0, T0 + HOUR)
    assert found == [replace(again, late=7)]


def test_old_tiles_are_forgotten(store: Store, model_id: int) -> None:
    """Only those that begin before the given instant go."""
    with store.write() as conn:
        arrivals.upsert_many(conn, model_id, [FIRST, replace(FIRST, start=T0 + HOUR)])
        arrivals.forget(conn, model_id, T0 + HOUR)
        assert [one.start for one in arrivals.load(conn, model_id, T0, T0 + 9 * HOUR)] == [T0 + HOUR]
