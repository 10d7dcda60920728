"""A backup is whole although others write, and never replaces a good one by half of one."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
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


def test_backup_replaces_an_older_one(model_in_file: tuple[Store, int], tmp_path: Path) -> None:
    """A name may be used again; the new copy takes its place at the end."""
    store, model_id = model_in_file
    backup(store, tmp_path / "copy.db")
    _write(store, model_id, 0)
    backup(store, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM runs").fetchone() == (1,)
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
