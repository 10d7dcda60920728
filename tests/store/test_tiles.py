"""Tiles are replaced, not doubled, and come back in the order of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

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
        tiles.upsert_many(conn, model_id, "f", [replace(_tile(0, b"new"), end=T0 + 24 * HOUR)])
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
