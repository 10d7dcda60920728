"""Replicas on one PostgreSQL: some stand still past their lease, the server crashes, the service was down for days."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.failpoints import arm
from monitor.store.tables import models, runs
from tests.chaos.audit import audit, counted, undone
from tests.chaos.fleet import Fleet, Order, wait_for
from tests.chaos.ground import HOUR, Ground
from tests.chaos.server import Server, missing
from tests.chaos.test_kills import LONG, _witness, witnessed

RESUMES = 120.0  # seconds from the moment that the server listens again, on a busy machine; they are printed


def dawdling() -> None:
    """Have windows take long enough that a stopped process is in the midst of one."""
    arm(lambda name: time.sleep(0.15 if name == "measured" else 0.0))


def test_stopped_replica_finds_its_lease_gone(tmp_path: Path, durable: str) -> None:
    """Replicas share the windows; what one that stood still past its lease brings is refused."""
    size, many, long = (5, 20, 100) if LONG else (3, 8, 25)
    ground = Ground(tmp_path, durable, models=many, windows=long)
    ground.make()
    _witness(ground)
    began = time.monotonic()
    with Fleet(Order(ground.file, plants=(witnessed, dawdling)), size) as fleet:
        fleet.fill()
        wait_for(lambda: all(fleet.ready(one) for one in fleet.crew), 300, "all replicas are ready")
        wait_for(lambda: undone(ground) < many * long, 300, "the first window")
        while not counted(ground, "stale_fences") and undone(ground):
            fleet.kill(fleet.crew[0], "freeze", pause=5.0)
            time.sleep(7.0)  # how long it stands still is the test
        wait_for(lambda: not undone(ground), 600, "all windows", every=0.5)
    print(  # noqa: T201 - pytest shows it with -rP
        f"{size} replicas, {many * long} windows in {time.monotonic() - began:.0f} s, stopped {fleet.hurt['freeze']}"
        f" times: {counted(ground, 'stale_fences')} stale fences, {counted(ground, 'lease_reclaims')} reclaims"
    )
    assert not audit(ground, witnessed=True)
    assert counted(ground, "stale_fences") >= 1


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_server_crashes_under_load(tmp_path: Path) -> None:
    """PostgreSQL is crashed again and again: workers live on, nothing acknowledged is lost, no model is blamed."""
    chance, waits = random.Random(), []
    with Server() as server:
        ground = Ground(tmp_path, server.url, models=6, windows=60 if LONG else 20)
        ground.make()
        _witness(ground)
        with Fleet(Order(ground.file, plants=(witnessed,)), 2) as fleet:
            fleet.fill()
            crew = list(fleet.crew)
            wait_for(lambda: all(fleet.ready(one) for one in crew), 300, "all workers are ready")
            for _ in range(8 if LONG else 3):
                time.sleep(chance.uniform(0.2, 1.5))  # when it crashes is chance
                acknowledged = _done(ground)
                server.stop("immediate")
                server.start()
                began = time.monotonic()
                now = _done(ground)
                assert acknowledged <= now, "an acknowledged window is gone"
                if undone(ground):
                    wait_for(partial(_further, ground, now), RESUMES, "work goes on")
                    waits.append(time.monotonic() - began)
            wait_for(lambda: not undone(ground), 600, "all windows", every=0.5)
            assert all(one.is_alive() for one in crew)
            said = (tmp_path / "worker.log").read_text()
        print(f"resumed after {[round(s, 1) for s in waits]} s")  # noqa: T201 - pytest shows it with -rP
        assert "should not happen" not in said
        assert not audit(ground, witnessed=True)  # no attempt was counted either
        with ground.opened() as conn:
            assert set(conn.execute(select(models.c.source_state)).scalars()) <= {None, "ok"}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_three_days_of_downtime(tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    """What came due while no worker ran is computed once after the start, hour by hour."""
    url = "sqlite:///monitor.db" if database == "sqlite" else request.getfixturevalue("durable")
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    ground = Ground(
        tmp_path, url, models=2, windows=14, start=now - 90 * HOUR, more={"delay": "76h", "catchup_window": "7d"}
    )
    ground.make()
    with Fleet(Order(ground.file), 1) as fleet:
        fleet.fill()
        wait_for(lambda: not undone(ground), 300, "the first windows", every=0.3)
    # What takes the place of three days: rows are written, and windows are due three days sooner.
    ground.log(14, 86)
    ground.windows, ground.more["delay"] = 86, "4h"
    ground.write()
    with Fleet(Order(ground.file), 1) as fleet:
        fleet.fill()
        wait_for(lambda: not undone(ground), 600, "72 windows of each model", every=0.3)
    assert not audit(ground)


def _done(ground: Ground) -> int:
    with ground.opened() as conn:
        return conn.execute(select(func.count()).select_from(runs).where(runs.c.status == "done")).scalar_one()


def _further(ground: Ground, than: int) -> bool:
    return _done(ground) > than or not undone(ground)
