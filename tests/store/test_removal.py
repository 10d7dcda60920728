"""What is too old is found and removed, nothing else, and writers never stumble over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.store import changes, expiry, measurements, models, references, removal, runs, series, tile_facts, tiles
from monitor.store.expiry import TileRows
from monitor.store.removal import Removed
from monitor.store.runs import Outcome
from monitor.store.tile_facts import TileFacts
from monitor.store.tiles import Tile

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def _window(day: int) -> Window:
    return Window(T0 + day * DAY, T0 + (day + 1) * DAY)


def _done(
    conn: Connection, model_id: int, day: int, revision: int = 0, *, at: datetime | None = None, metrics: int = 2
) -> int:
    """Enter a window with its measurements and its change."""
    window = _window(day)
    now = at or window.end
    run = runs.insert_done(conn, model_id, window, revision, Outcome(closed=True), now=now)
    assert run is not None
    found = [Measurement("flights", *_ends(window), f"m{i}", float(day), 1) for i in range(metrics)]
    measurements.insert_many(conn, model_id, run, found)
    changes.append(conn, [changes.Change(model_id, "window", now, window, revision, run)])
    return run


def _ends(window: Window) -> tuple[datetime, datetime]:
    return window.start, window.end


def test_windows_go_with_their_measurements(store: Store, model_id: int) -> None:
    """Removed runs take their measurements along; changes stay without them; a leased window stays."""
    with store.write() as conn:
        numbers = [_done(conn, model_id, day) for day in range(4)]
        conn.execute(runs.runs.update().where(runs.runs.c.id == numbers[1]).values(status="leased"))
        assert expiry.windows(conn, model_id, T0 + 3 * DAY) == [numbers[0], numbers[2]]
        assert removal.remove_runs(conn, numbers[:3]) == Removed(2, 4)
        left = {m.window_start for m in measurements.query(conn, all_revisions=True)}
        assert left == {_window(3).start}
        assert [c.run_id for c in changes.since(conn, 0)] == [None, numbers[1], None, numbers[3]]
        assert expiry.sizes(conn, numbers) == {numbers[1]: 2, numbers[3]: 2}


def test_a_revision_goes_so_long_after_it_was_replaced(store: Store, model_id: int) -> None:
    """What could be read as of an instant since the cutoff still can; the latest stays however old."""
    at = [T0 + 2 * DAY, T0 + 20 * DAY, T0 + 30 * DAY]
    with store.write() as conn:
        numbers = [_done(conn, model_id, 0, r, at=at[r]) for r in range(3)]
        _done(conn, model_id, 1)
        assert expiry.superseded(conn, model_id, T0 + 19 * DAY) == []
        assert expiry.superseded(conn, model_id, T0 + 20 * DAY) == numbers[:1]
        assert expiry.superseded(conn, model_id, T0 + 99 * DAY) == numbers[:2]
        removal.remove_runs(conn, expiry.superseded(conn, model_id, T0 + 25 * DAY))
        seen = [next(iter(runs.latest(conn, model_id, as_of=t)), None) for t in (T0 + 25 * DAY, T0 + 99 * DAY)]
    assert [run and run.id for run in seen] == numbers[1:]


def test_a_gap_in_the_changes_can_be_told(store: Store, model_id: int) -> None:
    """The highest removed number is remembered and never falls: who has read less has missed something."""
    with store.write() as conn:
        assert changes.removed_up_to(conn) == 0
        for day in range(4):
            _done(conn, model_id, day)
        old = expiry.change_numbers(conn, model_id, T0 + 3 * DAY)
        assert old == [1, 2]
        removal.remove_changes(conn, [2])
        removal.remove_changes(conn, [1])
        assert changes.removed_up_to(conn) == 2
        assert [c.seq for c in changes.since(conn, 0)] == [3, 4]


def test_series_without_measurements_go(store: Store, model_id: int) -> None:
    """A series goes with its last measurement, and a writer who remembers its number makes it anew."""
    with store.write() as conn:
        first = _done(conn, model_id, 0, metrics=3)
        _done(conn, model_id, 1, metrics=1)
    with store.write() as conn:
        removal.remove_runs(conn, [first])
        unused = expiry.unused_series(conn, model_id)
        assert len(unused) == 2
        assert removal.remove_series(conn, [*unused, *series.every(conn, model_id)]) == 2
    with store.write() as conn:
        _done(conn, model_id, 2, metrics=3)
    with store.read() as conn:
        assert sorted(m.metric for m in measurements.query(conn, start=_window(2).start)) == ["m0", "m1", "m2"]
        assert len(series.every(conn, model_id)) == 3


def test_old_tiles_go_but_for_a_reference(store: Store, model_id: int) -> None:
    """Tiles that ended in time go, all versions of them, unless an interval is to be kept; facts follow the last."""
    found = [Tile(T0 + h * HOUR, T0 + (h + 1) * HOUR, 1, 0, b"x", v) for h in range(6) for v in ("", "v1")]
    facts = [TileFacts(t.start, t.end, 1, 1, 0, 0, "1.0:0.0", T0) for t in found if not t.version]
    with store.write() as conn:
        tiles.upsert_many(conn, model_id, "f", found)
        tiles.upsert_many(conn, model_id, "g", found[:4])
        tile_facts.upsert_many(conn, model_id, facts)
        kept = [Window(T0 + HOUR, T0 + 2 * HOUR)]
        old = expiry.old_tiles(conn, model_id, T0 + 4 * HOUR, kept)
        assert old == [TileRows("f", T0 + h * HOUR, T0 + (h + 1) * HOUR, 2) for h in (0, 2, 3)] + [
            TileRows("g", T0, T0 + HOUR, 2)
        ]
        assert removal.remove_tiles(conn, model_id, old) == 8
        assert removal.remove_facts(conn, model_id) == 3
        assert [f.start for f in tile_facts.load(conn, model_id, T0, T0 + DAY)] == [T0 + h * HOUR for h in (1, 4, 5)]


def test_what_rolling_up_would_spare_is_counted(store: Store, model_id: int) -> None:
    """A day's hours leave one tile for each version and segment of each of its bins."""
    found = [Tile(T0 + h * HOUR, T0 + (h + 1) * HOUR, 1, 0, b"x", v) for h in range(24) for v in ("", "v1")]
    with store.write() as conn:
        tiles.upsert_many(conn, model_id, "f", [*found, Tile(T0 + DAY, T0 + DAY + HOUR, 1, 0, b"x")])
        tiles.upsert_many(conn, model_id, "g", found[:3])
        assert expiry.tile_rows(conn, model_id, _window(0), ["f"]) == 46
        assert expiry.tile_rows(conn, model_id, _window(5), ["f"]) == 0
        assert set(tiles.hours(conn, model_id, T0 + 2 * HOUR)) == {"f", "g"}


def test_tiles_of_disused_bins_go(store: Store, model_id: int) -> None:
    """Bins that no reference in force has, and none made or used of late, lose their tiles; unknown ones keep them."""
    with store.write() as conn:
        for number, (fingerprint, made) in enumerate([("dead", 0), ("used", 0), ("force", 0), ("new", 90)]):
            saved = references.save(
                conn, model_id, spec_digest=str(number), fingerprint=fingerprint, kind="file", rows=1,
                layout=b"", profile=b"", now=T0 + made * DAY,
            )  # fmt: skip
            if fingerprint == "used":
                runs.insert_done(conn, model_id, _window(1), 0, Outcome(reference_id=saved.id), now=T0 + 80 * DAY)
        for fingerprint in ("dead", "used", "force", "new", "being made"):
            tiles.upsert_many(conn, model_id, fingerprint, [Tile(T0, T0 + HOUR, 1, 0, b"x")])
        found = expiry.disused_tiles(conn, model_id, T0 + 60 * DAY, {"force"})
        assert [tile.fingerprint for tile in found] == ["dead"]


def test_batches_are_small(store: Store, model_id: int) -> None:
    """Runs are removed so many at once as have few measurements; one that has more is a batch by itself."""
    sizes = [3_000, 2_000, 1, 6_000, 10]
    with store.write() as conn:
        numbers = [_done(conn, model_id, day, metrics=size) for day, size in enumerate(sizes)]
        batches = list(removal.run_batches(conn, numbers))
    assert batches == [numbers[:2], numbers[2:3], numbers[3:4], numbers[4:]]
    rows = [TileRows("f", T0, T0 + HOUR, n) for n in (300, 200, 501, 1)]
    assert [[t.rows for t in batch] for batch in removal.tile_batches(rows)] == [[300, 200], [501], [1]]


def test_what_is_gone_is_remembered(store: Store, model_id: int) -> None:
    """Since when windows are kept never goes back."""
    with store.write() as conn:
        removal.keep_since(conn, model_id, T0 + DAY)
        removal.keep_since(conn, model_id, T0)
        found = models.find(conn, "flights")
    assert found is not None
    assert found.kept_since == T0 + DAY


def test_windows_that_may_change_are_unsettled(store: Store, model_id: int) -> None:
    """Due and failed windows are, and those whose latest revision is not closed."""
    with store.write() as conn:
        _done(conn, model_id, 0)
        runs.insert_done(conn, model_id, _window(1), 0, Outcome(), now=T0)
        runs.insert_done(conn, model_id, _window(2), 0, Outcome(), now=T0)
        runs.insert_done(conn, model_id, _window(2), 1, Outcome(closed=True), now=T0)
        runs.insert_failed(conn, model_id, _window(3), 0, state="timeout", error="", now=T0)
        runs.insert_failed(conn, model_id, _window(9), 0, state="timeout", error="", now=T0)
        assert expiry.unsettled(conn, model_id, T0 + 9 * DAY) == [_window(1), _window(3)]
