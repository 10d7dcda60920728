"""Windows that share days share their sums; what they give is what adding every tile gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from monitor.domain.window import Window
from monitor.profile.profile import Profile
from monitor.service.job import Job, open_job
from monitor.service.measuring.measure import measure
from monitor.service.reference.reference import Reference, period_profiles, resolve, trailing_profiles
from monitor.service.tiles.observe import observe, profiles_of, summed
from monitor.store import tiles
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of
from tests.service.test_promote import desk

NOW = START + 12 * DAY


@contextmanager
def counted(world: World) -> Iterator[tuple[Job, Reference]]:
    """Open the model's job with every tile counted."""
    world.model |= {"segments": ["place"], "window_timezone": "Australia/Lord_Howe"}
    world.model["source"]["predictions"]["version"] = "version"
    with desk(world) as (config, store):
        from monitor.service.apply import apply

        apply(config, store, NOW)
        job = open_job(config.models[0], config, store, NOW, lambda *_: None)
        assert job is not None
        with closing(job.source):
            reference = resolve(job)
            observe(job, reference.layout, START, NOW)
            yield job, reference


def plain(job: Job, reference: Reference, period: Window) -> dict[Any, Profile]:
    """Add up every tile."""
    at = job.model_id, reference.layout.fingerprint, period.start, period.end
    with job.store.read() as conn:
        return summed(profiles_of(tiles.load_many(conn, *at)))


def blocked(job: Job, against: Reference, period: Window, **more: Any) -> dict[Any, Profile]:
    """Add up blocks."""
    with job.store.read() as conn:
        return summed(against.blocks.pieces(conn, job, against.layout, period, **more))


def assert_equal(one: dict[Any, Profile], other: dict[Any, Profile]) -> None:
    """Demand that counts are the same exactly, sums to 1e-12 of their size."""
    assert one.keys() == other.keys()
    for slot, profile in one.items():
        for name, tally in profile.parts.items():
            twin = other[slot].parts[name]
            assert (tally.keys, tally.cells.tolist(), tally.counts.tolist()) == (
                twin.keys, twin.cells.tolist(), twin.counts.tolist(),
            )  # fmt: skip
            assert (tally.lows.tolist(), tally.highs.tolist()) == (twin.lows.tolist(), twin.highs.tolist())
            for mine, theirs in ((tally.sums, twin.sums), (tally.weights, twin.weights)):
                np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


@pytest.fixture
def logged(world: World) -> World:
    """Give a log of twelve days with its ground truth."""
    rows = rows_of(12, per_hour=3)
    world.predict(rows)
    world.label(truth_of(rows))
    return world


def test_blocks_add_up_to_the_sum_of_the_tiles(logged: World) -> None:
    """Whatever interval, in whatever order, with blocks kept or forgotten, over a day the clocks made longer."""
    with counted(logged) as (job, reference):
        begin = job.calendar.window_at(START + DAY).start
        for room in (0, 1_000_000, 2**40):
            reference.blocks.room = room
            for first, hours in ((0, 168), (1, 168), (2, 168), (30, 40), (7, 1), (0, 24), (3, 200), (2, 168)):
                bounds = job.calendar.tiles(begin + first * HOUR, begin + (first + hours) * HOUR)
                period = Window(bounds[0], bounds[-1])
                assert_equal(blocked(job, reference, period), plain(job, reference, period))
        assert {slot[0] for slot in plain(job, reference, Window(begin, begin + DAY))} == {"", "v0", "v1"}


def test_a_block_is_added_anew_when_a_tile_was_counted_again(logged: World) -> None:
    """What was kept holds only while the tiles are the same."""
    with counted(logged) as (job, reference):
        begin = job.calendar.window_at(START + DAY).start
        period = Window(begin, begin + 3 * DAY)
        before = blocked(job, reference, period)
        logged.predict([("late", begin + DAY, "v1", 1, 0.5, 7.0, "B")])
        from monitor.service.tiles.observe import count_tiles

        count_tiles(job, reference.layout, [begin + DAY])
        after = blocked(job, reference, period)
        assert_equal(after, plain(job, reference, period))
        assert after["", ""].parts["rows"].counts.sum() > before["", ""].parts["rows"].counts.sum()


def test_excluded_tiles_are_in_windows_and_in_no_reference(logged: World) -> None:
    """The same days give two sums: one with them for windows, one without for what trails."""
    at = START + 4 * DAY + timedelta(hours=5)
    logged.model["exclude"] = [{"start": at.isoformat(), "end": (at + 3 * HOUR).isoformat()}]
    with counted(logged) as (job, reference):
        begin = job.calendar.window_at(START + 3 * DAY).start
        period = Window(begin, begin + 4 * DAY)
        assert_equal(blocked(job, reference, period), plain(job, reference, period))
        assert_equal(blocked(job, reference, period, reference=True), period_profiles(job, reference.layout, period))
        sizes = [found["", ""].parts["bins"].counts.sum() for found in
                 (blocked(job, reference, period), blocked(job, reference, period, reference=True))]  # fmt: skip
        assert sizes[0] > sizes[1]


def test_what_is_kept_is_bounded(logged: World) -> None:
    """The sums used last are kept, and no more of them than there is room."""
    with counted(logged) as (job, reference):
        begin = job.calendar.window_at(START + DAY).start
        blocked(job, reference, Window(begin, begin + 8 * DAY))
        sizes = [block.size for block in reference.blocks.kept.values()]
        reference.blocks.room = sum(sizes[-3:])
        blocked(job, reference, Window(begin, begin + 8 * DAY))
        assert len(reference.blocks.kept) == 3
        assert sum(block.size for block in reference.blocks.kept.values()) <= reference.blocks.room


class Spy:
    """A source that notes when rows are read from it."""

    def __init__(self, source: Any) -> None:
        self.source, self.read = source, 0

    def __getattr__(self, name: str) -> Any:
        if name in ("scan", "orphan_rows", "fingerprints"):
            self.read += 1
        return getattr(self.source, name)


@pytest.mark.parametrize("window", ["6h", {"size": "3d", "every": "6h"}])
def test_trailing_counts_come_from_tiles_and_bins_stay(logged: World, window: object) -> None:
    """Once tiles are counted no window reads the log, and what trails is their sum over the bins frozen at first."""
    logged.model |= {"reference": {"last": "4d", "lag": "1d"}, "window": window}
    with counted(logged) as (opened_job, reference):
        spy = Spy(opened_job.source)
        job = replace(opened_job, source=spy)  # type: ignore[arg-type]
        measured = []
        for at in job.calendar.windows(START + 9 * DAY, START + 11 * DAY):
            found = trailing_profiles(job, reference, at)
            assert found is not None
            bounds = job.calendar.tiles(at.start - 5 * DAY, at.start - DAY)
            assert_equal(found, plain(job, reference, Window(bounds[0], bounds[-1])))
            measured.append(measure(job, reference, at))
        assert spy.read == 0
        assert all(m.value is not None for one in measured for m in one.found if m.metric == "psi" and not m.group)
        assert resolve(job).layout.fingerprint == reference.layout.fingerprint
        assert spy.read == 0


def test_excluded_days_are_in_no_trailing_reference(logged: World) -> None:
    """A day of nonsense is measured and marked by its drift, and nothing that trails it later is moved by it."""
    nonsense = [(f"x{i}", START + 5 * DAY + i * HOUR / 20, "v0", 1, 0.5, 9000.0, "A") for i in range(400)]
    logged.predict(nonsense)
    logged.model["reference"] = {"last": "2d", "lag": "0s"}
    logged.done(NOW)
    dirty = logged.values("psi", column="amount")
    logged.model |= {"name": "n", "exclude": [{"start": "2024-03-06", "end": "2024-03-07"}]}
    logged.done(NOW)
    clean = logged.values("psi", column="amount")
    assert clean[START + 5 * DAY] == dirty[START + 5 * DAY] > 1
    assert dirty[START + 6 * DAY] > 0.5 > clean[START + 6 * DAY]
    assert dirty[START + 7 * DAY] > 0.5 > clean[START + 7 * DAY]
    assert logged.values("row_count")[START + 5 * DAY] == 472
