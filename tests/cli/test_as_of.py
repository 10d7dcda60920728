"""What the store knew at an earlier instant can be asked for: the revisions that stood then."""

from __future__ import annotations

import sqlite3

from tests.cli.conftest import NOW, Desk

LATER = "2024-03-10T09:00:00Z"
DAY = ("--from", "2024-03-09", "--to", "2024-03-10")


def revised(desk: Desk) -> Desk:
    """Run, let a row of the last day come late, and run again three hours later."""
    desk.ran()
    with sqlite3.connect(desk.folder / "logs.db") as connection:
        row = ("late", "2024-03-09T12:10:00+00:00", 1, 0.5, 1.0, "A")
        connection.execute("INSERT INTO predictions VALUES (?,?,?,?,?,?)", row)
    connection.close()
    assert desk("run", "--now", LATER).code == 0
    return desk


def counts(desk: Desk, *more: str) -> list[tuple[int, float]]:
    """Return revision and rows of the last day."""
    said = desk("measurements", "--metric", "row_count", *DAY, "--json", *more)
    assert said.code == 0, said.err
    return [(one["revision"], one["value"]) for one in said.records]


def test_measurements_as_they_stood(desk: Desk) -> None:
    """Before the revision the first numbers stood, before the first run none."""
    revised(desk)
    assert counts(desk) == [(1, 49.0)]
    assert counts(desk, "--as-of", LATER) == [(1, 49.0)]
    assert counts(desk, "--as-of", NOW) == [(0, 48.0)]
    assert counts(desk, "--as-of", "2024-03-10T08:59:59.999999Z") == [(0, 48.0)]
    assert counts(desk, "--as-of", LATER, "--all-revisions") == [(0, 48.0), (1, 49.0)]
    assert counts(desk, "--as-of", "2024-03-10") == []


def test_runs_as_they_stood(desk: Desk) -> None:
    """Only what was done by then."""
    revised(desk)

    def revisions(*more: str) -> list[tuple[int, str]]:
        return [(one["revision"], one["status"]) for one in desk("runs", *DAY, "--json", *more).records]

    assert revisions() == [(1, "done"), (0, "done")]
    assert revisions("--as-of", NOW) == [(0, "done")]
    assert revisions("--as-of", "2024-03-10") == []


def test_an_instant_that_is_none_is_refused(desk: Desk) -> None:
    """With the cure."""
    desk.ran()
    for command in ("measurements", "runs"):
        said = desk(command, "--as-of", "yesterday")
        assert said.code == 2
        assert "--as-of" in said.err
