"""A backup is whole although others write, and never replaces a good one by half of one."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from monitor.domain.window import Window
from monitor.errors import StoreError
from monitor.store import migration, models, runs
from monitor.store.backup import backup
from monitor.store.engine import open_store
from monitor.store.runs import Outcome
from monitor.store.tiles import Tile, upsert_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _write(store: Store, model_id: int, day: int) -> None:
    """Store one window and one tile in one transaction: a whole copy holds as many of each."""
    window = Window(T0 + day * DAY, T0 + (day + 1) * DAY)
    with store.write() as conn:
        runs.insert_done(conn, model_id, window, 0, Outcome(), now=T0)
        upsert_many(conn, model_id, "f", [Tile(window.start, window.end, 1, 0, b"x" * 20_000)])


@pytest.fixture
def model_in_file(tmp_path: Path) -> tuple[Store, int]:
    """Give a SQLite store and a model in it."""
    store = open_store("sqlite:///monitor.db", folder=tmp_path)
    migration.upgrade(store)
    with store.write() as conn:
        return store, models.register(conn, "flights", "{}", "d", T0).model_id


def test_backup_while_writing(model_in_file: tuple[Store, int], tmp_path: Path) -> None:
    """Copies taken while another thread writes are whole, current stores."""
    store, model_id = model_in_file
    for day in range(20):
        _write(store, model_id, day)
    stop, written = Event(), [20]

    def write_on() -> None:
        while not stop.is_set():
            _write(store, model_id, written[0])
            written[0] += 1

    writer = Thread(target=write_on)
    writer.start()
    try:
        for number in range(5):
            before = written[0]
            target = backup(store, tmp_path / f"copy{number}.db")
            with closing(sqlite3.connect(target)) as copy:
                windows, tiles = (copy.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("runs", "tiles"))
                assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert before <= windows == tiles <= written[0] + 1
    finally:
        stop.set()
        writer.join()
    restored = open_store("sqlite:///copy4.db", folder=tmp_path)
    assert migration.check(restored).is_current
    restored.close()
    store.close()
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_backup_under_another_process(tmp_path: Path) -> None:
    """While another process commits without a pause, a copy holds a prefix of its windows, each complete."""
    store = open_store("sqlite:///monitor.db", folder=tmp_path)
    migration.upgrade(store)
    with writing(f"sqlite:///{tmp_path}/monitor.db") as committed:
        for number in range(3):
            before = committed(20 * (number + 1))
            target = backup(store, tmp_path / f"copy{number}.db")
            with closing(sqlite3.connect(target)) as copy:
                found = [copy.execute(sql).fetchall() for sql in (RUNS, LONELY)]
                assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
            demand_prefix(found, at_least=before)
        assert committed(0) > before
    store.close()


def test_backup_of_postgres_under_another_process(durable_database: str, tmp_path: Path) -> None:
    """The archive taken while another process commits restores to a prefix of the commits."""
    if shutil.which("pg_dump") is None or shutil.which("pg_restore") is None:
        pytest.skip("pg_dump or pg_restore is not installed")
    store = open_store(durable_database, folder=tmp_path)
    migration.upgrade(store)
    with writing(durable_database) as committed:
        before = committed(20)
        target = backup(store, tmp_path / "copy.dump")
    with store.write() as conn:
        conn.exec_driver_sql("DROP SCHEMA public CASCADE")
        conn.exec_driver_sql("CREATE SCHEMA public")
    store.close()
    restore = ["pg_restore", "--no-owner", f"--dbname={durable_database}", str(target)]
    subprocess.run(restore, check=False, capture_output=True)
    with store.read() as conn:
        found = [[tuple(row) for row in conn.exec_driver_sql(sql)] for sql in (RUNS, LONELY)]
    demand_prefix(found, at_least=before)
    assert migration.check(store).is_current
    store.close()


def demand_prefix(found: list[list[tuple[int, ...]]], *, at_least: int) -> None:
    """Demand windows numbered without a gap from the first, each with its measurements and its change."""
    windows, lonely = found
    assert [row[0] for row in windows] == list(range(len(windows)))
    assert {row[1:] for row in windows} == {(MEASURED, 1)}
    assert len(windows) >= at_least
    assert lonely == [(0,)]


@contextmanager
def writing(url: str) -> Iterator[Callable[[int], int]]:
    """Commit windows in another process until the end; gives a function that waits for so many and returns how many."""
    command = [sys.executable, "-c", WRITER, url, str(MEASURED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        done = [0]
        lines = process.stdout

        def committed(number: int) -> int:
            while done[0] < number or not number:
                done[0] = int(lines.readline()) + 1
                if not number:
                    break
            return done[0]

        try:
            yield committed
        finally:
            process.kill()


MEASURED = 7
RUNS = """
SELECT r.attempts, (SELECT count(*) FROM measurements m WHERE m.run_id = r.id),
       (SELECT count(*) FROM changes c WHERE c.run_id = r.id)
FROM runs r ORDER BY r.window_start
"""
LONELY = "SELECT count(*) FROM measurements WHERE run_id NOT IN (SELECT id FROM runs)"
WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlalchemy import text
from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.store import changes, measurements, models, runs
from monitor.store.engine import open_store

t0, day = datetime(2013, 3, 1, tzinfo=UTC), timedelta(days=1)
store = open_store(sys.argv[1], folder=Path("."))
with store.write() as conn:
    model = models.register(conn, "flights", "{}", "d", t0).model_id
for number in range(100_000):
    window = Window(t0 + number * day, t0 + (number + 1) * day)
    with store.write() as conn:
        run = runs.insert_done(conn, model, window, 0, runs.Outcome(), now=t0)
        conn.execute(text("UPDATE runs SET attempts = :n WHERE id = :id"), {"n": number, "id": run})
        found = [Measurement("flights", window.start, window.end, f"m{i}", 1.0, 1) for i in range(int(sys.argv[2]))]
        measurements.insert_many(conn, model, run, found)
        changes.append(conn, [changes.Change(model, "window", t0, window, 0, run)])
    print(number, flush=True)
"""


def test_backup_replaces_nothing_unasked(model_in_file: tuple[Store, int], tmp_path: Path) -> None:
    """A name that is taken is refused, unless it may be replaced; then the new copy takes its place at the end."""
    store, model_id = model_in_file
    backup(store, tmp_path / "copy.db")
    before = (tmp_path / "copy.db").read_bytes()
    _write(store, model_id, 0)
    with pytest.raises(StoreError, match="there already") as caught:
        backup(store, tmp_path / "copy.db")
    assert "--force" in (caught.value.hint or "")
    assert (tmp_path / "copy.db").read_bytes() == before
    backup(store, tmp_path / "copy.db", force=True)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]
    store.close()


@pytest.mark.parametrize("target", ["monitor.db", ".", "nowhere/copy.db"])
def test_impossible_targets(target: str, model_in_file: tuple[Store, int], tmp_path: Path) -> None:
    """The store itself, a folder and a missing folder are refused with what to do."""
    store, _ = model_in_file
    with pytest.raises(StoreError) as caught:
        backup(store, tmp_path / target)
    assert caught.value.hint
    with store.read() as conn:
        assert runs.history(conn) == []
    store.close()


def test_backup_of_postgres(durable_database: str, tmp_path: Path) -> None:
    """pg_dump gives an archive that lists our tables."""
    store = open_store(durable_database, folder=tmp_path)
    migration.upgrade(store)
    if shutil.which("pg_dump") is None:
        with pytest.raises(StoreError, match="not installed"):
            backup(store, tmp_path / "copy.dump")
        store.close()
        return
    target = backup(store, tmp_path / "copy.dump")
    listing = subprocess.run(["pg_restore", "--list", target], capture_output=True, text=True, check=True).stdout
    assert "TABLE public measurements" in listing
    store.close()


def test_pg_dump_that_is_missing_is_named(
    durable_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pg_dump the error says what to install."""
    store = open_store(durable_database, folder=tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="pg_dump is not installed") as caught:
        backup(store, tmp_path / "copy.dump")
    assert "postgresql-client" in caught.value.hint
    store.close()
