"""The real command, killed by hand: ``monitor worker`` started again and again, every window once."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.store import clock
from monitor.store.engine import open_store
from monitor.store.tables import chores, runs
from tests.chaos.audit import audit, counted, undone
from tests.chaos.command import Command
from tests.chaos.fleet import wait_for
from tests.chaos.ground import Ground
from tests.chaos.test_kills import LONG


def let_leases_expire(ground: Ground) -> None:
    """Do what takes the place of the minute that a lease lasts."""
    store = open_store(ground.store, folder=ground.folder)
    try:
        with store.write() as conn:
            past = clock.now(conn) - timedelta(seconds=1)
            conn.execute(runs.update().where(runs.c.status == "leased").values(lease_until=past))
            conn.execute(chores.update().where(chores.c.owner.is_not(None)).values(lease_until=past))
    finally:
        store.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_command(tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    """Whenever the whole command is killed, the next one goes on where it was."""
    url = "sqlite:///monitor.db" if database == "sqlite" else request.getfixturevalue("durable")
    ground = Ground(tmp_path, url, models=6, windows=80 if LONG else 14)
    ground.make()
    seed, kills = random.randrange(10**6), 0
    chance = random.Random(seed)
    while kills < (27 if LONG else 3) and undone(ground):
        with Command(ground) as worker:
            wait_for(lambda: worker.said("working"), 300, "the command works")
            time.sleep(chance.uniform(0.0, 4.0))  # when it is killed is chance
        kills += 1
        let_leases_expire(ground)
    with Command(ground) as worker:
        wait_for(lambda: worker.said("working") and not undone(ground), 600, "all windows", every=0.5)
        worker.send(15)
        assert worker.process.wait(120) == 0
    print(f"seed {seed}: {kills} kills, {counted(ground, 'lease_reclaims')} reclaims")  # noqa: T201
    assert not audit(ground)
