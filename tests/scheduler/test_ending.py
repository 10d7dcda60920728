"""Whatever a compute process answers, the ledger and the log are told what became of the window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import structlog

from monitor import telemetry
from monitor.domain.window import Window
from monitor.scheduler.ending import buried, ended, given_back
from monitor.scheduler.reply import Kind, Reply
from monitor.service.enlist import enlist
from monitor.store import claims, clock, due, model_counters, models, runs
from monitor.store.engine import Store
from monitor.store.lease import Lease
from monitor.store.runs import Run
from monitor.store.tables import chores
from tests.scheduler.conftest import HOUR, Configure

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def out() -> Iterator[StringIO]:
    """Give what is logged."""
    found = StringIO()
    telemetry.configure(found, human=False, level=10)
    yield found
    structlog.reset_defaults()


@pytest.fixture
def lease(store: Store, configured: Configure) -> Lease:
    """Give a leased window."""
    roll = enlist(configured(), store, NOON)
    with store.write() as conn:
        conn.execute(chores.delete())
        [model_id] = roll.models
        due.enter(conn, model_id, [Window(NOON, NOON + HOUR)], claims.FRESH, NOON)
        found = claims.claim(conn, "w", clock.now(conn), HOUR, roll.versions)
    assert found is not None
    return found


def the_run(store: Store) -> Run:
    """Return the only row of the ledger."""
    with store.read() as conn:
        [run] = runs.history(conn)
    return run


def said(out: StringIO) -> list[tuple[str, str]]:
    """Return level and event of what was logged."""
    return [(line["level"], line["event"]) for line in map(json.loads, out.getvalue().splitlines())]


@pytest.mark.parametrize(
    ("kind", "status", "attempts", "deaths", "level", "source"),
    [
        ("failed", "due", 1, 0, "error", None),
        ("source", "due", 1, 0, "error", "timeout"),
        ("memory", "due", 0, 1, "error", None),
        ("store", "due", 0, 0, "warning", None),
        ("later", "due", 0, 0, "warning", None),
        ("stale", "leased", 0, 0, "warning", None),
    ],
)
def test_answers(
    store: Store, lease: Lease, out: StringIO, kind: Kind, status: str, attempts: int, deaths: int, level: str,
    source: str | None,
) -> None:  # fmt: skip
    """Faults of the model or its source count as attempts, deaths as deaths, those of our own database as nothing."""
    ended(store, lease, Reply(kind, "timeout" if source else kind, "what happened"), telemetry.logger())
    run = the_run(store)
    assert (run.status, run.attempts, run.deaths) == (status, attempts, deaths)
    assert [word for word, _ in said(out)] == [level]
    with store.read() as conn:
        stored = models.get(conn, lease.model_id)
        assert stored is not None
        assert stored.source_state == source
        counted = model_counters.every(conn).get(lease.model_id, {})
    assert counted == {"memory": {"child_deaths": 1}, "stale": {"stale_fences": 1}}.get(kind, {})
    if status == "due" and kind != "stale":
        assert run.owner is None
        assert run.next_attempt_at is not None


def test_done_needs_no_more(store: Store, lease: Lease, out: StringIO) -> None:
    """What the child has committed itself is only logged."""
    ended(store, lease, Reply("done", seconds=0.5), telemetry.logger())
    assert said(out) == [("info", "done")]


def test_work_given_back_is_due_at_once(store: Store, lease: Lease, out: StringIO) -> None:
    """A worker that ends hands its window on untouched."""
    given_back(store, lease, telemetry.logger())
    run = the_run(store)
    assert (run.status, run.owner, run.attempts, run.deaths, run.next_attempt_at) == ("due", None, 0, 0, None)
    given_back(store, lease, telemetry.logger())
    assert said(out) == [("info", "given back"), ("info", "done or taken over while stopping")]


def test_the_third_death_is_a_quarantine(store: Store, lease: Lease, out: StringIO) -> None:
    """A window whose process has died three times is left alone, and the log says what lifts it."""
    held: Lease | None = lease
    for death in range(3):
        assert held is not None
        buried(store, held, "killed by SIGSEGV", telemetry.logger())
        with store.write() as conn:
            later = clock.now(conn) + timedelta(hours=1 + death)
            stored = models.get(conn, lease.model_id)
            assert stored is not None
            held = claims.claim(conn, "w", later, HOUR, {stored.config_version_id or 0})
    assert held is None
    assert the_run(store).status == "quarantined"
    assert said(out)[-1] == ("error", "quarantined: `monitor retry` lifts it")
