"""``monitor deliveries`` as typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.store import alert_tables
from monitor.store.engine import open_store
from tests.cli.conftest import Desk
from tests.cli.test_incidents import duty, opened

__all__ = ["duty"]
THEN = datetime(2024, 3, 8, 6, 30, tzinfo=UTC)


def enter(desk: Desk, **rows: str) -> str:
    """Enter notices of an open incident, each in its state; return the number of the incident."""
    number = opened(desk)
    store = open_store("sqlite:///monitor.db", folder=desk.folder)
    with store.write() as conn:
        for seq, (name, state) in enumerate(rows.items(), 1):
            row = {"id": name, "incident_id": number, "receiver": f"team{seq}", "seq": seq, "kind": "opened",
                   "message": "{}", "state": state, "attempts": 3, "next_at": THEN, "created_at": THEN,
                   "expires_at": THEN + timedelta(hours=24), "last_error": "HTTP 404 \x1b[31m" + "x" * 99}  # fmt: skip
            conn.execute(alert_tables.outbox.insert().values(row))
    store.close()
    return number


def test_nothing_waits(duty: Desk) -> None:
    """That is said in words."""
    assert duty("deliveries", "list").out == "No notice waits, none was given up.\n"
    assert duty("deliveries", "list", "--all").out == "No notice fits.\n"
    assert duty("deliveries", "retry", "--all").out == "nothing to retry\n"


def test_notices_are_listed(duty: Desk) -> None:
    """What waits and what was given up; the rest when asked; faults that do nothing to a terminal."""
    number = enter(duty, AAAA="queued", BBBB="dead", CCCC="delivered", DDDD="cancelled")
    said = duty("deliveries", "list").out
    assert [line.split()[0] for line in said.splitlines()[2:4]] == ["BBBB", "AAAA"]
    assert "retry ID" in said
    assert "\x1b" not in said
    assert max(map(len, said.splitlines())) <= 80
    records = duty("deliveries", "list", "--all", "--json").records
    assert [(one["id"], one["state"]) for one in records] == [
        ("DDDD", "cancelled"), ("CCCC", "delivered"), ("BBBB", "dead"), ("AAAA", "queued"),
    ]  # fmt: skip
    assert (records[3]["next_at"], records[2]["next_at"]) == ("2024-03-08T06:30:00Z", None)
    assert {one["incident"] for one in records} == {number}
    assert len(duty("deliveries", "list", "--receiver", "team1", "--json").records) == 1
    assert len(duty("deliveries", "list", "--from", "2024-03-09", "--json").out) == 0


def test_what_was_given_up_is_tried_again(duty: Desk) -> None:
    """By its beginning, by receiver, or all; the rest stays."""
    enter(duty, AA01="dead", AB02="dead", BB03="dead", CC04="dead", DD05="delivered")
    assert duty("deliveries", "retry", "aa").out == "1 notice due again\n"
    assert duty("deliveries", "retry", "--receiver", "team2").out == "1 notice due again\n"
    assert duty("deliveries", "retry", "--all").out == "2 notices due again\n"
    states = {one["id"]: one["state"] for one in duty("deliveries", "list", "--all", "--json").records}
    assert states == {"AA01": "queued", "AB02": "queued", "BB03": "queued", "CC04": "queued", "DD05": "delivered"}


@pytest.mark.parametrize("arguments", [(), ("A",), ("DD",), ("zz",), ("",), ("AA", "--all")])
def test_wrong_retries_have_a_cure(duty: Desk, arguments: tuple[str, ...]) -> None:
    """Nothing named, several meant, not given up, not there: exit code 2, and nothing is tried."""
    enter(duty, AA01="dead", AB02="dead", DD05="delivered")
    said = duty("deliveries", "retry", *arguments)
    assert (said.code, "hint: " in said.err) == (2, True)
    assert [one["state"] for one in duty("deliveries", "list", "--json").records] == ["dead", "dead"]
