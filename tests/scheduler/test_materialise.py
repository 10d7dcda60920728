"""Windows come due by the calendar alone, once, by whichever replica; a policy says what of the missed is computed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.config import Config
from monitor.service.enlist import enlist
from monitor.service.windows.catch_up import NEWEST, PUNCTUAL
from monitor.service.windows.materialise import Entered, came_due, materialise
from monitor.store import due, model_counters, models, runs
from monitor.store.claims import BACKLOG, FRESH
from monitor.store.engine import Store
from monitor.store.runs import Run
from tests.scheduler.conftest import DAY, HOUR, Configure

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def begun(store: Store, config: Config, until: datetime) -> dict[int, Any]:
    """Enlist models whose windows stand in the ledger up to an instant."""
    roll = enlist(config, store, until)
    with store.write() as conn:
        for model_id in roll.models:
            due.begin(conn, model_id, until)
            due.advance(conn, model_id, until)
    return dict(roll.models)


def entered(store: Store) -> list[Run]:
    """Return the ledger, oldest window first."""
    with store.read() as conn:
        return sorted(runs.history(conn), key=lambda run: run.window)


def test_a_model_not_looked_at_yet_has_no_windows(store: Store, configured: Configure) -> None:
    """Before the first look at a log nobody knows where its windows begin: a tick enters nothing."""
    roll = enlist(configured(), store, NOON)
    assert materialise(store, roll.models, NOON + 30 * DAY) == Entered()


def test_every_window_once(store: Store, configured: Configure) -> None:
    """Ticks at any moments, by several replicas, enter each hour once, when its end and the delay have passed."""
    models_ = begun(store, configured({"delay": "10m"}), NOON)
    for minutes in (0, 69, 70, 70, 71, 190, 190, 130):
        materialise(store, models_, NOON + timedelta(minutes=minutes))
    assert [run.window.start for run in entered(store)] == [NOON, NOON + HOUR, NOON + 2 * HOUR][:3]
    assert {run.status for run in entered(store)} == {"due"}


def test_two_replicas_at_once(store: Store, configured: Configure) -> None:
    """A replica that had looked before the other one wrote enters nothing twice and takes nothing back."""
    models_ = begun(store, configured(), NOON)
    [(model_id, config)] = models_.items()
    stale = came_due(config, NOON, NOON + 2 * HOUR)
    assert materialise(store, models_, NOON + 5 * HOUR).due == 5
    from monitor.service.windows.materialise import enter

    with store.write() as conn:
        assert enter(conn, model_id, stale, NOON) == Entered()
        stored = models.get(conn, model_id)
    assert stored is not None
    assert stored.materialised_until == NOON + 5 * HOUR


@pytest.mark.parametrize(
    ("policy", "down", "computed", "skipped"),
    [
        ("all", 72 * HOUR, 72, 0),
        ("latest", 72 * HOUR, 1, 71),
        ("none", 72 * HOUR + PUNCTUAL + timedelta(minutes=1), 0, 72),
        ("none", 72 * HOUR, 1, 71),  # the last one has only just come due: it was not missed
        ("latest", HOUR, 1, 0),
        ("none", HOUR, 1, 0),
        ("all", 10 * DAY, 7 * 24, 3 * 24),  # catchup_window is seven days
        ("latest", 10 * DAY, 1, 239),
    ],
)
def test_catch_up(
    store: Store, configured: Configure, policy: str, down: timedelta, computed: int, skipped: int
) -> None:
    """After a time without workers the policy says what is computed; the rest stands in the ledger, counted."""
    models_ = begun(store, configured({"catchup": policy}), NOON)
    assert materialise(store, models_, NOON + down) == Entered(computed, skipped)
    found = entered(store)
    assert [run.status for run in found] == ["skipped"] * skipped + ["due"] * computed
    assert all(run.outcome.cause == "catchup" for run in found if run.status == "skipped")
    with store.read() as conn:
        [model_id] = models_
        assert model_counters.every(conn).get(model_id, {}) == ({"windows_skipped": skipped} if skipped else {})
    assert materialise(store, models_, NOON + down) == Entered()


def test_the_newest_come_first(store: Store, configured: Configure) -> None:
    """The newest windows are marked to be computed before the backlog."""
    models_ = begun(store, configured(), NOON)
    materialise(store, models_, NOON + 20 * HOUR)
    assert [run.priority for run in entered(store)] == [BACKLOG] * (20 - NEWEST) + [FRESH] * NEWEST


@pytest.mark.parametrize(
    ("midnight", "hours"),
    [("2024-03-31T00:00+01:00", 23), ("2024-10-27T00:00+02:00", 25), ("2024-06-01T00:00+02:00", 24)],
)
def test_days_of_the_clocks_change(store: Store, configured: Configure, midnight: str, hours: int) -> None:
    """A local day is due at its own end, after 23 or 25 hours when the clocks change, and follows the day before."""
    begins = datetime.fromisoformat(midnight).astimezone(UTC)
    models_ = begun(store, configured({"window": "1d", "window_timezone": "Europe/Berlin"}), begins)
    assert materialise(store, models_, begins + hours * HOUR - timedelta(microseconds=1)) == Entered()
    assert materialise(store, models_, begins + hours * HOUR) == Entered(due=1)
    [run] = entered(store)
    assert (run.window.start, run.window.length) == (begins, hours * HOUR)


def test_rolling_windows(store: Store, configured: Configure) -> None:
    """A rolling window is due with each step and reaches back before the grid's beginning."""
    midnight = NOON.replace(hour=0)
    models_ = begun(store, configured({"window": {"size": "7d", "every": "1d"}}), midnight)
    materialise(store, models_, midnight + 2 * DAY)
    assert [(run.window.start, run.window.end) for run in entered(store)] == [
        (midnight - 6 * DAY, midnight + DAY), (midnight - 5 * DAY, midnight + 2 * DAY),
    ]  # fmt: skip


def test_a_model_taken_from_the_file_gets_no_windows(store: Store, configured: Configure) -> None:
    """A model that is no longer monitored has nothing to come due."""
    models_ = begun(store, configured(), NOON)
    with store.write() as conn:
        assert models.retire(conn, "m", NOON)
    assert materialise(store, models_, NOON + DAY) == Entered()
