"""Measurements: appended once, read by name and window, latest revision first in mind."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError

from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.errors import StoreError
from monitor.store import measurements, models, runs, series
from monitor.store.engine import _forget
from monitor.store.runs import Outcome
from monitor.store.series import SeriesKey
from monitor.store.tables import measurements as table
from monitor.store.tables import series as series_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOSTILE = ("'; DROP TABLE series; --", "%s:x?", "a\0b", "\ud800", "x" * 10_000, "\\json:1", "✈")


def _measured(day: int = 0, revision: int = 0, **given: Any) -> Measurement:
    base = Measurement("flights", T0 + day * DAY, T0 + (day + 1) * DAY, "psi", 0.5, 100, revision=revision)
    return replace(base, **given)


def _store(conn: Connection, model_id: int, found: list[Measurement]) -> int:
    first = found[0]
    window = Window(first.window_start, first.window_end)
    outcome = Outcome(in_reference=first.in_reference)
    now = T0 + timedelta(days=40, hours=first.revision)
    number = runs.insert_done(conn, model_id, window, first.revision, outcome, now=now)
    assert number is not None
    assert measurements.insert_many(conn, model_id, number, found) == len(found)
    return number


def test_measurements_come_back_whole(store: Store, model_id: int) -> None:
    """Every field survives, nulls and the largest numbers too."""
    found = [
        _measured(column="distance", low=0.4, high=0.6, in_reference=True),
        _measured(metric="roc_auc", value=None, n=0, reason="no rows", provisional=True, in_reference=True),
        _measured(metric="recall", version="1", group={"origin": "JFK", "carrier": None}, in_reference=True),
        _measured(metric="mean", value=-1.7976931348623157e308, low=5e-324, n=2**53 + 1, in_reference=True),
    ]
    with store.write() as conn:
        _store(conn, model_id, found)
    with store.read() as conn:
        assert list(measurements.query(conn)) == found


@pytest.mark.parametrize("field", ["value", "low", "high"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_nan_is_stored(field: str, number: float, store: Store, model_id: int) -> None:
    """Neither NaN nor infinity is stored, and the transaction that tried leaves nothing."""
    with pytest.raises(StoreError, match=r"'psi' of 'distance'.*not stored"), store.write() as conn:
        _store(conn, model_id, [_measured(column="distance", **{field: number})])
    with store.read() as conn:
        assert runs.latest(conn, model_id) == []


def test_database_refuses_infinity_by_itself(store: Store, model_id: int) -> None:
    """Code that goes past the check is stopped by the table."""
    with store.write() as conn:
        run = _store(conn, model_id, [_measured()])
        number = series.ids(conn, model_id, [SeriesKey(None, "mean", None, None)]).popitem()[1]
    row = {"series_id": number, "run_id": run, "n": 1, "provisional": False, "value": math.inf}
    with pytest.raises(IntegrityError), store.write() as conn:
        conn.execute(insert(table), row)


def test_same_measurement_twice_is_refused(store: Store, model_id: int) -> None:
    """One name has one value a window, in whatever order its attributes are written."""
    twice = [_measured(group={"a": "1", "b": "2"}), _measured(group={"b": "2", "a": "1"})]
    with pytest.raises(StoreError, match="measured twice"), store.write() as conn:
        _store(conn, model_id, twice)
    with pytest.raises(IntegrityError), store.write() as conn:  # noqa: PT012
        run = _store(conn, model_id, twice[:1])
        measurements.insert_many(conn, model_id, run, twice[:1])


def test_latest_revision_is_read(store: Store, model_id: int) -> None:
    """A later revision replaces the earlier one in what is read, and both stay."""
    with store.write() as conn:
        ids = [_store(conn, model_id, [_measured(revision=r, value=float(r))]) for r in range(3)]
        _store(conn, model_id, [_measured(day=1, value=9.0)])
    with store.read() as conn:

        def values(**given: Any) -> list[float | None]:
            return [m.value for m in measurements.query(conn, **given)]

        assert values() == [2.0, 9.0]
        assert values(all_revisions=True) == [0.0, 1.0, 2.0, 9.0]
        assert values(as_of=T0 + timedelta(days=40, hours=1)) == [1.0, 9.0]
        assert values(as_of=T0 + timedelta(days=40, hours=1), all_revisions=True) == [0.0, 1.0, 9.0]
        assert values(run_ids=ids[:2]) == [0.0, 1.0]
        assert values(run_ids=[]) == []


def test_measurements_are_filtered(store: Store, model_id: int) -> None:
    """Each filter takes what it names; None means without, and not set means all."""
    found = [
        _measured(), _measured(column="a"), _measured(column="b"), _measured(column="a", version="1"),
        _measured(column="a", group={"x": "1", "y": None}), _measured(metric="mean", column="a"),
    ]  # fmt: skip
    with store.write() as conn:
        for day in range(3):
            moved = {"window_start": T0 + day * DAY, "window_end": T0 + (day + 1) * DAY}
            _store(conn, model_id, [replace(m, **moved) for m in found])
        other = models.register(conn, "other", "{}", "d", T0).model_id
        _store(conn, other, [_measured(model="other", value=7.0)])
    with store.read() as conn:

        def count(**given: Any) -> int:
            return len(list(measurements.query(conn, **given)))

        assert count() == 19
        assert count(model="flights") == 18
        assert count(model="other") == 1
        assert count(model="nobody") == 0
        assert count(metric="mean") == 3
        assert count(model="flights", column=None) == 3
        assert count(column="a") == 12
        assert count(column="a", version=None, group=None) == 6
        assert count(group={"y": None, "x": "1"}) == 3
        assert count(group={"x": "1"}) == 0
        assert count(model="flights", start=T0 + DAY, end=T0 + 2 * DAY) == 6
        assert count(column="a", start=T0 + 2 * DAY) == 4


def test_order_is_windows_then_series(store: Store, model_id: int) -> None:
    """Windows come in the order of time, whatever the order they were stored in."""
    with store.write() as conn:
        for day in (2, 0, 1):
            _store(conn, model_id, [_measured(day, column=c) for c in ("b", "a")])
    with store.read() as conn:
        read = [((m.window_start - T0).days, m.column) for m in measurements.query(conn)]
    assert read == [(day, column) for day in range(3) for column in ("b", "a")]


def test_hostile_names_are_stored_and_found(store: Store, model_id: int) -> None:
    """Names from a log may hold anything; each finds itself and nothing else."""
    found = [_measured(column=t, version=t, reason=t, value=None, group={t: t}, metric="m") for t in HOSTILE]
    with store.write() as conn:
        _store(conn, model_id, found)
    with store.read() as conn:
        assert list(measurements.query(conn)) == found
        for one in found:
            assert list(measurements.query(conn, column=one.column)) == [one]
            assert list(measurements.query(conn, version=one.version)) == [one]
            assert list(measurements.query(conn, group=one.group)) == [one]
            assert list(measurements.query(conn, metric=one.column, model=one.column)) == []


def test_many_series_and_runs(store: Store, model_id: int) -> None:
    """More than fits one statement is stored and read, in order."""
    with store.write() as conn:
        _store(conn, model_id, [_measured(column=f"c{i}", value=float(i)) for i in range(6_000)])
        for day in range(1, 520):
            _store(conn, model_id, [_measured(day, column="c1", value=float(day))])
    with store.read() as conn:
        assert [m.value for m in measurements.query(conn)] == [*map(float, range(6_000)), *map(float, range(1, 520))]
        assert len(list(measurements.query(conn, column="c1"))) == 520


def test_series_are_made_once(store: Store, model_id: int) -> None:
    """Asking again, in a new transaction or on another connection, gives the same numbers."""
    keys = [SeriesKey(None, "psi", "a", None), SeriesKey("1", "psi", "a", '{"x":"1","y":null}')]
    other = SeriesKey("1", "psi", "a", '{"y":null,"x":"1"}')
    with store.write() as conn:
        first = series.ids(conn, model_id, keys)
        assert series.ids(conn, model_id, [other]) == {other: first[keys[1]]}
    store.close()
    with store.write() as conn:
        assert series.ids(conn, model_id, [*keys, *keys]) == first
        assert series.every(conn, model_id) == {number: key for key, number in first.items()}
        assert conn.execute(select(func.count()).select_from(series_table)).scalar() == 2


def _remembered_after_rollback(store: Store, model_id: int) -> bool:
    key = SeriesKey(None, "psi", "a", None)
    with pytest.raises(ZeroDivisionError), store.write() as conn:  # noqa: PT012
        series.ids(conn, model_id, [key])
        raise ZeroDivisionError
    with store.write() as conn:
        number = series.ids(conn, model_id, [key])[key]
        return conn.execute(select(series_table.c.id).where(series_table.c.id == number)).first() is None


def test_rollback_is_not_remembered(store: Store, model_id: int) -> None:
    """Numbers made in a transaction that was undone are not used by the next one."""
    assert not _remembered_after_rollback(store, model_id)


def test_twin_that_remembers_is_caught(store: Store, model_id: int) -> None:
    """Without forgetting, a number that is not there would be used: the test above can fail."""
    event.remove(store.engine, "rollback", _forget)
    assert _remembered_after_rollback(store, model_id)
