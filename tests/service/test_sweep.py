"""The sweep: one question for all tiles, none to a log that nobody wrote to, and nothing counted late is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import psycopg
import pytest
import yaml

from monitor.config import load
from monitor.domain.window import Window
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.service.apply import apply
from monitor.service.job import Job, open_job
from monitor.service.opening import opened
from monitor.service.reference.reference import bins_of, resolve
from monitor.service.tiles.observe import count_tiles
from monitor.service.tiles.sweep import sweep
from monitor.store import tile_facts, tiles
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of

NOW = START + 5 * DAY
SETTLED, COMING = 1_700_000_000_000_000_000, 4_000_000_000_000_000_000
WEEK = [Window(START, START + 5 * DAY)]


@dataclass
class Told:
    """A relation that tells what was asked of it, and does something after rows were read."""

    relation: Any
    asked: list[str] = field(default_factory=list)
    afterwards: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.relation, name)

    def read_sums(self, *arguments: Any) -> Any:
        self.asked.append("sums")
        return self.relation.read_sums(*arguments)

    def read_joined(self, *arguments: Any) -> Iterator[Any]:
        self.asked.append("rows")
        yield from list(self.relation.read_joined(*arguments))
        self.afterwards()

    def read_orphans(self, *arguments: Any) -> Any:
        return self.relation.read_orphans(*arguments)


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, world: World) -> World:
    """Give five labelled days, kept by SQLite or by PostgreSQL."""
    rows = rows_of(5)
    if request.param == "sqlite":
        world.predict(rows)
        world.label(truth_of(rows))
        return world
    url = request.getfixturevalue("postgres_database")
    world.model["source"] |= {"url": url}

    def execute(sql: str, rows: Sequence[Sequence[object]] | None = None) -> None:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            if rows is None:
                cursor.execute(sql)
            else:
                cursor.executemany(sql.replace("?", "%s"), rows)

    execute(
        "CREATE TABLE predictions (id TEXT PRIMARY KEY, at TIMESTAMPTZ, version TEXT, decided INTEGER, score FLOAT8,"
        " amount FLOAT8, place TEXT); CREATE TABLE outcomes (id TEXT, seen TIMESTAMPTZ, happened INTEGER)"
    )
    world.execute = execute  # type: ignore[method-assign]
    world.predict(rows)
    world.label(truth_of(rows))
    return world


@contextmanager
def job_of(world: World, now: datetime = NOW) -> Iterator[tuple[Job, Callable[..., set[datetime]]]]:
    """Open a job and give with it a sweep of the whole week; every tile is counted."""
    file = world.folder / "monitor.yaml"
    file.write_text(yaml.safe_dump({"store": "sqlite:///monitor.db", "models": [world.model]}), encoding="utf-8")
    config = load(file)
    with opened(config, writing=True) as store:
        apply(config, store, now)
        job = open_job(config.models[0], config, store, now, lambda *_: None)
        assert job is not None
        try:
            layout = resolve(job).layout
            count_tiles(job, layout, job.calendar.tiles(START, NOW)[:-1])
            yield job, lambda again=job, skip=(): sweep(again, layout, WEEK, skip)
        finally:
            job.source.close()


def facts_of(job: Job) -> dict[datetime, tile_facts.TileFacts]:
    with job.store.read() as conn:
        return {f.start: f for f in tile_facts.load(conn, job.model_id, START, NOW)}


def late(world: World, at: datetime, name: str = "late") -> None:
    world.predict([(name, at, None, 1, 0.9, 50.0, "A")])


def told(job: Job, **more: Any) -> tuple[Job, Told]:
    """Let a job tell what it asks of its predictions."""
    relation = Told(job.source.predictions, **more)
    return replace(job, source=replace(job.source, predictions=relation)), relation  # type: ignore[arg-type]


def test_what_changed_is_found_and_counted_again(log: World) -> None:
    """A late row, a deleted one and a corrected label are each found in their tile; nothing else is."""
    with job_of(log) as (job, swept):
        assert swept() == set()
        late(log, START + 3.6 * DAY)
        log.execute("DELETE FROM predictions WHERE id = 'p03022330'")
        log.execute("UPDATE outcomes SET happened = 1 - happened WHERE id = 'p03010000'")
        wrong = {START + 86 * HOUR, START + 47 * HOUR, START}
        assert swept() == wrong
        assert swept() == set()
        assert facts_of(job)[START + 86 * HOUR].rows == 3


def test_a_sweep_that_finds_nothing_asks_once(log: World) -> None:
    """PostgreSQL is asked one question about all tiles and gives no row; a file is read once, its identity only."""
    with job_of(log) as (plain, swept):
        os.utime(log.path, ns=(COMING, COMING))  # too fresh to prove anything, however slow this test
        job, relation = told(plain)
        assert swept(job) == set()
        assert relation.asked == (["sums"] if job.source.hashes else ["rows"])


def test_a_row_that_comes_while_rows_are_read_is_found_later(log: World) -> None:
    """Counts and their fingerprint are of the same rows, so what comes between is a change."""
    with job_of(log) as (job, swept):
        reading, _ = told(job, afterwards=lambda: late(log, START + 2 * DAY))
        layout = resolve(job).layout
        count_tiles(reading, layout, [START + 2 * DAY])
        assert facts_of(job)[START + 2 * DAY].rows == 2
        assert swept() == {START + 2 * DAY}
        assert facts_of(job)[START + 2 * DAY].rows == 3


def test_counts_of_a_later_job_stay(log: World) -> None:
    """Who wakes up late does not replace what another has counted since, and the next sweep has the last word."""
    with job_of(log) as (job, swept):
        layout = resolve(job).layout
        count_tiles(replace(job, now=NOW + HOUR), layout, [START])
        late(log, START)
        count_tiles(job, layout, [START, START + HOUR])
        facts = facts_of(job)
        assert (facts[START].rows, facts[START].scanned_at) == (2, NOW + HOUR)
        assert facts[START + HOUR].scanned_at == NOW
        assert swept(replace(job, now=NOW + 2 * HOUR)) == {START}
        assert facts_of(job)[START].rows == 3


def test_a_change_is_counted_under_all_bins(log: World) -> None:
    """What one set of bins has counted anew is stale under another, and is counted there by its own next sweep."""
    with job_of(log) as (job, swept):
        other = bins_of(job, Window(START, START + DAY))
        assert other is not None
        count_tiles(job, other, [START, START + HOUR])
        late(log, START)
        assert swept() == {START}
        both = [Window(START, START + HOUR), Window(START + HOUR, START + 2 * HOUR)]
        assert sweep(job, other, both, ()) == {START}
        with job.store.read() as conn:
            (tile,) = tiles.load(conn, job.model_id, other.fingerprint, START, START + HOUR)
        assert Reading(other, Profile.from_bytes(tile)).rows.rows == 3
        assert sweep(job, other, both, ()) == set()


def test_a_log_that_nobody_wrote_to_is_not_read(world: World) -> None:
    """While size and time of a file stand still, its sweep reads nothing; when they move, it reads and knows again."""
    rows = rows_of(5)
    world.predict(rows)
    world.label(truth_of(rows))

    def touched(nanoseconds: int) -> None:
        os.utime(world.path, ns=(nanoseconds, nanoseconds))

    touched(SETTLED)
    with job_of(world) as (plain, swept):
        job, relation = told(plain)
        assert swept(job) == set()
        touched(SETTLED + 1)
        assert swept(job) == set()
        assert swept(job) == set()
        assert relation.asked == ["rows"]  # once after the touch
        world.execute("UPDATE outcomes SET happened = 1 - happened WHERE id = 'p03010000'")
        touched(SETTLED + 2)
        assert swept(job) == {START}
        assert {f.stamp for f in facts_of(job).values()} == {job.source.stamp()}


def test_a_file_that_was_just_written_proves_nothing(world: World) -> None:
    """The next change may get the same time, so a fresh file is read each time."""
    world.predict(rows_of(5))
    with job_of(world) as (plain, swept):
        os.utime(world.path, ns=(COMING, COMING))
        job, relation = told(plain)
        assert job.source.stamp() is None
        swept(job)
        assert relation.asked == ["rows"]
