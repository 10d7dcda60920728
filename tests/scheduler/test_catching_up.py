"""What a worker makes of a store that `monitor run` filled some time ago."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from monitor.service.opening import opened
from monitor.service.run import run
from monitor.store import models, runs
from monitor.store.lease import PREPARE
from tests.chaos.ground import HOUR, Ground
from tests.chaos.test_source_faults import NOW, hand


def test_no_window_is_forgotten(tmp_path: Path) -> None:
    """Windows since the last run that lie behind `catchup_window` are skipped and counted, as after a pause."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 40 * HOUR
    reach = {"catchup_window": "5h"}
    ground = Ground(tmp_path, "sqlite:///monitor.db", models=1, windows=40, start=start, more=reach)
    config = ground.config()
    with opened(config, writing=True) as store:
        [done] = run(config, store, now=start + 20 * HOUR)
    assert done.error is None
    with hand(ground) as worker:
        worker.work_off(NOW, PREPARE)
        with worker.store.read() as conn:
            model = models.find(conn, "m0")
            assert model is not None
            found = {run.window.start: run.status for run in runs.history(conn, model.id)}
    assert [start + n * HOUR for n in range(40)] == sorted(found)[:40]
    counted = Counter(found.values())
    assert counted["done"] == 20
    assert counted["skipped"] in (14, 15)  # an hour may end meanwhile
    assert counted["due"] in (5, 6)
