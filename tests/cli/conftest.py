"""A small log with a monitor.yaml, and the command line called as a user calls it."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.cli import main
from tests.blank import NAME, put_store

START = datetime(2024, 3, 4, tzinfo=UTC)
DAYS = 6
NOW = "2024-03-10T06:00:00Z"
MADE: dict[tuple[object, ...], bytes] = {}  # the stores that runs have made in this process


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The output as JSON, a line each."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Desk:
    """A folder with a log of six days and the monitor.yaml of one binary model; commands run in it."""

    folder: Path
    document: dict[str, Any]
    capture: pytest.CaptureFixture[str]

    def write(self) -> None:
        """Write monitor.yaml."""
        text = yaml.safe_dump(self.document, sort_keys=False, allow_unicode=True)
        (self.folder / "monitor.yaml").write_text(text, encoding="utf-8")

    @property
    def model(self) -> dict[str, Any]:
        """The block of the one model."""
        block: dict[str, Any] = self.document["models"][0]
        return block

    def __call__(self, *arguments: str) -> Said:
        """Run a command."""
        self.capture.readouterr()
        code = main(arguments)
        out, err = self.capture.readouterr()
        return Said(code, out, err)

    def ran(self, *more: str) -> Desk:
        """Run what is due at the end of the log; what the same file once made of the same log is copied."""
        store = self.folder / NAME
        first = not store.exists() and "MONITOR_STORE" not in os.environ
        told = [blake2b((self.folder / name).read_bytes()).digest() for name in ("monitor.yaml", "logs.db")]
        asked = (*told, *more)
        if first and asked in MADE:
            store.write_bytes(MADE[asked])
            return self
        put_store(self.folder)
        done = self("run", "--now", NOW, *more)
        assert done.code == 0, done.err
        if first:
            MADE[asked] = store.read_bytes()
        return self


def fill(path: Path, column: str = "amount") -> None:
    """Write a log of six days: predictions with their ground truth an hour later."""
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE predictions"
        f' (id TEXT PRIMARY KEY, at TEXT, decided INTEGER, score REAL, "{column}" REAL, place TEXT)'
    )
    connection.execute("CREATE TABLE outcomes (id TEXT, seen TEXT, happened INTEGER)")
    for i in range(DAYS * 48):
        at, score = START + timedelta(minutes=30 * i), (i * 0.61803398875) % 1.0
        row = (f"p{i}", at.isoformat(), int(score > 0.5), score, (i * 0.7548776662) % 1.0 * 100, "ABC"[i * i % 3])
        connection.execute("INSERT INTO predictions VALUES (?,?,?,?,?,?)", row)
        seen = (at + timedelta(hours=1)).isoformat()
        connection.execute("INSERT INTO outcomes VALUES (?,?,?)", (f"p{i}", seen, int(score + (i % 7) / 10 > 0.8)))
    connection.commit()
    connection.close()


def source(table: str = "predictions") -> dict[str, Any]:
    """Say where the columns of the log stand."""
    roles = {"table": table, "id": "id", "time": "at", "prediction": "decided", "score": "score"}
    truth = {"table": "outcomes", "id": "id", "time": "seen", "target": "happened"}
    return {"url": "sqlite:///logs.db", "predictions": roles, "ground_truth": truth}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Give a folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_DEBUG", raising=False)
    fill(tmp_path / "logs.db")
    model = {
        "name": "churn",
        "task": "binary",
        "source": source(),
        "features": {"numeric": ["amount"], "categorical": ["place"]},
        "reference": {"start": "2024-03-04", "end": "2024-03-07"},
        "ground_truth_horizon": "2d",
    }
    found = Desk(tmp_path, {"store": "sqlite:///monitor.db", "models": [model]}, capsys)
    found.write()
    return found
