"""Commands and workers in each other's way on PostgreSQL: nobody fails, and no two wait for each other in a ring."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext

from monitor.config import Config
from monitor.domain.window import Window
from monitor.errors import MonitorError, StaleLeaseError
from monitor.scheduler.ending import ended
from monitor.scheduler.work import work
from monitor.service import apply
from monitor.service.enlist import enlist
from monitor.service.notices.announce import announce
from monitor.service.promote import promote, undo
from monitor.service.retention.prune import prune_models
from monitor.service.run import Span, run
from monitor.service.windows.materialise import materialise
from monitor.service.windows.retry import retry_windows
from monitor.service.workbench import Workbench
from monitor.store import claims, clock, due, measurements, models, runs
from monitor.store.engine import Store, open_store
from monitor.telemetry import logger
from tests.service.conftest import DAY, START, World, rows_of, truth_of
from tests.service.test_promote import desk

NOW = START + 12 * DAY
ROUNDS = 2
PLANT = """
CREATE SEQUENCE planted_{table};
CREATE FUNCTION plant_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('planted_{table}') <= 1 THEN RAISE EXCEPTION 'planted' USING ERRCODE = '40P01'; END IF;
  RETURN NULL; END $$;
CREATE TRIGGER plant AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION plant_{table}();
"""
WRITTEN = (
    "models", "config_versions", "reference_profiles", "tiles", "tile_facts", "arrivals", "runs", "series",
    "measurements", "verdicts", "changes",
)  # fmt: skip


@pytest.fixture
def elsewhere(world: World, postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a world with twelve days, whose store is on PostgreSQL and finds rings at once."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        for setting in ("synchronous_commit = on", "deadlock_timeout = '20ms'"):
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET {setting}")
    monkeypatch.setenv("MONITOR_STORE", postgres_database)
    rows = rows_of(12)
    world.predict(rows)
    world.label(truth_of(rows))
    return world


def test_a_run_survives_being_undone(elsewhere: World, postgres_database: str) -> None:
    """Whatever table it writes first: undone there once, a run and a promotion leave what they always leave."""
    with desk(elsewhere):
        pass  # makes the tables
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        for table in WRITTEN:
            connection.execute(PLANT.format(table=table))
    with desk(elsewhere) as (config, store):
        found = run(config, store, now=NOW)
        assert [(one.error, one.windows, one.left) for one in found] == [(None, 12, 0)]
        assert promote(config, store, "m", Window(START + 5 * DAY, START + 8 * DAY), NOW).changed
        _demand_whole(store, 12)
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        times = [connection.execute(f"SELECT last_value FROM planted_{table}").fetchone() for table in WRITTEN]
    assert all(number is not None and number[0] > 1 for number in times), times


@dataclass
class Crowd:
    """Hands that do one thing each again and again, at the same time, each with a store of its own."""

    config: Config
    rings: Counter[str] = field(default_factory=Counter)
    failed: list[BaseException] = field(default_factory=list)

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """Open a store that counts what PostgreSQL undoes."""
        store = open_store(self.config.store, folder=self.config.folder)
        event.listen(store.engine, "handle_error", self._count)
        try:
            yield store
        finally:
            store.close()

    def _count(self, context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) == "40P01":
            self.rings[f"{context.statement} <- {context.original_exception}"] += 1

    def work(self, tasks: dict[Callable[[Store], object], int]) -> None:
        """Do each task so often, all at once."""
        threads = [threading.Thread(target=self._repeat, args=task) for task in tasks.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _repeat(self, task: Callable[[Store], object], times: int) -> None:
        try:
            with self.opened() as store:
                for _ in range(times):
                    task(store)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            self.failed.append(error)


def test_nobody_waits_in_a_ring(elsewhere: World) -> None:
    """Runs, backfills, promotions, ticks, workers, retries, prunings and changed files all come through."""
    elsewhere.more = [{**elsewhere.model, "name": name} for name in ("a", "z")]
    with desk(elsewhere) as (config, store):
        roll = enlist(config, store, NOW)
        run(config, store, now=START + 6 * DAY)
        store.transact(_fail_rest)
    other = config.model_copy(update={"models": list(reversed(config.models))})
    changed = config.model_copy(
        update={"models": [one.model_copy(update={"delay": timedelta(hours=1)}) for one in reversed(config.models)]}
    )
    crowd = Crowd(config)
    restated = Span(START + 2 * DAY, START + 6 * DAY, restate=True)

    def promote_and_back(store: Store) -> None:
        promote(config, store, "m", Window(START + 5 * DAY, START + 8 * DAY), NOW)
        with suppress(MonitorError):
            undo(config, store, "m", NOW)

    def tick(store: Store) -> None:
        with store.write() as conn:
            now = clock.now(conn)
            claims.reclaim(conn, now)
        materialise(store, roll.models, NOW)
        announce(store, config, roll.models)

    def retry_failed(store: Store) -> None:
        for model_id in roll.models:
            store.transact(partial(due.again, model_id=model_id, states=("timeout",)))
        retry_windows(store, list(config.models))

    crowd.work(
        {
            lambda store: run(config, store, now=NOW): ROUNDS,
            lambda store: run(other, store, now=NOW, span=Span(START + 3 * DAY, START + 10 * DAY)): ROUNDS,
            lambda store: run(config, store, now=NOW, span=restated): ROUNDS,
            promote_and_back: ROUNDS,
            tick: 10 * ROUNDS,
            lambda store: _work_off(config, store): ROUNDS,
            lambda store: _work_off(config, store): ROUNDS,
            retry_failed: 5 * ROUNDS,
            lambda store: prune_models(config, store, NOW): ROUNDS,
            lambda store: enlist(other, store, NOW): 5 * ROUNDS,
            lambda store: (apply.apply(changed, store, NOW), apply.apply(config, store, NOW)): 5 * ROUNDS,
        }
    )
    assert not crowd.failed, crowd.failed
    assert not crowd.rings, crowd.rings
    with desk(elsewhere) as (config, store):
        found = run(config, store, now=NOW)
        assert [one.error for one in found] == [None] * 3
        _demand_whole(store, 12)


def _fail_rest(conn: Connection) -> None:
    """Let the windows that are left have failed for a worker."""
    for model in models.every(conn):
        for day in range(6, 12):
            window = Window(START + day * DAY, START + (day + 1) * DAY)
            runs.insert_failed(conn, model.id, window, 0, state="timeout", error="", now=NOW)


def _work_off(config: Config, store: Store) -> None:
    """Do what is due as a worker would, a window that is due later at once."""
    roll = enlist(config, store, datetime.now(UTC))
    bench = Workbench(config, store)
    for _ in range(8):
        lease = store.transact(
            lambda conn: claims.claim(
                conn, f"w{threading.get_ident()}", clock.now(conn), timedelta(minutes=1), roll.versions
            )
        )
        if lease is None:
            return
        reply = work(bench, roll.models, lease)
        assert reply.kind in ("done", "stale", "later"), reply
        with suppress(StaleLeaseError):
            ended(store, lease, reply, logger())


def _demand_whole(store: Store, windows: int) -> None:
    """Demand that every window of every model is done once a revision, with all of its numbers."""
    with store.read() as conn:
        for model in models.every(conn):
            done = [one for one in runs.history(conn, model.id) if one.status == "done"]
            days = [(one.window.start - START).days for one in done if one.revision == 0]
            assert Counter(day for day in days if day < windows) == Counter(range(windows))  # workers look beyond
            found = list(measurements.query(conn, model=model.name, all_revisions=True))
            keys = Counter((m.window_start, m.revision, m.metric, m.column, m.version, str(m.group)) for m in found)
            assert set(keys.values()) == {1}
            numbers = Counter((m.window_start, m.revision) for m in found)
            assert numbers.keys() == {(one.window.start, one.revision) for one in done}
