"""Windows that were given up get a second chance, on request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from monitor.errors import UsageError
from monitor.service.windows.retry import retry_windows
from monitor.store.retry import Lifted
from monitor.store.tables import chores, models, runs, sources
from tests.service.conftest import DAY, START, World
from tests.service.test_promote import desk, shifted
from tests.service.test_restate import NOW, placed, write


def retried(world: World, **asked: Any) -> Lifted:
    """Retry the windows of the one model."""
    with desk(world) as (config, store):
        (done,) = retry_windows(store, list(config.models), **asked)
    return done.lifted


@pytest.fixture
def given_up(world: World) -> World:
    """Give a ledger with a window of each fate, the first four days done."""
    shifted(world).done(START + 4 * DAY)
    later = datetime.now(UTC) + DAY
    placed(world, "failed", 4, attempts=4, error="away", error_state="unreachable")
    placed(world, "quarantined", 5, deaths=3, error="killed", error_state="crashed")
    placed(world, "skipped", 6, cause="catchup")
    placed(world, "due", 7, attempts=2, next_attempt_at=later, error="away", error_state="unreachable")
    write(world, insert(chores).values(model_id=1, kind="sweep", due_at=later, attempts=7, error_state="timeout"))
    write(world, insert(sources).values(key="k", failures=5, retry_at=later))
    write(world, update(models).values(source_key="k"))
    return world


def test_failed_and_quarantined_windows_are_due_again(given_up: World) -> None:
    """Their attempts and deaths are forgotten; what was skipped on purpose or is done stays."""
    assert retried(given_up) == Lifted(failed=1, quarantined=1, waiting=1)
    found = given_up.read(lambda conn: conn.execute(select(runs).order_by(runs.c.window_start)).all())
    assert [r.status for r in found] == ["done"] * 4 + ["due", "due", "skipped", "due"]
    clean = {(r.attempts, r.deaths, r.error, r.error_state, r.next_attempt_at) for r in found[4:6]}
    assert clean == {(0, 0, None, None, None)}
    assert retried(given_up) == Lifted()


def test_what_stands_in_the_way_is_tried_at_once(given_up: World) -> None:
    """The model's failed chores are due, and its source is not left alone any longer."""
    retried(given_up)
    chore, source = given_up.read(
        lambda conn: (conn.execute(select(chores)).one(), conn.execute(select(sources)).one())
    )
    assert chore.due_at <= datetime.now(UTC)
    assert (chore.attempts, source.retry_at, source.failures) == (0, None, 5)


@pytest.mark.parametrize("asked", [{"every": True}, {"start": "2024-03-07"}, {"end": "2024-03-08"}])
def test_skipped_windows_are_lifted_when_they_are_named(given_up: World, asked: dict[str, Any]) -> None:
    """By their interval or by all; they stand behind what is due today."""
    assert retried(given_up, **asked).skipped == 1
    found = given_up.read(lambda conn: conn.execute(select(runs).where(runs.c.window_start == START + 6 * DAY)).one())
    assert (found.status, found.cause, found.priority) == ("due", None, 2)


def test_only_windows_inside_the_interval_are_lifted(given_up: World) -> None:
    """A window that reaches out of it is left; instants are local and in order."""
    assert retried(given_up, start="2024-03-05T12:00", end="2024-03-08") == Lifted(quarantined=1, skipped=1)
    with pytest.raises(UsageError, match="is not after"):
        retried(given_up, start="2024-03-06", end="2024-03-05")


def test_a_run_computes_them_without_being_asked_to(given_up: World) -> None:
    """``run`` needs no retry: it takes over whatever is not done."""
    assert given_up.done(NOW).windows == 4


def test_a_model_that_is_not_in_the_store_has_nothing_to_retry(world: World) -> None:
    """A new model in the file is no fault."""
    assert retried(world) == Lifted()
