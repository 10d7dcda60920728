"""PostgreSQL as log and as store, with what only PostgreSQL allows: infinite times, years BC, numeric NaN."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy.engine import make_url

from monitor.cli import main

NOW = "2024-03-05T06:00:00Z"
NEVER = ("infinity", "-infinity", "4713-01-01 00:00:00 BC", "294276-01-01", None)


def log(url: str) -> None:
    """Write four days of predictions, five of them at no time that a calendar knows."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE t (id int PRIMARY KEY, at timestamptz, decided bool, amount numeric, place text, y bool)"
        )
        connection.execute(
            "INSERT INTO t SELECT i, timestamptz '2024-03-01Z' + i * interval '1 hour', i % 2 = 0,"
            " CASE i % 4 WHEN 0 THEN numeric 'NaN' ELSE i END,"
            " CASE i % 3 WHEN 0 THEN repeat('x', 9999) ELSE 'a' END, i % 5 = 0"
            " FROM generate_series(0, 95) AS i"
        )
        for number, at in enumerate(NEVER):
            connection.execute("UPDATE t SET at = %s WHERE id = %s", (at, number))


def written(folder: Path, source: str, store: str) -> None:
    """Write a monitor.yaml."""
    roles = {"table": "t", "id": "id", "time": "at", "prediction": "decided", "target": "y"}
    model: dict[str, Any] = {
        "name": "m", "task": "binary", "source": {"url": source, "predictions": roles}, "groups": ["place"],
        "segments": ["place"], "reference": {"start": "2024-03-01", "end": "2024-03-03"},
    }  # fmt: skip
    (folder / "monitor.yaml").write_text(yaml.safe_dump({"store": store, "models": [model]}))


def test_log_and_store_in_postgres(
    tmp_path: Path, postgres_database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows at impossible times are told, long categories fit the store, and both stores hold the same."""
    monkeypatch.chdir(tmp_path)
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = on")
    log(postgres_database)
    found = []
    for store in (postgres_database, "sqlite:///monitor.db"):
        written(tmp_path, postgres_database, store)
        for again in (False, True):
            assert main(["run", "--now", NOW]) == 0
            said = capsys.readouterr().out
            assert ("nothing new" if again else "5 rows are in no window") in said
        assert main(["measurements", "--json"]) == 0
        found.append([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    assert found[0] == found[1]
    wanted = {
        m["value"] for m in found[0] if (m["metric"], m["column"], m["group"]) == ("missing_rate", "amount", None)
    }
    assert wanted == {4 / 19, 0.25}


def test_a_database_that_is_not_there(
    tmp_path: Path, postgres: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cure for a wrong database name is the name, not the network; the password stays hidden."""
    monkeypatch.chdir(tmp_path)
    url = make_url(postgres).set(database="nowhere", password="s3cret").render_as_string(hide_password=False)
    written(tmp_path, url, "sqlite:///monitor.db")
    assert main(["run", "--now", NOW]) == 1
    said = capsys.readouterr().err
    assert "check the database's name in the URL" in said
    assert "s3cret" not in said
