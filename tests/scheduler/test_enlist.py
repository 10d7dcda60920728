"""Enlisting, and how the faults of a source are noted for all models that read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from monitor.domain.window import Window
from monitor.errors import SourceError
from monitor.service import health
from monitor.service.enlist import enlist, source_key
from monitor.store import breakers, claims, due, models, runs, settle
from monitor.store.engine import Store
from monitor.store.models import StoredModel
from monitor.store.tables import chores
from tests.scheduler.conftest import HOUR, Configure

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
DOWN = SourceError("nobody listens", "start it", state="unreachable")
GONE = SourceError("no table p", "make it", state="missing_table")


def stored(store: Store, name: str) -> StoredModel:
    """Return a model as the store knows it."""
    with store.read() as conn:
        found = models.find(conn, name)
    assert found is not None
    return found


def test_models_are_registered_and_looked_at(store: Store, configured: Configure) -> None:
    """Every model gets its first look at once; enlisting again changes nothing but to look again."""
    config = configured({"name": "a"}, {"name": "b"})
    roll = enlist(config, store, NOON)
    assert [model.name for model in roll.models.values()] == ["a", "b"]
    assert [change.kind for change in roll.changes] == ["added", "added"]
    again = enlist(config, store, NOON + HOUR)
    assert again.versions == roll.versions
    assert {change.kind for change in again.changes} == {"unchanged"}
    with store.read() as conn:
        assert {tuple(row) for row in conn.execute(select(chores.c.kind, chores.c.due_at))} == {("prepare", NOON)}


def test_a_source_is_known_without_its_password(configured: Configure) -> None:
    """Models that read one database share its breaker, whatever their passwords; two databases are two."""
    [block] = configured().models

    def key(url: str) -> str:
        return source_key(block.model_copy(update={"source": block.source.model_copy(update={"url": url})}))

    assert key("postgresql://me:one@db/logs") == key("postgresql://me:two@db/logs")
    assert key("postgresql://me:one@db/logs") != key("postgresql://me:one@db/other")


def test_since_when_a_source_fails(store: Store, configured: Configure) -> None:
    """The beginning of a fault is kept while looks go on to find it, and anew when another one takes its place."""
    enlist(configured(), store, NOON)
    for minutes, error in ((0, GONE), (5, GONE), (9, DOWN)):
        with store.write() as conn:
            health.faulted(conn, stored(store, "m"), error, NOON + timedelta(minutes=minutes))
        found = stored(store, "m")
        assert found.source_checked_at == NOON + timedelta(minutes=minutes)
        assert found.source_since == NOON + timedelta(minutes=9 if error is DOWN else 0)
    with store.write() as conn:
        health.answered(conn, stored(store, "m"), NOON + HOUR)
    assert (stored(store, "m").source_state, stored(store, "m").source_since) == (None, NOON + HOUR)


def test_only_a_server_that_fails_is_left_alone(store: Store, configured: Configure) -> None:
    """Three failures of a server open its breaker, ever longer; a table that is gone concerns one model alone."""
    enlist(configured(), store, NOON)
    with store.write() as conn:
        model = stored(store, "m")
        assert not any(health.faulted(conn, model, GONE, NOON) for _ in range(5))
        opened = [health.faulted(conn, model, DOWN, NOON) for _ in range(8)]
        [breaker] = breakers.every(conn).values()
    assert opened == [False, False, True, True, True, True, True, True]
    assert (breaker.state, breaker.failures, breaker.retry_at) == ("unreachable", 8, NOON + timedelta(minutes=5))


def test_what_failed_for_want_of_the_source_is_due_again(store: Store, configured: Configure) -> None:
    """Once a server answers one model, the failed windows of every model that reads it are due again, no others."""
    roll = enlist(configured({"name": "a"}, {"name": "b"}), store, NOON)
    window, other = Window(NOON, NOON + HOUR), Window(NOON + HOUR, NOON + 2 * HOUR)
    with store.write() as conn:
        for model_id in roll.models:
            due.enter(conn, model_id, [window, other], claims.FRESH, NOON)
        for hour in range(8):
            now = NOON + hour * HOUR
            for state in ("unreachable", "failed"):
                for _ in roll.models:
                    conn.execute(chores.delete())  # windows only
                    lease = claims.claim(conn, "w", now, HOUR, roll.versions)
                    if lease is not None:
                        assert lease.run is not None
                        mine = "unreachable" if lease.run.window == window else "failed"
                        settle.fail(conn, lease, mine, state, now)
        for name in ("a", "b"):
            health.faulted(conn, stored(store, name), DOWN, NOON)
        assert {run.status for run in runs.history(conn)} == {"failed"}
    with store.write() as conn:
        again = health.answered(conn, stored(store, "a"), NOON + 9 * HOUR)
        statuses = {(run.model_id, run.window): run.status for run in runs.history(conn)}
    assert again == 2
    assert {status for (_, w), status in statuses.items() if w == window} == {"due"}
    assert {status for (_, w), status in statuses.items() if w == other} == {"failed"}
