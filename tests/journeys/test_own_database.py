"""Somebody's own database, with names nobody foresaw: from a first look to a revision by late rows."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from monitor.cli import main

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS = 40
NOW = "2024-02-10T06:00:00Z"
LATER = "2024-02-10T09:00:00Z"


def log(path: Path) -> None:
    """Write forty days of a loan model: its decisions, and what became of each loan."""
    connection = sqlite3.connect(path)
    connection.execute(
        'CREATE TABLE "loan decisions" (application_no TEXT PRIMARY KEY, decided_on TEXT, "Score" REAL,'
        " rejected INTEGER, income REAL, branch TEXT, note TEXT)"
    )
    connection.execute("CREATE TABLE repayments (application_no TEXT, settled_on TEXT, defaulted INTEGER)")
    for hour in range(DAYS * 24):
        decide(connection, f"A{hour:05}", START + hour * HOUR, hour)
    connection.commit()
    connection.close()


def decide(connection: sqlite3.Connection, number: str, at: datetime, seed: int) -> None:
    """Log one decision and its outcome a day later."""
    score = seed * 0.61803398875 % 1
    row = (number, f"{at:%Y-%m-%d %H:%M:%S}", score, int(score > 0.5), 1000 + seed * 0.7548 % 1 * 4000, "NSW"[seed % 3])
    connection.execute('INSERT INTO "loan decisions" VALUES (?,?,?,?,?,?,?)', (*row, f"remark {seed}"))
    outcome = (number, f"{at + 24 * HOUR:%Y-%m-%d %H:%M:%S}", int(score + seed % 5 / 10 > 0.7))
    connection.execute("INSERT INTO repayments VALUES (?,?,?)", outcome)


def test_from_a_first_look_to_a_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``init``, ``validate``, ``run``, ``measurements``; late rows make revision 1 of their window only."""
    monkeypatch.chdir(tmp_path)
    log(tmp_path / "bank.db")

    def monitor(*arguments: str) -> str:
        code = main(arguments)
        out, err = capsys.readouterr()
        assert code == 0, err
        return out

    told = monitor("init", "bank.db", "--table", "loan decisions")
    assert "id = application_no" in told
    model = yaml.safe_load((tmp_path / "monitor.yaml").read_text())["models"][0]
    assert model["source"]["predictions"]["prediction"] == "rejected"
    assert model["source"]["ground_truth"]["target"] == "defaulted"
    assert "ok, binary, 2 features" in monitor("validate")

    first = list(map(json.loads, monitor("run", "--now", NOW, "--json").splitlines()))
    assert {record["revision"] for record in first} == {0}
    assert len({record["window_start"] for record in first}) == DAYS
    assert monitor("run", "--now", NOW, "--json") == ""

    connection = sqlite3.connect(tmp_path / "bank.db")
    for i in range(5):
        decide(connection, f"late{i}", START + 35 * 24 * HOUR + i * HOUR, i)
    connection.commit()
    connection.close()
    second = list(map(json.loads, monitor("run", "--now", LATER, "--json").splitlines()))
    assert {(r["window_start"], r["revision"]) for r in second} == {("2024-02-05T00:00:00Z", 1)}

    asked = ("measurements", "--metric", "row_count", "--from", "2024-02-05", "--to", "2024-02-06", "--json")
    [latest] = map(json.loads, monitor(*asked).splitlines())
    assert (latest["revision"], latest["value"]) == (1, 29.0)
    both = [json.loads(line)["value"] for line in monitor(*asked, "--all-revisions").splitlines()]
    assert both == [24.0, 29.0]
    [entry, *_] = map(json.loads, monitor("runs", "--from", "2024-02-05", "--to", "2024-02-06", "--json").splitlines())
    assert entry["cause"] == "late_rows"
    [standing] = map(json.loads, monitor("status", "--now", LATER, "--json").splitlines())
    assert (standing["state"], standing["windows"], standing["rows"]) == ("ok", DAYS, DAYS * 24 + 5)
