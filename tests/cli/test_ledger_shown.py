"""What ``status`` and ``runs`` say of windows that are due, being computed, given up or skipped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from monitor.config import load
from monitor.domain.window import Window
from monitor.errors import SourceError
from monitor.service import health
from monitor.service.enlist import enlist
from monitor.store import claims, due, model_counters, models, settle
from monitor.store.engine import open_store
from tests.cli.conftest import NOW, Desk

DAY = timedelta(days=1)
TEN = datetime(2024, 3, 10, tzinfo=UTC)
AT = datetime.fromisoformat(NOW)
EVIL = "\x1b[2Jwiped\nhint"


@contextmanager
def ledger(desk: Desk) -> Iterator[tuple[Connection, int]]:
    """Write into the store as a worker would: give a transaction and the model's number."""
    config = load(desk.folder / "monitor.yaml")
    store = open_store(config.store, folder=desk.folder)
    try:
        roll = enlist(config, store, AT + timedelta(days=3000))
        with store.write() as conn:
            [model_id] = roll.models
            yield conn, model_id
    finally:
        store.close()


def days(first: int, last: int) -> list[Window]:
    """Give the days of March from ``first`` to before ``last``."""
    return [Window(TEN + (n - 10) * DAY, TEN + (n - 9) * DAY) for n in range(first, last)]


def claimed(conn: Connection, model_id: int, now: datetime) -> claims.Lease:
    """Lease the newest window."""
    stored = models.get(conn, model_id)
    assert stored is not None
    lease = claims.claim(conn, "host:7:ab", now, timedelta(minutes=1), {stored.config_version_id or 0})
    assert lease is not None
    return lease


def test_due_and_leased(desk: Desk) -> None:
    """Windows that wait are counted with the oldest of them; one that is computed names who has it and until when."""
    desk.ran()
    with ledger(desk) as (conn, model_id):
        due.enter(conn, model_id, days(10, 13), claims.FRESH, AT)
        claimed(conn, model_id, AT)
    [one] = desk("status", "--now", "2024-03-13T06:00:00Z", "--json").records
    assert (one["windows_due"], one["windows_leased"], one["oldest_due_window_end"]) == (2, 1, "2024-03-11T00:00:00Z")
    shown = desk("status", "--now", "2024-03-13T06:00:00Z").out
    assert "churn: 2 windows due, the oldest ended 2024-03-11 UTC\nchurn: 1 window being computed\n" in shown
    first = desk("runs", "--json").records[0]
    assert (first["status"], first["owner"], first["lease_until"]) == ("leased", "host:7:ab", "2024-03-10T06:01:00Z")
    assert "with host:7:ab until 2024-03-10" in desk("runs").out
    assert [r["status"] for r in desk("runs", "--status", "due", "--status", "leased", "--json").records] == [
        "leased", "due", "due",
    ]  # fmt: skip


def test_a_window_that_failed(desk: Desk) -> None:
    """A failed attempt is shown with its next try, and after the last one what has it tried again."""
    desk.ran()
    now = AT
    with ledger(desk) as (conn, model_id):
        due.enter(conn, model_id, days(10, 11), claims.FRESH, now)
        settle.fail(conn, claimed(conn, model_id, now), "timeout", f"too slow {EVIL}", now)
    assert desk("runs", "--json").records[0]["next_attempt_at"] == "2024-03-10T06:00:30Z"
    assert "timeout, next try 2024-03-10 06:00" in desk("runs").out
    with ledger(desk) as (conn, model_id):
        for hour in range(1, 4):
            now = AT + timedelta(hours=hour)
            settle.fail(conn, claimed(conn, model_id, now), "timeout", f"too slow {EVIL}", now)
    [one] = desk("status", "--now", NOW, "--json").records
    assert one["windows_failed"] == 1
    assert one["faults"] == [
        {
            "what": "failed", "window_start": "2024-03-10T00:00:00Z", "error_state": "timeout",
            "error": f"too slow {EVIL}",
        }
    ]  # fmt: skip
    shown = desk("status", "--now", NOW).out
    assert "ok, 1 failed" in shown
    assert "1 window failed (2024-03-10): timeout: too slow \\x1b[2Jwiped\n" in shown
    assert "`monitor retry` has it tried again" in shown
    listed = desk("runs", "--failed").out
    assert "\x1b" not in shown + listed
    assert "timeout: too slow" in listed
    assert "failed: given up after four attempts; `monitor retry`" in listed


def test_a_window_in_quarantine(desk: Desk) -> None:
    """A window whose process died three times says so, and counts as failed at a glance."""
    desk.ran()
    with ledger(desk) as (conn, model_id):
        due.enter(conn, model_id, days(10, 11), claims.FRESH, AT)
        for hour in range(3):
            now = AT + timedelta(hours=hour)
            settle.died(conn, claimed(conn, model_id, now), "killed by SIGSEGV", now)
    assert desk("status", "--now", NOW, "--json").records[0]["windows_quarantined"] == 1
    assert "1 window in quarantine (2024-03-10): crashed: killed by SIGSEGV" in desk("status", "--now", NOW).out
    assert "quarantined: what computed it died three times" in desk("runs", "--failed").out
    assert desk("runs", "--failed", "--json").records[0]["deaths"] == 3


def test_skipped_windows_do_not_make_it_late(desk: Desk) -> None:
    """What the catch-up policy leaves out is counted and explained, and is nothing to wait for."""
    desk.ran()
    with ledger(desk) as (conn, model_id):
        due.skip(conn, model_id, days(10, 13), AT)
    [one] = desk("status", "--now", "2024-03-13T06:00:00Z", "--json").records
    assert (one["state"], one["windows_skipped"], one["lateness_seconds"]) == ("ok", 3, None)
    assert "3 windows skipped by `catchup:`" in desk("status", "--now", "2024-03-13T06:00:00Z").out
    assert "skipped: left out by `catchup:`; `monitor retry --all`" in desk("runs").out


def test_a_source_that_is_left_alone(desk: Desk) -> None:
    """A server that does not answer is shown with since when, why, and when it is asked again."""
    desk.ran()
    at = datetime(2024, 3, 10, 7, tzinfo=UTC)
    with ledger(desk) as (conn, model_id):
        for minute in range(3):
            stored = models.get(conn, model_id)
            assert stored is not None
            error = SourceError("nobody listens", "start it", state="unreachable")
            health.faulted(conn, stored, error, at + minute * timedelta(minutes=1))
    now = "2024-03-10T07:02:10Z"
    [one] = desk("status", "--now", now, "--json").records
    assert (one["state"], one["source_state"]) == ("failing", "unreachable")
    assert one["source_since"] == "2024-03-10T07:00:00Z"
    assert (one["source_checked_at"], one["source_retry_at"]) == ("2024-03-10T07:02:00Z", "2024-03-10T07:02:30Z")
    assert desk("status", "--now", now).out.splitlines()[-3:] == [
        "churn: unreachable since 2024-03-10 07:00 UTC: nobody listens",
        "  hint: start it",
        "  next try at 2024-03-10 07:02 UTC",
    ]


def test_late_rows_and_clock_skew(desk: Desk) -> None:
    """Rows that came after the close are counted; a clock that differs is said and does not fail the model."""
    desk.ran()
    with ledger(desk) as (conn, model_id):
        model_counters.add(conn, model_id, "late_after_close", 17)
        models.note_source(conn, model_id, "clock_skew", "the source's clock is 300 s ahead", AT)
    [one] = desk("status", "--now", NOW, "--json").records
    assert (one["state"], one["late_after_close_rows"]) == ("ok", 17)
    shown = desk("status", "--now", NOW).out
    assert "17 rows came or changed after their window had closed" in shown
    assert "churn: the source's clock is 300 s ahead" in shown
    assert desk("runs", "--json").records[0]["status"] == "done"


def test_a_window_that_has_just_come_due_is_not_late(desk: Desk) -> None:
    """Under a worker a model is late once a window has been due for ten minutes; under cron at once."""
    desk.ran()
    soon, later = "2024-03-11T00:05:00Z", "2024-03-11T00:11:00Z"
    assert desk("status", "--now", soon, "--json").records[0]["state"] == "late"
    with ledger(desk) as (conn, model_id):
        due.advance(conn, model_id, TEN)
    assert desk("status", "--now", soon, "--json").records[0]["state"] == "ok"
    [one] = desk("status", "--now", later, "--json").records
    assert (one["state"], one["lateness_seconds"]) == ("late", 660)


@pytest.mark.parametrize("command", ["status", "runs"])
def test_lines_fit_eighty_columns(desk: Desk, command: str) -> None:
    """A table about one model fits a terminal of eighty columns."""
    desk.ran()
    assert max(map(len, desk(command, *(["--now", NOW] if command == "status" else [])).out.splitlines())) <= 80


def test_a_wrong_status_is_refused(desk: Desk) -> None:
    """A status that there is not is answered with what was probably meant."""
    desk.ran()
    said = desk("runs", "--status", "quarantine")
    assert said.code == 2
    assert "did you mean quarantined?" in said.err
