"""What an idle scheduler costs: one tick and one claim over 200 models that have nothing due.

``python -m benchmarks.idle``: the median of several ticks on SQLite, and on the PostgreSQL of MONITOR_TEST_POSTGRES.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import yaml

from monitor.config import load
from monitor.scheduler.worker import Worker
from monitor.service.enlist import enlist
from monitor.service.opening import opened
from monitor.store import claims, clock
from monitor.store.tables import chores, models

MODELS = 200
TICKS = 30
BAR = 0.05  # seconds


def idle(folder: Path, url: str) -> float:
    """Return how long one tick and one claim take, in seconds."""
    source = {
        "url": "sqlite:///logs.db",
        "predictions": {"table": "t", "id": "id", "time": "at", "prediction": "said"},
    }
    found = [{"name": f"m{i}", "task": "regression", "source": source} for i in range(MODELS)]
    file = folder / "monitor.yaml"
    file.write_text(yaml.safe_dump({"store": url, "models": found}), encoding="utf-8")
    config = load(file)
    with opened(config, writing=True) as store:
        worker = Worker(config, store)
        with store.write() as conn:
            now = clock.now(conn)
        worker.roll = enlist(config, store, now)
        with store.write() as conn:  # every model has been looked at and has no window due for an hour
            conn.execute(chores.update().values(due_at=now + timedelta(days=1)))
            conn.execute(models.update().values(grid_start=now - timedelta(days=1), materialised_until=now))
        taken = []
        for _ in range(TICKS):
            begun = time.perf_counter()
            worker.tick()
            with store.write() as conn:
                claims.claim(conn, "idle", clock.now(conn), timedelta(minutes=1), worker.roll.versions)
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> int:
    urls = {"SQLite": "sqlite:///monitor.db", "PostgreSQL": os.environ.get("MONITOR_TEST_POSTGRES")}
    worst = 0.0
    for name, url in urls.items():
        if url is None:
            print(f"{name}: left out, MONITOR_TEST_POSTGRES names none")
            continue
        with tempfile.TemporaryDirectory() as folder:
            seconds = idle(Path(folder), url)
        worst = max(worst, seconds)
        print(
            f"{name}: an idle tick and claim over {MODELS} models take {seconds * 1000:.1f} ms (bar {BAR * 1000:.0f})"
        )
    return int(worst > BAR)


if __name__ == "__main__":
    sys.exit(main())
