"""Days take the place of their hours, and no measurement of whole days can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.config import RetentionConfig, load
from monitor.domain.calendar import Calendar
from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.errors import StaleLeaseError, UsageError
from monitor.service.retention.retain import Retained, retain
from monitor.service.run import Span
from monitor.service.tiles.rollup import day_facts, day_tiles, roll_up, whole_days
from monitor.store import models, references, tile_facts, tiles
from monitor.store.engine import Store, open_store
from tests.service.conftest import DAY, HOUR, START, Row, World, rows_of, same, truth_of

LATER = START + 16 * DAY
SOON = RetentionConfig(hourly_counts=DAY)


@pytest.fixture
def world(world: World) -> World:
    """Give a model whose windows close two days after their end."""
    world.model |= {"ground_truth_horizon": "1d", "catchup_window": "1d"}
    return world


@contextmanager
def store_of(world: World) -> Iterator[Store]:
    """Open a world's store."""
    store = open_store("sqlite:///monitor.db", folder=world.folder)
    yield store
    store.close()


def kept(world: World, retention: RetentionConfig = SOON, now: datetime = LATER, **more: Any) -> Retained:
    """Retain a world's first model."""
    config = load(world.folder / "monitor.yaml")
    with store_of(world) as store:
        with store.read() as conn:
            stored = models.find(conn, "m")
        assert stored is not None
        return retain(store, retention, stored.id, config.models[0], now, **more)


def lengths(world: World) -> dict[timedelta, int]:
    """Count the stored tiles of all rows by their length."""

    def ask(conn: Connection) -> dict[timedelta, int]:
        reference = references.latest(conn, 1)
        assert reference is not None
        found: dict[timedelta, int] = {}
        for tile in tiles.load_many(conn, 1, reference.fingerprint, START - 40 * DAY, LATER + 40 * DAY):
            if not tile.version and not tile.segment:
                found[tile.end - tile.start] = found.get(tile.end - tile.start, 0) + 1
        return found

    return dict(world.read(ask))


def changing(rows: list[Row]) -> list[Row]:
    """Let hours have one version, two, or none at all."""
    at_hour = {0: "v0", 1: "v1"}
    named = [(*row[:2], at_hour.get(row[1].hour % 3, row[2]), *row[3:]) for row in rows]
    return [row for row in named if row[1].hour not in (4, 5)]


def by_name(found: list[Measurement]) -> dict[tuple[object, ...], Measurement]:
    """Return measurements by all that names them but the revision."""
    return {(m.window_start, m.window_end, m.metric, m.column, str(m.group), m.version): m for m in found}


@pytest.mark.parametrize(("window", "days"), [("1d", 16), ("1w", 25), ({"size": "3d", "every": "1d"}, 19)])
def test_measurements_of_rolled_days_are_the_same(world: World, window: object, days: int) -> None:
    """Measured again from days, every number of every version and segment is what it was from hours."""
    later = START + days * DAY
    rows = changing(rows_of(12))
    world.predict(rows)
    world.label([*truth_of(rows), ("nobody", START + 2 * DAY, 1)])
    world.model["source"]["predictions"]["version"] = "version"
    world.model |= {"window": window, "segments": ["place"], "window_timezone": "America/New_York"}
    world.model["reference"] = {"start": "2024-03-02", "end": "2024-03-05"}
    world.done(later)
    before = by_name(world.found())
    hours = lengths(world)
    done = kept(world, now=later)
    assert done.days >= 9
    left = lengths(world)
    assert left[23 * HOUR] == 1
    assert hours[HOUR] == left.get(HOUR, 0) + 24 * left[24 * HOUR] + 23
    world.execute("UPDATE predictions SET amount = 7, score = 0.5")
    world.done(later, span=Span(START - 10 * DAY, later, restate=True))
    again = by_name(world.found())
    assert {m.revision for m in again.values()} >= {1}
    assert again.keys() == before.keys()
    for name, old in before.items():
        new = again[name]
        assert (new.n, new.reason, new.in_reference) == (old.n, old.reason, old.in_reference), name
        for one, other in ((old.value, new.value), (old.low, new.low), (old.high, new.high)):
            assert other == (one if one is None else pytest.approx(one, rel=1e-9, abs=1e-11)), name


def test_counts_of_a_day_are_the_sums_of_its_hours(world: World) -> None:
    """Cells and counts are equal to the last one, sums to 1e-12, the digest bit by bit."""
    from monitor.profile.digest import Digest
    from monitor.service.tiles.observe import profiles_of, summed

    rows = changing(rows_of(4))
    world.predict(rows)
    world.label(truth_of(rows))
    world.model["source"]["predictions"]["version"] = "version"
    world.done(START + 5 * DAY)
    day = Window(START + DAY, START + 2 * DAY)

    def ask(conn: Connection) -> Any:
        reference = references.latest(conn, 1)
        assert reference is not None
        found = tiles.load_many(conn, 1, reference.fingerprint, day.start, day.end)
        return list(found), tile_facts.load(conn, 1, day.start, day.end)

    hours, facts = world.read(ask)
    rolled = day_tiles(hours, day)
    assert {(t.start, t.end) for t in rolled} == {(day.start, day.end)}
    assert [t.rows for t in rolled if not t.version] == [sum(t.rows for t in hours if not t.version)]
    old, new = summed(profiles_of(hours)), summed(profiles_of(rolled))
    assert old.keys() == new.keys() == {("", ""), ("v0", ""), ("v1", "")}
    for slot, profile in old.items():
        assert profile.parts.keys() == new[slot].parts.keys()
        for name, tally in profile.parts.items():
            other = new[slot].parts[name]
            assert tally.keys == other.keys
            assert tally.cells.tolist() == other.cells.tolist()
            assert tally.counts.tolist() == other.counts.tolist()
            assert tally.sums == pytest.approx(other.sums, rel=1e-12)
            assert tally.weights == pytest.approx(other.weights, rel=1e-12)
    whole = day_facts(facts, day)
    assert whole.digest == sum((Digest.parse(f.digest) for f in facts), Digest()).text
    assert (whole.rows, whole.labelled) == (sum(f.rows for f in facts), sum(f.labelled for f in facts))


def test_rolling_up_is_done_once(world: World) -> None:
    """A second time changes nothing, and no run reads or measures a rolled-up day again."""
    world.predict(rows_of(8))
    world.label(truth_of(rows_of(8)))
    world.done(LATER)
    assert kept(world).days > 8
    days = lengths(world)
    assert kept(world) == Retained()
    world.execute("UPDATE predictions SET amount = 7")
    done = world.done(LATER + DAY)
    assert (done.windows, done.revised) == (1, 0)
    assert lengths(world) == days | {HOUR: days[HOUR] + 24}


def test_a_day_with_gaps_or_ends_inside_stays_hours(world: World) -> None:
    """A day of which hours are not counted, or in which a reference or an exclusion ends, is not rolled up."""
    world.predict(rows_of(9, first=START + 6 * HOUR))
    at = (START + 5 * DAY + 6 * HOUR).isoformat()
    world.model |= {"window": "6h", "exclude": [{"start": at, "end": (START + 6 * DAY).isoformat()}]}
    world.model["reference"] = {"start": (START + 7 * HOUR).isoformat(), "end": (START + 3 * DAY).isoformat()}
    world.done(LATER)
    kept(world)
    with store_of(world) as store, store.read() as conn:
        fingerprint = references.latest(conn, 1).fingerprint  # type: ignore[union-attr]
        hours = {t.date() for t in tiles.hours(conn, 1, LATER)[fingerprint]}
    assert {START.date(), (START + 5 * DAY).date()} <= hours
    assert (START + 4 * DAY).date() not in hours


def test_hours_of_a_rolled_day_are_not_measured_again(world: World) -> None:
    """Windows of hours that lie in a rolled-up day say so; others go on, and what was measured stays."""
    world.predict(rows_of(6))
    world.model |= {"window": "6h", "reference": {"start": "2024-03-01", "end": "2024-03-02"}}
    world.done(LATER)
    before = world.values("row_count")
    kept(world)
    with pytest.raises(AssertionError, match="rolled up"):
        world.done(LATER, span=Span(START + 2 * DAY, START + 3 * DAY, restate=True))
    assert world.done(LATER + DAY).windows == 4
    after = world.values("row_count")
    assert {at: after[at] for at in before} == before


def test_a_window_that_may_change_keeps_its_hours(world: World) -> None:
    """Nothing is rolled up before the horizon is over, whatever the configuration says, nor beyond the last window."""
    world.predict(rows_of(8))
    world.model["ground_truth_horizon"] = "10d"
    world.done(START + 12 * DAY)
    assert kept(world, now=START + 12 * DAY) == Retained()
    kept(world, now=START + 200 * DAY)
    (length,) = {n for n in lengths(world) if n > HOUR}
    assert length == DAY
    assert lengths(world)[HOUR] >= 24


def test_days_interrupted_anywhere_are_whole(world: World) -> None:
    """A lease lost after any number of days leaves every day either hours or one day; the rest follows later."""
    world.predict(rows_of(8))
    world.done(LATER)
    total = sum(span // HOUR * n for span, n in lengths(world).items())
    left = [3]

    def lost(_: Connection) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise StaleLeaseError("taken over")

    with pytest.raises(StaleLeaseError):
        kept(world, guard=lost)
    assert lengths(world)[DAY] == 3
    kept(world)
    days = lengths(world)
    assert sum(span // HOUR * n for span, n in days.items()) == total
    assert days[DAY] > 8


def test_hours_counted_meanwhile_win(world: World) -> None:
    """A day whose hours change between adding up and storing is left alone."""
    world.predict(rows_of(4))
    world.done(LATER)
    with store_of(world) as store:
        with store.read() as conn:
            fingerprint = references.latest(conn, 1).fingerprint  # type: ignore[union-attr]
        day, named = next(
            iter(
                whole_days(
                    store, 1, Calendar("UTC", load(world.folder / "monitor.yaml").models[0].window), LATER, []
                ).items()
            )
        )

        def meanwhile(conn: Connection) -> None:
            hour = next(tiles.load_many(conn, 1, fingerprint, day.start, day.end))
            tiles.upsert_many(conn, 1, fingerprint, [replace(hour, rows=hour.rows + 1)])

        assert roll_up(store, 1, day, named, meanwhile) == 0
        with store.read() as conn:
            assert len(tiles.hours(conn, 1, day.end)[fingerprint]) == 24


def test_a_part_of_a_rolled_day_cannot_be_asked_for(world: World) -> None:
    """An interval that cuts a rolled-up day is refused with what to do."""
    world.predict(rows_of(4))
    world.done(LATER)
    kept(world)
    found = world.run(LATER, span=Span(START + 30 * HOUR, START + 3 * DAY, single=True))
    assert isinstance(found[0].error, UsageError)
    assert "rolled up" in str(found[0].error)
    world.done(LATER, span=Span(START + DAY, START + 3 * DAY, single=True))
    whole = [m for m in world.found(metric="row_count") if m.window_end - m.window_start == 2 * DAY]
    assert [m.value for m in whole] == [96.0]


def test_rolled_days_can_be_counted_under_new_bins(world: World) -> None:
    """Another reference reads the hours anew, calls none of them late, and its days are rolled up in their turn."""
    world.predict(rows_of(8))
    world.label(truth_of(rows_of(8)))
    world.done(LATER)
    kept(world)
    world.model["reference"] = {"start": "2024-03-02", "end": "2024-03-05"}
    done = world.done(LATER, span=Span(START, START + 8 * DAY, restate=True))
    assert (done.windows, done.revised) == (0, 8)
    assert lengths(world)[HOUR] == 24 * 8
    assert {run.outcome.late for run in world.ledger() if run.revision} == {0}
    values = world.values("mean", column="amount")
    assert kept(world).days >= 8
    assert HOUR not in lengths(world)
    world.done(LATER, span=Span(START, START + 8 * DAY, restate=True))
    assert same(world.values("mean", column="amount"), values)


def test_what_trails_a_window_keeps_its_hours(world: World) -> None:
    """A trailing reference reaches back by hours, across a change of clocks too: those days are not rolled up."""
    world.predict(rows_of(14))
    world.model |= {"window": "6h", "window_timezone": "America/New_York", "reference": {"last": "3d", "lag": "1d"}}
    world.done(LATER)
    before = lengths(world)
    assert kept(world).days > 2
    assert lengths(world)[HOUR] >= 24 * 9 < before[HOUR]
    assert world.done(LATER + DAY).windows == 4
    assert None not in [
        m.value for m in world.found(metric="psi", column="amount") if m.window_start > LATER - 5 * DAY and m.n
    ]
