"""A network that breaks between a worker and the PostgreSQL that it reads logs from: named, waited for, made up for."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, update

from monitor.errors import SourceError
from monitor.source.postgres import PostgresDatabase
from monitor.store import breakers
from monitor.store.lease import PREPARE
from monitor.store.tables import models, runs
from tests.chaos.audit import audit, undone
from tests.chaos.fleet import Fleet, Order, hasty_backoff, wait_for
from tests.chaos.ground import LEARNED, Ground
from tests.chaos.proxy import Proxy
from tests.chaos.test_kills import LONG
from tests.chaos.test_source_faults import NOW, TEN_MINUTES, hand

TORN = 6  # answers
SOON = 300.0  # seconds from the moment that the network is well again until all is done, on a busy machine


def hasty_sources() -> None:
    """Leave a source alone for a moment instead of minutes."""
    breakers.REST = tuple(timedelta(seconds=s) for s in (0.3, 0.6, 1.2))


def taken_for_short(stream: Any) -> Any:
    """Plant a fault: an answer that was torn is taken for a short one."""

    def planted(self: PostgresDatabase, *asked: Any) -> Iterator[Any]:
        try:
            yield from stream(self, *asked)
        except SourceError:
            return

    return planted


def moved(ground: Ground, url: str) -> None:
    """Copy a ground's log into PostgreSQL."""
    with closing(sqlite3.connect(ground.folder / "logs.db")) as log, psycopg.connect(url) as there:
        for number in range(ground.models):
            columns = "id TEXT PRIMARY KEY, at TIMESTAMPTZ, said FLOAT8, amount FLOAT8, place TEXT"
            there.execute(f"CREATE TABLE p{number} ({columns})")
            with there.cursor() as cursor:
                rows = log.execute(f"SELECT * FROM p{number}").fetchall()
                cursor.executemany(f"INSERT INTO p{number} VALUES (%s, %s, %s, %s, %s)", rows)


def states(ground: Ground) -> set[str | None]:
    """Return what is said of the models' sources."""
    with ground.opened() as conn:
        return set(conn.execute(select(models.c.source_state)).scalars())


def rows_torn(piece: bytes) -> str:
    """Tear what asks for rows; let through what asks for times."""
    return "torn" if b"amount" in piece else "pass"


def torn_and_healed(tmp_path: Path, url: str) -> tuple[set[str], int, list[str]]:
    """Have windows computed while answers are torn, and then with none.

    Returns how the work ended at first, how many windows were done by then, and what is wrong in the end.
    """
    with Proxy(url) as proxy:
        ground = Ground(tmp_path, "sqlite:///monitor.db", models=1, windows=14, source=proxy.url)
        moved(ground, url)
        ground.make()
        with hand(ground) as worker:
            worker.work_off(NOW, PREPARE)
            proxy.at_copy = rows_torn
            states = {state for _, state in worker.work_off(NOW)}
            done = ground.windows - undone(ground)
            assert proxy.seen["torn"]
            proxy.heal()
            with worker.store.write() as conn:  # whatever was put off, by however slow a machine, is due now
                conn.execute(update(runs).where(runs.c.status == "due").values(next_attempt_at=None))
            worker.work_off(TEN_MINUTES)
        return states, done, audit(ground, failures=True)


def test_answers_that_are_torn(tmp_path: Path, postgres_database: str) -> None:
    """The source is named unreachable, and what was read of it is nothing; later every window has all its rows."""
    states, done, wrong = torn_and_healed(tmp_path, postgres_database)
    assert "unreachable" in states
    assert done <= LEARNED  # those of the reference, whose rows had been counted
    assert not wrong


def test_torn_answers_taken_for_short_ones_are_found(
    tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same test turns red when what came before an answer was torn is taken for all of it."""
    stream = PostgresDatabase.stream
    monkeypatch.setattr(PostgresDatabase, "stream", taken_for_short(stream))
    _, done, wrong = torn_and_healed(tmp_path, postgres_database)
    assert done > LEARNED
    assert any("differ from an undisturbed" in what for what in wrong)


@pytest.mark.skipif(not LONG, reason="the long form: `make chaos`")
def test_a_worker_behind_a_bad_network(tmp_path: Path, postgres_database: str) -> None:
    """A worker reads through a network that tears answers, then through none: it says so, and makes up for it."""
    seed, began = random.randrange(10**6), time.monotonic()
    chance = random.Random(seed)
    with Proxy(postgres_database, pause=1.0) as proxy:
        ground = Ground(tmp_path, "sqlite:///monitor.db", models=2, windows=14, source=proxy.url)
        moved(ground, postgres_database)
        ground.make()
        proxy.at_copy = lambda _: chance.choices(("pass", "torn", "stall"), (60, 30, 10))[0]
        with Fleet(Order(ground.file, plants=(hasty_backoff, hasty_sources)), 1) as fleet:
            fleet.fill()
            (worker,) = fleet.crew
            wait_for(lambda: proxy.seen["torn"] >= TORN, 300, f"{TORN} torn answers")
            proxy.down = True
            proxy.cut()
            wait_for(lambda: "unreachable" in states(ground), 300, "the source is called unreachable")
            proxy.heal()
            wait_for(lambda: not undone(ground), SOON, "all windows", every=0.2)
            assert worker.is_alive()
        print(f"seed {seed}, {time.monotonic() - began:.0f} s: {dict(proxy.seen)}")  # noqa: T201 - shown with -rP
        assert "should not happen" not in (tmp_path / "worker.log").read_text()
        assert not audit(ground, failures=True)
