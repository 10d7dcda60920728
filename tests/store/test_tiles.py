"""Tiles are replaced, not doubled, and come back in the order of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.errors import UsageError
from monitor.store import tile_facts, tiles
from monitor.store.tile_facts import TileFacts
from monitor.store.tiles import Slot, Tile

if TYPE_CHECKING:
    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONG = "v" * 50_000
JFK = '{"origin":"JFK"}'


def _tile(hour: int, profile: bytes | None, version: str = "", segment: str = "") -> Tile:
    rows = 0 if profile is None else 10
    return Tile(T0 + hour * HOUR, T0 + (hour + 1) * HOUR, rows, rows // 2, profile, version, segment)


def test_tiles_come_back_in_order(store: Store, model_id: int) -> None:
    """The profiles of an interval come oldest first, empty tiles left out, the end excluded."""
    found = [_tile(h, None if h == 2 else bytes([h])) for h in (3, 1, 0, 2, 4)]
    with store.write() as conn:
        assert tiles.upsert_many(conn, model_id, "f", found) == 5
    with store.read() as conn:
        assert list(tiles.load(conn, model_id, "f", T0, T0 + 4 * HOUR)) == [b"\0", b"\1", b"\3"]
        assert tiles.starts(conn, model_id, "f", T0, T0 + 4 * HOUR) == {T0 + h * HOUR for h in range(4)}
        assert list(tiles.load_many(conn, model_id, "f", T0, T0 + 9 * HOUR)) == sorted(found, key=lambda t: t.start)
        assert list(tiles.load(conn, model_id, "other bins", T0, T0 + 4 * HOUR)) == []
        assert list(tiles.load(conn, model_id + 1, "f", T0, T0 + 4 * HOUR)) == []


def test_tiles_are_replaced(store: Store, model_id: int) -> None:
    """Counting a tile again replaces it, with another end and empty too."""
    with store.write() as conn:
        tiles.upsert_many(conn, model_id, "f", [_tile(0, b"old"), _tile(1, b"kept")])
        tiles.upsert_many(conn, model_id, "f", [replace(_tile(0, b"new"), end=T0 + HOUR / 2)])
        assert list(tiles.load(conn, model_id, "f", T0, T0 + 9 * HOUR)) == [b"new", b"kept"]
        tiles.upsert_many(conn, model_id, "f", [_tile(0, None)])
        assert list(tiles.load(conn, model_id, "f", T0, T0 + 9 * HOUR)) == [b"kept"]


def test_versions_and_segments_are_kept_apart(store: Store, model_id: int) -> None:
    """Any text may name a version or a segment, at any length, and none meets another."""
    names = [("", ""), ("1", ""), ("", JFK), ("1", JFK), (LONG, ""), (LONG + "!", JFK), ("a\0", "\ud800")]
    with store.write() as conn:
        found = [_tile(h, f"{i}".encode(), v, s) for i, (v, s) in enumerate(names) for h in range(2)]
        tiles.upsert_many(conn, model_id, "f", found)
    with store.read() as conn:
        for i, (version, segment) in enumerate(names):
            loaded = tiles.load(conn, model_id, "f", T0, T0 + 2 * HOUR, version, segment)
            assert list(loaded) == [f"{i}".encode()] * 2
        slots = tiles.slots(conn, model_id, "f", T0, T0 + 2 * HOUR)
        assert slots == [Slot(v, s, 20, 10) for v, s in sorted(names)]
        assert tiles.slots(conn, model_id, "f", T0, T0) == []


def test_tiles_can_be_removed(store: Store, model_id: int) -> None:
    """Removing an interval leaves its neighbours and other bins."""
    with store.write() as conn:
        tiles.upsert_many(conn, model_id, "f", [_tile(h, bytes([h])) for h in range(4)])
        tiles.upsert_many(conn, model_id, "g", [_tile(1, b"other")])
        tiles.remove(conn, model_id, "f", T0 + HOUR, T0 + 3 * HOUR)
        assert list(tiles.load(conn, model_id, "f", T0, T0 + 9 * HOUR)) == [b"\0", b"\3"]
        assert list(tiles.load(conn, model_id, "g", T0, T0 + 9 * HOUR)) == [b"other"]


def _day(start: int, profile: bytes | None = b"day") -> Tile:
    """Give a rolled-up day that begins at an hour."""
    return replace(_tile(start, profile), end=T0 + (start + 24) * HOUR)


def test_hours_in_a_rolled_day_are_counted(store: Store, model_id: int) -> None:
    """An hour is counted when it has a tile or lies in a day that was rolled up."""
    with store.write() as conn:
        tiles.upsert_many(conn, model_id, "f", [_day(0), _tile(25, None), _day(48), _tile(80, b"x", "v1")])
    bounds = [T0 + h * HOUR for h in range(20, 90)]
    with store.read() as conn:
        found = tiles.counted(conn, model_id, "f", bounds)
        assert {(t - T0) // HOUR for t in found} == {*range(20, 24), 25, *range(48, 72)}
        assert tiles.counted(conn, model_id, "other bins", bounds) == set()


@pytest.mark.parametrize(("begin", "end"), [(1, 24), (0, 23), (5, 6), (-3, 5), (23, 30)])
def test_a_rolled_day_is_never_cut(store: Store, model_id: int, begin: int, end: int) -> None:
    """Reading or replacing a part of a rolled-up day is refused, with what to do."""
    ends = T0 + begin * HOUR, T0 + end * HOUR
    with store.write() as conn:
        tiles.upsert_many(conn, model_id, "f", [_tile(-1, b"before"), _day(0), _tile(24, b"after")])
        assert tiles.cut(conn, model_id, "f", *ends) == (T0, T0 + 24 * HOUR)
        for read in (tiles.load, tiles.load_many):
            with pytest.raises(UsageError, match="rolled up into one day") as caught:
                list(read(conn, model_id, "f", *ends))
            assert "whole days" in (caught.value.hint or "")
        with pytest.raises(UsageError):
            tiles.remove(conn, model_id, "f", *ends)
        tiles.refuse_cut(conn, model_id, "other bins", *ends)


def test_a_whole_rolled_day_is_read(store: Store, model_id: int) -> None:
    """An interval of whole days takes rolled-up days and hours alike."""
    with store.write() as conn:
        tiles.upsert_many(conn, model_id, "f", [_tile(-1, b"before"), _day(0), _tile(24, b"after")])
        assert list(tiles.load(conn, model_id, "f", T0 - HOUR, T0 + 25 * HOUR)) == [b"before", b"day", b"after"]
        assert list(tiles.load(conn, model_id, "f", T0, T0 + 24 * HOUR)) == [b"day"]
        tiles.remove(conn, model_id, "f", T0, T0 + 24 * HOUR)
        assert list(tiles.load(conn, model_id, "f", T0 - HOUR, T0 + 25 * HOUR)) == [b"before", b"after"]


def test_facts_of_hours_replace_those_of_their_day(store: Store, model_id: int) -> None:
    """A day whose hours are counted anew is no longer remembered as a day; its neighbours are."""
    days = [TileFacts(T0 + d * 24 * HOUR, T0 + (d + 1) * 24 * HOUR, 5, 5, 0, 0, "d", T0) for d in range(3)]
    hour = TileFacts(T0 + 30 * HOUR, T0 + 31 * HOUR, 1, 1, 0, 0, "h", T0)
    with store.write() as conn:
        tile_facts.upsert_many(conn, model_id, days)
        tile_facts.upsert_many(conn, model_id, [hour])
        assert tile_facts.load(conn, model_id, T0, T0 + 72 * HOUR) == [days[0], hour, days[2]]
    assert [f.rolled for f in (days[0], hour)] == [True, False]


def test_facts_are_replaced_and_spanned(store: Store, model_id: int) -> None:
    """What a tile of the log held is what was read last; the span covers all of them."""
    facts = [TileFacts(T0 + h * HOUR, T0 + (h + 1) * HOUR, 12, 11, 5, 1, f"d{h}", T0 + 9 * HOUR) for h in range(3)]
    newer = replace(facts[1], rows=2**40, digest="new", max_updated_at=T0 + 8 * HOUR)
    with store.write() as conn:
        assert tile_facts.span(conn, model_id) is None
        assert tile_facts.upsert_many(conn, model_id, facts) == 3
        tile_facts.upsert_many(conn, model_id, [newer])
    with store.read() as conn:
        assert tile_facts.load(conn, model_id, T0, T0 + 2 * HOUR) == [facts[0], newer]
        assert tile_facts.span(conn, model_id) == (T0, T0 + 3 * HOUR)
