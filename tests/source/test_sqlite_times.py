"""SQLite keeps times in many forms; each row falls into its window in every one of them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.source.inspection import inspect

DAY = timedelta(days=1)
MIDNIGHT = datetime(2024, 3, 5, tzinfo=UTC)
# what happened around two midnights, to the microsecond
MOMENTS = [
    MIDNIGHT + step
    for step in (
        -DAY, -timedelta(hours=1), -timedelta(seconds=1), timedelta(), timedelta(seconds=1),
        timedelta(hours=12), DAY - timedelta(seconds=1), DAY, DAY + timedelta(seconds=1), 2 * DAY,
    )
]  # fmt: skip
FORMS: dict[str, Any] = {
    "space": lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
    "T": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S"),
    "milliseconds": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.000"),
    "microseconds": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000000"),
    "nanoseconds": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000000000Z"),
    "Z": lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "space and Z": lambda t: t.strftime("%Y-%m-%d %H:%M:%SZ"),
    "UTC offset": lambda t: t.isoformat(),
    "offset": lambda t: (t + timedelta(hours=5.5)).strftime("%Y-%m-%dT%H:%M:%S+05:30"),
    "negative offset": lambda t: (t - timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S-08:00"),
    "short offset": lambda t: (t + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02"),
    "seconds": lambda t: int(t.timestamp()),
    "float seconds": lambda t: t.timestamp(),
    "milliseconds since the epoch": lambda t: int(t.timestamp() * 1000),
    "microseconds since the epoch": lambda t: int(t.timestamp() * 1_000_000),
    "nanoseconds since the epoch": lambda t: int(t.timestamp()) * 1_000_000_000,
    "seconds as text": lambda t: str(int(t.timestamp())),
}
MIXES = {
    "T and space": ("T", "space"),
    "with and without fraction": ("T", "microseconds"),
    "Z and offsets": ("Z", "offset", "negative offset"),
    "naive and Z": ("space", "Z", "T"),
    "text and numbers": ("Z", "seconds", "milliseconds since the epoch"),
    "everything": tuple(FORMS),
}
CASES = {name: (name,) for name in FORMS} | MIXES


def block(url: str, zone: str | None = "UTC") -> dict[str, Any]:
    """Say where the rows stand."""
    return {"url": url, "timezone": zone, "predictions": {"table": "p", "id": "id", "time": "at"}}


def fill(sqlite: Any, forms: tuple[str, ...], declared: str) -> None:
    """Write every moment, in each form by turns."""
    rows = [(f"{n}-{at}", FORMS[form](moment)) for at, moment in enumerate(MOMENTS) for n, form in enumerate(forms)]
    sqlite.fill("p", f"id text, at {declared}", rows)
    sqlite.run("CREATE INDEX by_time ON p(at)")


@pytest.mark.parametrize("declared", ["TEXT", "TIMESTAMP", "INTEGER", ""])
@pytest.mark.parametrize("case", CASES)
def test_midnight_rows_fall_into_the_right_day(case: str, declared: str, sqlite: Any, opened: Any) -> None:
    """A window holds its first instant and not its last, in every form and mix of forms."""
    forms = CASES[case]
    if declared == "TEXT" and any("epoch" in form or "seconds" in form for form in forms):
        declared = "BLOB"
    fill(sqlite, forms, declared)
    source = opened(block(sqlite.url))
    for days in (-1, 0, 1, 0, -1):
        start = MIDNIGHT + days * DAY
        times = [t for b in source.scan(start, start + DAY) for t in b.column("time").to_pylist()]
        wanted = [t for t in MOMENTS if start <= t < start + DAY]
        assert sorted(times) == sorted(wanted * len(forms))
    assert source.extent() == (MOMENTS[0], MOMENTS[-1])
    assert source.untimed() == 0


@pytest.mark.parametrize("form", ["space", "T", "Z", "offset", "seconds"])
def test_a_window_is_found_by_the_index(form: str, sqlite: Any, opened: Any) -> None:
    """The bounds are ones that SQLite's planner can search the index for."""
    from monitor.source.sql import select_rows

    fill(sqlite, (form,), "TIMESTAMP")
    source = opened(block(sqlite.url))
    relation = source.predictions
    request = type(source.request)(("id",), "at", MIDNIGHT, MIDNIGHT + DAY, timezone="UTC")
    compiled = select_rows(relation.engine, relation.table, request).compile(compile_kwargs={"literal_binds": True})
    with sqlite3.connect(relation.engine.path) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {compiled}").fetchall()
    connection.close()
    assert "SEARCH" in plan[0][3] or "MULTI-INDEX" in plan[0][3]
    assert not any("SCAN" in row[3] for row in plan)


def test_a_year_of_rows_costs_no_more_than_its_window(sqlite: Any, opened: Any) -> None:
    """Rows spelled like the newest are read for the window alone, not for a day more."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    sqlite.fill("p", "id integer, at text", [
        (i, (start + i * timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S")) for i in range(24 * 100)
    ])  # fmt: skip
    source = opened(block(sqlite.url))
    request = type(source.request)(("id",), "at", MIDNIGHT, MIDNIGHT + DAY, timezone="UTC")
    assert sum(batch.num_rows for batch in source.predictions.read(request)) == 24


def test_times_that_are_none_are_counted(sqlite: Any, opened: Any) -> None:
    """Null, unparsable and impossible times are in no window, and their number is told."""
    bad = [None, "", "soon", "2024-13-01", "2024-02-30 10:00:00", b"\xff\xfe", "2024-03-05 25:00:00", "NaN"]
    good = [("g", "2024-03-05 10:00:00"), ("h", "2024-03-05")]
    sqlite.fill("p", "id text, at", [(str(i), at) for i, at in enumerate(bad)] + good)
    source = opened(block(sqlite.url))
    assert source.untimed() == len(bad)
    assert sorted(b for batch in source.scan() for b in batch.column("id").to_pylist()) == ["g", "h"]
    found = list(source.scan(MIDNIGHT, MIDNIGHT + DAY))
    assert sum(batch.num_rows for batch in found) == 2
    assert source.extent() == (MIDNIGHT, MIDNIGHT + timedelta(hours=10))


def test_naive_times_without_a_zone_are_refused(sqlite: Any, opened: Any) -> None:
    """Nobody guesses a zone: the error says what to write."""
    fill(sqlite, ("space",), "TEXT")
    source = opened(block(sqlite.url, None))
    with pytest.raises(SourceError, match="without a time zone") as caught:
        inspect(source)
    assert caught.value.state == "wrong_type"
    assert "timezone:" in str(caught.value.hint)


def test_aware_times_need_no_zone(sqlite: Any, opened: Any) -> None:
    """Text with an offset says its instant itself."""
    fill(sqlite, ("offset",), "TEXT")
    assert inspect(opened(block(sqlite.url, None))) == []


ZONE = "America/New_York"
SWITCHES = [
    ("2024-03-10 01:59:59", "2024-03-10T06:59:59"),
    ("2024-03-10 02:00:00", "2024-03-10T07:00:00"),
    ("2024-03-10 02:30:00", "2024-03-10T07:00:00"),
    ("2024-03-10 03:00:00", "2024-03-10T07:00:00"),
    ("2024-11-03 00:59:59", "2024-11-03T04:59:59"),
    ("2024-11-03 01:00:00", "2024-11-03T05:00:00"),
    ("2024-11-03 01:45:00", "2024-11-03T05:45:00"),
    ("2024-11-03 02:00:00", "2024-11-03T07:00:00"),
]


@pytest.mark.parametrize("hour", [
    datetime(2024, 3, 10, 6, tzinfo=UTC), datetime(2024, 3, 10, 7, tzinfo=UTC),
    datetime(2024, 11, 3, 4, tzinfo=UTC), datetime(2024, 11, 3, 5, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC), datetime(2024, 11, 3, 7, tzinfo=UTC),
])  # fmt: skip
def test_hours_in_which_clocks_are_set(hour: datetime, sqlite: Any, opened: Any) -> None:
    """A repeated hour means its first pass, a skipped one the first instant after it."""
    sqlite.fill("p", "id text, at text", [(wall, wall) for wall, _ in SWITCHES])
    source = opened(block(sqlite.url, ZONE))
    found = [row for batch in source.scan(hour, hour + DAY / 24) for row in batch.column("id").to_pylist()]
    wanted = [
        wall for wall, utc in SWITCHES
        if hour <= datetime.fromisoformat(utc).replace(tzinfo=UTC) < hour + DAY / 24
    ]  # fmt: skip
    assert sorted(found) == sorted(wanted)


def test_another_spelling_written_between_two_windows_is_seen(sqlite: Any, opened: Any) -> None:
    """What was proven of a file holds only while nobody writes to it."""
    rows = [(i, (MIDNIGHT + i * DAY / 24).strftime("%Y-%m-%d %H:%M:%S")) for i in range(48)]
    sqlite.fill("p", "id integer, at text", rows)
    source = opened(block(sqlite.url))
    for _ in range(3):
        assert sum(batch.num_rows for batch in source.scan(MIDNIGHT, MIDNIGHT + DAY)) == 24
    sqlite.run("INSERT INTO p VALUES (99, '2024-03-05T23:30:00-00:30'), (98, '2024-03-05T23:29:59-00:30')")
    assert sum(batch.num_rows for batch in source.scan(MIDNIGHT, MIDNIGHT + DAY)) == 25
    assert sum(batch.num_rows for batch in source.scan(MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)) == 25
