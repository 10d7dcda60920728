"""Labels in shuffled batches over a month, corrected and taken back: in the end as if all had been there at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import yaml

from monitor.config import load
from monitor.domain.measurement import Measurement
from monitor.service.job import open_job
from monitor.service.measuring.measure import measure
from monitor.service.opening import opened
from monitor.service.reference import pins
from monitor.service.reference.reference import resolve
from monitor.service.tiles.delay_curve import final_share
from monitor.service.windows import resweep
from monitor.store import measurements, runs
from tests.service.conftest import DAY, HOUR, START, World, empty_world, rows_of, truth_of

DAYS, BATCHES = 5, 20
BEGIN = START + DAYS * DAY
CLOSE = BEGIN + 31 * DAY
Step = Callable[[World], None]


@dataclass
class ServerWorld(World):
    """The same log in PostgreSQL."""

    url: str = ""

    def execute(self, sql: str, rows: Any = None) -> None:
        with psycopg.connect(self.url) as conn, conn.cursor() as cursor:
            if rows is None:
                cursor.execute(sql)
            else:
                cursor.executemany(sql.replace("?", "%s"), rows)


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Give a log of five days of which the reference, the first three, is labelled."""
    world = empty_world(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")
        world = ServerWorld(world.folder, world.model, url=url)
        world.model["source"]["url"] = url
        world.execute(
            "CREATE TABLE predictions (id TEXT PRIMARY KEY, at TIMESTAMPTZ, version TEXT, decided INTEGER,"
            " score FLOAT8, amount FLOAT8, place TEXT);"
            " CREATE TABLE outcomes (id TEXT, seen TIMESTAMPTZ, happened INTEGER)"
        )
    world.model["ground_truth_horizon"] = "30d"
    rows = rows_of(DAYS)
    world.predict(rows)
    world.label(truth_of(rows)[: 3 * 48])
    return world


def batches(world: World) -> list[tuple[datetime, Step]]:
    """Return when something happens to the log, and what: every label of the last two days, and worse."""
    rng = np.random.default_rng(13)
    rows = rows_of(DAYS)[3 * 48 :]
    truth = truth_of(rows)
    at = [BEGIN + timedelta(days=30 / BATCHES) * k + HOUR for k in range(BATCHES)]
    told = rng.permutation(np.arange(len(rows)) % BATCHES)
    steps: list[tuple[datetime, Step]] = []
    for k in range(BATCHES):
        mine = [truth[i] for i in np.flatnonzero(told == k)]
        labels = [(name, at[k] - HOUR / 2, y if rng.random() < 0.7 else 1 - y) for name, _, y in mine]
        before = np.flatnonzero(told < k)
        again = [truth[i] for i in rng.choice(before, 3, replace=False)] if k else []
        labels += [(name, at[k], y) for name, _, y in again]
        gone = str(rows[rng.integers(len(rows))][0])
        late = [(f"late{k}", rows[rng.integers(len(rows))][1], None, k % 2, 0.5, 10.0 + k, "B")]
        steps.append((at[k], lambda w, a=labels, b=gone, c=late, k=k: happen(w, a, b, c, k)))
    return steps


def happen(world: World, labels: list[Any], gone: str, late: list[Any], k: int) -> None:
    """Let labels come and change, and now and then a label or a prediction vanish or come late."""
    world.label(labels)
    if k % 4 == 1:
        world.execute("DELETE FROM outcomes WHERE id = ?", [(gone,)])
    if k % 5 == 2:
        world.predict(late)
    if k % 7 == 3:
        world.execute("DELETE FROM predictions WHERE id = ?", [(gone,)])


def on_request(world: World, now: datetime) -> None:
    """Look as ``monitor run --now`` does; once all is over, again, and nothing changes."""
    world.done(now)
    if now == CLOSE:
        again = world.done(now)
        assert (again.windows, again.revised) == (0, 0)


def on_schedule(world: World, now: datetime) -> None:
    """Look as a worker does: sweep the tiles whose turn it is, enter revisions, compute those that are due."""
    if not world.path.with_name("monitor.db").exists():
        world.done(now)
        return
    config = load(world.folder / "monitor.yaml")
    with opened(config, writing=True) as store:
        job = open_job(config.models[0], config, store, now, lambda *_: None)
        assert job is not None
        reference = resolve(job)
        swept = resweep.look(job, reference)
        with job.write() as conn:
            resweep.enter(conn, job, swept, now)
            due = runs.history(conn, job.model_id, statuses=["due"])
        assert [(run.window, run.revision, run.outcome.cause) for run in reversed(due)] == list(swept.revisions)
        expected = final_share(job)
        for run in due:
            measured = measure(job, reference, run.window, run.revision, expected=expected)
            outcome = replace(measured.outcome, cause=run.outcome.cause)
            with job.write() as conn:
                number = runs.insert_done(conn, job.model_id, run.window, run.revision, outcome, now=now)
                assert number == run.id
                measurements.insert_many(conn, job.model_id, number, measured.found)
        job.source.close()


def numbers(found: list[Measurement]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return measurements of the days that have rows, by what they are about."""
    return {
        (m.window_start, m.version, m.metric, m.column, str(m.group)): (m.value, m.low, m.high, m.n, m.provisional)
        for m in found
        if m.window_start < BEGIN
    }


def at_once(world: World) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Measure the log as it has become, with a store that never saw it before."""
    other = replace(world, folder=world.folder / "at_once")
    other.folder.mkdir()
    document = {"store": "sqlite:///monitor.db", "models": [world.model]}
    if not isinstance(world, ServerWorld):
        (other.folder / "logs.db").write_bytes(world.path.read_bytes())
    (other.folder / "monitor.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    other.done(CLOSE)
    return numbers(other.found())


def check(world: World) -> None:
    """Compare the final revisions with the log measured at once, and look at how they came about."""
    found, expected = numbers(world.found()), at_once(world)
    assert found.keys() == expected.keys()
    for key, values in found.items():
        *close, n, provisional = expected[key]
        assert values[3:] == (n, provisional), key
        for value, other in zip(values, close, strict=False):
            assert value == other or value == pytest.approx(other, rel=1e-12, abs=1e-12), key
    ledger = world.ledger(every=True)
    assert max(run.revision for run in ledger) <= 5
    assert all(run.outcome.closed and not run.outcome.provisional for run in world.ledger() if run.window.start < BEGIN)
    kept = {(m.window_start, m.revision) for m in world.found(metric="row_count", all_revisions=True)}
    assert kept == {(run.window.start, run.revision) for run in ledger}, "an older revision is gone"


@pytest.mark.parametrize("looked", [on_request, on_schedule])
def test_shuffled_labels_end_as_if_they_had_come_at_once(log: World, looked: Callable[[World, datetime], None]) -> None:
    """Twenty batches over thirty days with corrections, deletions and late rows: counts are equal, values to 1e-12."""
    looked(log, BEGIN)
    for at, step in batches(log):
        step(log)
        looked(log, at)
    looked(log, CLOSE)
    check(log)
    causes = {run.outcome.cause for run in log.ledger(every=True)}
    assert {"closed", "coverage" if looked is on_schedule else "late_rows"} <= causes


@pytest.mark.parametrize("looked", [on_request, on_schedule])
def test_a_forgotten_batch_is_noticed(
    tmp_path: Path, looked: Callable[[World, datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above turns red when the last look counts nothing again: so it proves something."""
    world = empty_world(tmp_path)
    world.model["ground_truth_horizon"] = "30d"
    rows = rows_of(DAYS)
    world.predict(rows)
    world.label(truth_of(rows)[:150])
    looked(world, BEGIN)
    world.label(truth_of(rows)[150:])
    for module in (pins, resweep):
        monkeypatch.setattr(module, "sweep", lambda *_: set())
    looked(world, CLOSE)
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        check(world)
