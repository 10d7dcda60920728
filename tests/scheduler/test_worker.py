"""A worker on a SQLite store: what is due gets done, faults are told, no secret is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from monitor import telemetry
from monitor.config import Config, load
from monitor.scheduler.worker import Worker
from monitor.service.opening import opened
from monitor.service.secrets import cleaner
from monitor.store import models, runs
from monitor.store.engine import Store
from tests.scheduler.conftest import HASTE, work
from tests.service.conftest import DAY, START, World, rows_of, truth_of

CANARY = "c4n4ry-p4ss"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Give what is logged as JSON."""
    out = StringIO()
    yield out
    structlog.reset_defaults()


def configured(world: World, *more: dict[str, Any]) -> Config:
    """Write the file and read it."""
    document = {"store": "sqlite:///monitor.db", "models": [world.model, *more]}
    file = world.folder / "monitor.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load(file)


def statuses(store: Store, name: str = "m") -> list[str]:
    """Return the statuses of a model's windows, oldest first."""
    with store.read() as conn:
        found = models.find(conn, name)
        return [run.status for run in reversed(runs.history(conn, found.id))] if found else []


def told(log: StringIO, event: str) -> list[dict[str, Any]]:
    """Return the events of one kind that were logged."""
    return [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == event]


def test_what_is_due_gets_done(world: World, log: StringIO) -> None:
    """A worker does every window of a log once, the newest first, with the numbers of a run."""
    rows = rows_of(9)
    world.predict(rows)
    world.label(truth_of(rows))
    world.model["catchup_window"] = "1d"
    config = configured(world)
    telemetry.configure(log, level=10)
    with opened(config, writing=True) as store:
        work(Worker(config, store, pace=HASTE), lambda: statuses(store)[:9] == ["done"] * 9)
    done = [line for line in told(log, "done") if line["work"] == "window" and line["window"] < "2025"]
    assert [line["level"] for line in done] == ["info"] * 6 + ["debug"] * 3
    assert [line["window"][:10] for line in done] == [f"2024-03-{day:02}" for day in (9, 8, 7, 6, 5, 4, 1, 2, 3)]
    assert all({"run", "revision", "seconds", "model", "worker"} <= line.keys() for line in done)
    mine = {at: value for at, value in world.values("roc_auc").items() if at < START + 9 * DAY}
    (world.folder / "monitor.db").unlink()
    world.done(START + 9 * DAY)
    assert world.values("roc_auc") == mine
    assert len(mine) == 9


def test_faults_without_secrets(world: World, log: StringIO, unused_tcp_port: int) -> None:
    """A source that cannot be reached is named with its cure, other models go on, and no line holds the password."""
    world.predict(rows_of(4))
    url = f"postgresql://me:{CANARY}@127.0.0.1:{unused_tcp_port}/logs?sslmode=disable&options=-csearch_path%3Dx"
    broken = world.model | {"name": "broken", "source": world.model["source"] | {"url": url}}
    config = configured(world, broken)
    telemetry.configure(log, level=10, clean=cleaner(config))

    def state(store: Store) -> str | None:
        with store.read() as conn:
            found = models.find(conn, broken["name"])
        return found.source_state if found else None

    with opened(config, writing=True) as store:
        work(
            Worker(config, store, pace=HASTE),
            lambda: bool(state(store)) and "due" not in statuses(store) and "done" in statuses(store),
        )
        with store.read() as conn:
            kept = "".join(str(one) for one in models.every(conn))
    [failed, *_] = told(log, "failed")
    assert (failed["model"], failed["state"], failed["level"]) == (broken["name"], "unreachable", "error")
    assert failed["hint"]
    assert CANARY not in log.getvalue() + kept
    assert CANARY in Path(config.file).read_text()


def test_a_password_that_came_by_a_reload_is_hidden_too(world: World, log: StringIO) -> None:
    """Once the file was read again no line holds the passwords of either file."""
    both = [
        {"source": world.model["source"] | {"url": f"mysql://me:{word}@127.0.0.1/logs"}} for word in ("b3fore", CANARY)
    ]
    old, new = (world.model | {"name": f"far{at}"} | one for at, one in enumerate(both))
    config = configured(world, old)
    telemetry.configure(log, level=10, clean=cleaner(config))
    with opened(config, writing=True) as store:
        worker = Worker(config, store, pace=HASTE)
        configured(world, new)
        worker.reload()
        telemetry.logger().info(f"{CANARY} is no longer b3fore")
    assert "*** is no longer ***" in log.getvalue()


def test_a_second_scheduler_is_refused(world: World) -> None:
    """A SQLite store takes one worker; the second ends with the reason and does nothing."""
    config = configured(world)
    with opened(config, writing=True) as store:
        telemetry.configure(StringIO())
        from monitor.errors import StoreError
        from monitor.scheduler.lock import sole_scheduler

        with sole_scheduler(store), pytest.raises(StoreError, match="Another scheduler"):
            Worker(config, store, pace=HASTE).run()
    structlog.reset_defaults()
