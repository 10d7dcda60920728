"""What a worker without work asks of its store: the same few statements, however many models there are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor.scheduler.worker import Worker
from monitor.service.enlist import enlist
from monitor.service.opening import opened
from monitor.store import claims, clock
from monitor.store.tables import chores, models
from tests.chaos.ground import Ground

MOST = 40  # statements of one tick and one claim, begin and settings included; none of them for each model


def statements(ground: Ground) -> int:
    """Count what one idle tick and one claim ask of the store."""
    asked: list[str] = []
    config = ground.config()
    with opened(config, writing=True) as store:
        worker = Worker(config, store)
        with store.read() as conn:
            now = clock.now(conn)
        worker.roll = enlist(config, store, now)
        with store.write() as conn:
            conn.execute(chores.update().values(due_at=now + timedelta(days=1)))
            conn.execute(models.update().values(grid_start=ground.start, materialised_until=now))
        event.listen(store.engine, "before_cursor_execute", lambda *found: asked.append(found[2]))
        worker.tick()
        with store.write() as conn:
            assert claims.claim(conn, "idle", clock.now(conn), timedelta(minutes=1), worker.roll.versions) is None
    return len(asked)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_idle_worker_asks_little(tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    """A tick and a claim take as many statements for thirty models as for two."""
    url = "sqlite:///monitor.db" if database == "sqlite" else request.getfixturevalue("durable")
    few = statements(Ground(tmp_path / "few", url, models=2, windows=1))
    many = statements(Ground(tmp_path / "many", url, models=30, windows=1))
    print(f"{database}: {many} statements")  # noqa: T201 - pytest shows it with -rP
    assert few == many <= MOST
