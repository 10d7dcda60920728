"""Workers killed at random points: every window once, whole, with the numbers of an undisturbed run."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection

from monitor.failpoints import arm
from monitor.service.windows import compute
from monitor.store import changes, clock, measurements, retry, settle
from monitor.store.engine import open_store
from monitor.store.lease import Lease
from monitor.store.tables import chores, models, runs
from tests.chaos.audit import WITNESSES, audit, counted, undone
from tests.chaos.fleet import Fleet, Order, Plant, hasty_backoff, wait_for
from tests.chaos.ground import Ground

LONG = bool(os.environ.get("MONITOR_CHAOS"))
WAYS = ("group",) * 4 + ("parent", "parent", "child", "freeze", "orphan", "orphan")
TOLD = ("finished by somebody who had lost", "done without measurements, or have some and are not done")
ROUNDS = 12
LIMIT = 600.0  # seconds for the work of one ground after the last kill


def witnessed() -> None:
    """Have every end of a window written down with its fence, in the transaction that ends it."""
    finish = settle.finish

    def told(conn: Connection, lease: Lease, *more: object) -> None:
        finish(conn, lease, *more)
        conn.exec_driver_sql(f"INSERT INTO witnesses VALUES ({lease.run.id}, {lease.fence})")

    settle.finish = told


def without_fence() -> None:
    """Plant a fault: what is written is not held against the fence."""

    def mine(lease: Lease) -> object:
        if lease.run is not None:
            return runs.c.id == lease.run.id
        return (chores.c.model_id == lease.model_id) & (chores.c.kind == lease.kind)

    Lease.mine = property(mine)


def in_two_transactions() -> None:
    """Plant a fault: a window is done before its measurements are stored."""

    def commit(job: object, lease: Lease, run: object, measured: object, *_: object) -> None:
        with job.write() as conn:
            now = clock.now(conn)
            settle.finish(conn, lease, measured.outcome, now)
            changes.append(conn, [changes.Change(job.model_id, "window", now, run.window, 0, run.id)])
        time.sleep(0.3)
        with job.store.write() as conn:
            measurements.insert_many(conn, job.model_id, run.id, measured.found)

    compute.commit = commit


def dawdling() -> None:
    """Have windows take long enough that a stopped process is likely to be in the midst of one."""
    arm(lambda name: time.sleep(1.0 if name == "measured" else 0.0))


def torment(
    ground: Ground,
    size: int,
    kills: int,
    seed: int,
    *plants: Plant,
    seconds: float = LIMIT,
    ways: Sequence[str] = WAYS,
    spread: float = 0.6,
) -> Fleet:
    """Kill workers at random points so many times, then let them finish; print what happened."""
    ground.make()
    _witness(ground)
    chance = random.Random(seed)
    began = time.monotonic()
    with Fleet(Order(ground.file, plants=(hasty_backoff, witnessed, *plants)), size) as fleet:
        while fleet.hurt.total() < kills and undone(ground):
            fleet.fill()
            for _ in range(4 * size):
                _one_more(fleet, chance, ways, spread)
        wait_for(lambda: fleet.fill() or lift(ground) or not undone(ground), seconds, "all windows done", every=0.5)
    print(  # noqa: T201 - pytest shows it with -rP
        f"seed {seed}, {time.monotonic() - began:.0f} s: {dict(fleet.hurt)}, {fleet.kills} kills,"
        f" {ground.models * ground.windows} windows,"
        f" {counted(ground, 'lease_reclaims')} reclaims, {counted(ground, 'stale_fences')} stale fences,"
        f" {counted(ground, 'child_deaths')} deaths of compute children"
    )
    return fleet


def _one_more(fleet: Fleet, chance: random.Random, ways: Sequence[str], spread: float) -> None:
    """Hurt one worker at any moment of its work, sometimes of its start; when is chance, nothing waits for it."""
    victim = chance.choice(fleet.crew)
    began = time.monotonic()
    if chance.random() < 0.9:
        wait_for(lambda: fleet.ready(victim) or not victim.is_alive(), 300, "a worker is ready", every=0.02)
    slow = time.monotonic() - began  # how long a start takes here and now: work takes longer then as well
    time.sleep(chance.uniform(0.0, max(spread, slow)) / fleet.size)
    fleet.kill(victim, chance.choice(ways))
    fleet.fill()


def lift(ground: Ground) -> None:
    """Do what an operator does about windows whose compute child was killed three times."""
    store = open_store(ground.store, folder=ground.folder)
    try:
        with store.write() as conn:
            now = clock.now(conn)
            for model_id in conn.execute(models.select().with_only_columns(models.c.id)).scalars().all():
                retry.lift(conn, model_id, ["quarantined"], now)
    finally:
        store.close()


def emptied(url: str) -> str:
    """Take every table out of a PostgreSQL database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


def _witness(ground: Ground) -> None:
    store = open_store(ground.store, folder=ground.folder)
    try:
        with store.write() as conn:
            conn.exec_driver_sql(WITNESSES)
    finally:
        store.close()


def test_sqlite_kills(tmp_path: Path) -> None:
    """One worker on SQLite, killed again and again, does every window once."""
    seed, fleet = random.randrange(10**6), None
    ground = Ground(tmp_path, "sqlite:///monitor.db", models=5, windows=16)
    fleet = torment(ground, 1, 25, seed)
    assert fleet.kills
    assert not audit(ground, witnessed=True)


def test_postgresql_kills(tmp_path: Path, durable: str) -> None:
    """Three workers on PostgreSQL, killed again and again, do every window once."""
    seed = random.randrange(10**6)
    ground = Ground(tmp_path, durable, models=8, windows=16)
    fleet = torment(ground, 3, 35, seed)
    assert fleet.kills
    assert not audit(ground, witnessed=True)


@pytest.mark.parametrize(
    ("plants", "ways"),
    [
        ((without_fence, dawdling), ("freeze",)),
        ((in_two_transactions,), ("group",)),
    ],
)
def test_planted_faults_are_found(tmp_path: Path, durable: str, plants: Sequence[Plant], ways: Sequence[str]) -> None:
    """The same test turns red when the fence is not looked at, or a window is stored in two transactions.

    What a process was at when it was stopped is chance: it may take more than one round.
    """
    for number in range(ROUNDS):
        ground, seed = Ground(tmp_path / str(number), emptied(durable), models=4, windows=20), random.randrange(10**6)
        wrong: list[str] = []
        try:
            torment(ground, 3, 10, seed, *plants, seconds=10.0, ways=ways, spread=4.0)
        except AssertionError as error:
            wrong = [str(error)]
        wrong += audit(ground, witnessed=True)
        if [what for what in wrong if any(said in what for said in TOLD)]:
            return
    pytest.fail(f"{ROUNDS} rounds, and nothing was found, at last with seed {seed}: {wrong[-3:]}")


@pytest.mark.skipif(not LONG, reason="the long form: `make chaos`")
@pytest.mark.parametrize(("size", "kills"), [(3, 700), (1, 320)])
def test_a_thousand_kills(tmp_path: Path, request: pytest.FixtureRequest, size: int, kills: int) -> None:
    """A thousand kills, round after round, and every round every window once."""
    done, number = 0, 0
    while done < kills:
        url = "sqlite:///monitor.db" if size == 1 else emptied(request.getfixturevalue("durable"))
        ground = Ground(tmp_path / str(number), url, models=10, windows=60)
        done += torment(ground, size, kills - done, random.randrange(10**6), seconds=300.0).kills
        assert not audit(ground, witnessed=True)
        number += 1
    print(f"{done} kills in {number} rounds")  # noqa: T201
