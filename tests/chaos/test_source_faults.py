"""A source that cannot be read, end to end: named, asked less and less often, made up for; the other models go on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.cli import main
from monitor.config import load
from monitor.scheduler.ending import ended
from monitor.scheduler.work import work
from monitor.service.enlist import Roll, enlist
from monitor.service.workbench import Workbench
from monitor.store import breakers, claims, clock, settle
from monitor.store.engine import Store, open_store
from monitor.store.lease import PREPARE
from monitor.store.tables import models, runs
from monitor.telemetry import logger
from tests.chaos.audit import audit
from tests.chaos.ground import Ground

LEASE = timedelta(minutes=1)
NOW, HALF_MINUTE, TWO_MINUTES, TEN_MINUTES = (timedelta(seconds=s) for s in (0, 31, 152, 753))
LATER = timedelta(hours=3)  # the next look at a source


@dataclass
class Hand:
    """A worker's hand in this process, whose claims are made so much later than it is."""

    store: Store
    roll: Roll
    bench: Workbench
    asked: list[tuple[str, str]] = field(default_factory=list)

    def work_off(self, later: timedelta, *kinds: str) -> list[tuple[str, str]]:
        """Do what is due at that time, only chores of these kinds if any; return the models and how it ended."""
        begun, seen = len(self.asked), set[tuple[object, ...]]()
        while True:
            with self.store.write() as conn:
                lease = claims.claim(conn, "hand", clock.now(conn) + later, LEASE, self.roll.versions)
                if lease is None or (kinds and lease.kind not in kinds):
                    conn.rollback()
                    return self.asked[begun:]
                same = lease.model_id, lease.kind, lease.run and lease.run.id
                if same in seen:  # done or failed now, and due again by the later clock
                    settle.postpone(conn, lease, clock.now(conn) + timedelta(days=1))
                    continue
                seen.add(same)
            reply = work(self.bench, self.roll.models, lease)
            self.asked.append((self.roll.models[lease.model_id].name, reply.state or reply.kind))
            ended(self.store, lease, reply, logger())


@contextmanager
def hand(ground: Ground) -> Iterator[Hand]:
    """Enlist a ground's models."""
    config = load(ground.file)
    store = open_store(config.store, folder=config.folder)
    try:
        with store.read() as conn:
            now = clock.now(conn)
        roll = enlist(config, store, now)
        yield Hand(store, roll, Workbench(config, store))
    finally:
        store.close()


def sql(ground: Ground, script: str) -> None:
    """Change the log."""
    with closing(sqlite3.connect(ground.folder / "logs.db")) as connection:
        connection.executescript(script)


def by_model(ground: Ground) -> dict[str, set[tuple[str, int]]]:
    """Return the statuses and attempts of each model's windows."""
    found: dict[str, set[tuple[str, int]]] = {}
    with ground.opened() as conn:
        chosen = select(models.c.name, runs.c.status, runs.c.attempts).join(models, models.c.id == runs.c.model_id)
        for name, status, attempts in conn.execute(chosen.where(runs.c.window_start < ground.end)):
            found.setdefault(name, set()).add((status, attempts))
    return found


FAULTS = {
    "missing_table": ("ALTER TABLE p1 RENAME TO gone", "ALTER TABLE gone RENAME TO p1"),
    "missing_column": ("ALTER TABLE p1 RENAME COLUMN amount TO gone", "ALTER TABLE p1 RENAME COLUMN gone TO amount"),
}


@pytest.mark.parametrize("state", FAULTS)
def test_fault_of_one_model(tmp_path: Path, state: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named and tried after 30 s, 2 and 10 minutes; others go on; once mended its windows are due again."""
    ground = Ground(tmp_path, "sqlite:///monitor.db", models=3, windows=14)
    ground.make()
    broken, mended = FAULTS[state]
    with hand(ground) as worker:
        worker.work_off(NOW, PREPARE)
        sql(ground, broken)
        worker.work_off(NOW)
        assert by_model(ground) == {"m0": {("done", 0)}, "m1": {("due", 1)}, "m2": {("done", 0)}}
        assert not worker.work_off(timedelta(seconds=20))
        for later, then in ((HALF_MINUTE, ("due", 2)), (TWO_MINUTES, ("due", 3)), (TEN_MINUTES, ("failed", 4))):
            assert set(worker.work_off(later)) == {("m1", state)}
            assert by_model(ground)["m1"] == {then}
        told = _said(capsys, "status", ground)
        assert [(one["state"], one["source_state"]) for one in told if one["model"] == "m1"] == [("failing", state)]
        listed = [one for one in _said(capsys, "runs", ground) if one["model"] == "m1"]
        assert {one["error_state"] for one in listed} == {state}
        sql(ground, mended)
        worker.work_off(LATER, PREPARE)
        worker.work_off(NOW)
    assert not audit(ground, failures=True)


def test_unreachable_source_is_asked_by_one_probe(tmp_path: Path) -> None:
    """After three failures nobody asks until half a minute is over, then one asks; when it answers, all goes on."""
    ground = Ground(tmp_path, "sqlite:///monitor.db", models=3, windows=14)
    ground.make()
    with hand(ground) as worker:
        worker.work_off(NOW, PREPARE)
        hidden = (ground.folder / "logs.db").rename(ground.folder / "hidden.db")
        asked = worker.work_off(NOW)
        assert len(asked) == breakers.OPENS_AFTER
        assert {state for _, state in asked} == {"unreachable"}
        assert not worker.work_off(timedelta(seconds=20))
        assert len(worker.work_off(HALF_MINUTE)) == 1
        hidden.rename(ground.folder / "logs.db")
        worker.work_off(LATER, PREPARE)
        worker.work_off(TEN_MINUTES)
    assert not audit(ground, failures=True)


def _said(capsys: pytest.CaptureFixture[str], command: str, ground: Ground) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main([command, "-c", str(ground.file), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
