"""A disk that is full under the store: said clearly, nothing half-written, no model blamed; work goes on with room."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, func, select, update

from monitor.cli import main
from monitor.errors import StaleLeaseError, StoreError
from monitor.failpoints import arm
from monitor.service.job import Job
from monitor.service.measuring.measure import Measured
from monitor.service.windows import compute
from monitor.store import changes, clock, measurements, settle
from monitor.store.engine import Store
from monitor.store.lease import PREPARE, Lease
from monitor.store.runs import Run
from monitor.store.tables import measurements as measured_table
from monitor.store.tables import runs
from tests.chaos import disk, server
from tests.chaos.audit import audit, undone
from tests.chaos.disk import Disk, small_disk
from tests.chaos.fleet import Fleet, Order, wait_for
from tests.chaos.ground import Ground
from tests.chaos.server import Server
from tests.chaos.test_kills import TOLD, _witness, witnessed
from tests.chaos.test_source_faults import NOW, Hand, hand

FULL = "has no room left on the disk"


class Room:
    """How far a SQLite file may grow: not at all while it is ``full``."""

    def __init__(self, store: Store) -> None:
        self.full = False
        event.listen(store.engine, "begin", self._bound)

    def _bound(self, conn: Connection) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count = {1 if self.full else 2**30}")  # never below what there is


def done(ground: Ground) -> tuple[int, int]:
    """Count windows that are done, and those that have measurements."""
    with ground.opened() as conn:
        ended = select(func.count()).where(runs.c.status == "done")
        numbered = select(func.count(func.distinct(measured_table.c.run_id)))
        return conn.execute(ended).scalar_one(), conn.execute(numbered).scalar_one()


def at_once(worker: Hand) -> None:
    """Let windows that were put off be due now."""
    with worker.store.write() as conn:
        conn.execute(update(runs).where(runs.c.status == "due").values(next_attempt_at=None))


def test_file_that_may_not_grow(tmp_path: Path) -> None:
    """Windows for which there is no room stay due with nothing written and no attempt counted, until there is."""
    ground = Ground(tmp_path, "sqlite:///monitor.db", models=2, windows=14)
    ground.make()
    with hand(ground) as worker:
        room = Room(worker.store)
        worker.work_off(NOW, PREPARE)
        room.full = True
        with suppress(StoreError):  # in the end a claim itself finds no room
            worker.work_off(NOW)
        assert "store" in {state for _, state in worker.asked}
        ended, numbered = done(ground)
        assert ended == numbered < 28
        with ground.opened() as conn:
            assert set(conn.execute(select(runs.c.attempts, runs.c.deaths)).all()) == {(0, 0)}
        room.full = False
        at_once(worker)
        worker.work_off(NOW)
    assert not audit(ground)


def test_half_written_windows_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same test turns red when a window is done in one transaction and its measurements are stored in another."""

    def torn(job: Job, lease: Lease, run: Run, measured: Measured, *_: object) -> None:
        with job.write() as conn:
            now = clock.now(conn)
            settle.finish(conn, lease, measured.outcome, now)
            changes.append(conn, [changes.Change(job.model_id, "window", now, run.window, 0, run.id)])
        room.full = True
        with job.store.write() as conn:
            measurements.insert_many(conn, job.model_id, run.id, measured.found)
        room.full = False

    ground = Ground(tmp_path, "sqlite:///monitor.db", models=2, windows=14)
    ground.make()
    monkeypatch.setattr(compute, "commit", torn)
    with hand(ground) as worker:
        room = Room(worker.store)
        with suppress(StaleLeaseError, StoreError):  # a window that was to be put off is done
            worker.work_off(NOW)
        room.full = False
    assert any(said in what for what in audit(ground) for said in TOLD)


def dawdling() -> None:
    """Have windows take long enough that there are some left when the disk is full."""
    arm(lambda name: time.sleep(0.1 if name == "measured" else 0.0))


def endure(ground: Ground, small: Disk) -> None:
    """Fill the disk under a worker in the midst of its work, see what it says, and make room again."""
    with Fleet(Order(ground.file, plants=(witnessed, dawdling)), 1) as fleet:
        fleet.fill()
        (worker,) = fleet.crew
        wait_for(lambda: done(ground)[0], 300, "the first window")
        small.fill()
        log = ground.folder / "worker.log"

        def said() -> list[str]:
            small.fill()  # what was free inside the files is used up
            lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
            return [str(line["event"]) for line in lines if FULL in str(line.get("error"))]

        wait_for(lambda: {"put off", "the store does not answer"} & set(said()), 120, "the disk is full", every=0.3)
        ended, numbered = done(ground)
        assert ended == numbered
        assert undone(ground)
        assert main(["status", "-c", str(ground.file), "--json"]) == 0  # what is there can be read
        small.free()
        wait_for(lambda: not undone(ground), 300, "all windows", every=0.3)
        assert worker.is_alive()
    assert "should not happen" not in log.read_text()
    assert not audit(ground, witnessed=True)


@pytest.mark.skipif(disk.missing() is not None, reason=str(disk.missing()))
def test_full_disk_under_sqlite(tmp_path: Path) -> None:
    """A worker on SQLite says that the disk is full, waits, and goes on by itself."""
    with small_disk(16) as small:
        ground = Ground(tmp_path, f"sqlite:///{small.path}/monitor.db", models=3, windows=20)
        ground.make()
        _witness(ground)
        endure(ground, small)


@pytest.mark.skipif(bool(disk.missing() or server.missing()), reason=str(disk.missing() or server.missing()))
def test_full_disk_under_postgresql(tmp_path: Path) -> None:
    """A worker on PostgreSQL, whose tables can grow no more, does the same."""
    with small_disk(96) as small, Server(small.path) as own:
        ground = Ground(tmp_path, own.url, models=3, windows=20)
        ground.make()
        _witness(ground)
        endure(ground, small)
