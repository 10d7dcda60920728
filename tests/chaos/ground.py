"""The ground a worker is let loose on: a log of many small models, a monitor.yaml, what an undisturbed run finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection

from monitor.config import Config, load
from monitor.service.opening import opened
from monitor.service.run import Span, run
from monitor.store.engine import open_store

START = datetime(2024, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEARNED = 12  # hours of reference


@dataclass
class Ground:
    """A folder with ``models`` logs of ``windows`` hours in one SQLite file, watched from a store of its own."""

    folder: Path
    store: str
    models: int = 10
    windows: int = 100
    rows: int = 4
    more: dict[str, Any] = field(default_factory=dict)
    plugins: list[str] = field(default_factory=list)
    empty: bool = True
    start: datetime = START
    source: str = "sqlite:///logs.db"

    def __post_init__(self) -> None:
        if not self.empty:
            return  # a copy
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.folder / "logs.db")
        for number in range(self.models):
            columns = "id TEXT PRIMARY KEY, at TEXT, said REAL, amount REAL, place TEXT"
            connection.execute(f"CREATE TABLE p{number} ({columns})")
        connection.close()
        self.log(0, self.windows)
        self.write()

    def log(self, first: int, last: int) -> None:
        """Log the rows of the hours from ``first`` until ``last``."""
        connection = sqlite3.connect(self.folder / "logs.db")
        for number in range(self.models):
            rows = [self._row(number, i) for i in range(first * self.rows, last * self.rows)]
            connection.executemany(f"INSERT INTO p{number} VALUES (?,?,?,?,?)", rows)
        connection.commit()
        connection.close()

    def _row(self, number: int, i: int) -> tuple[object, ...]:
        amount = ((i + 7 * number) * 0.7548776662) % 1.0 * 100
        at = self.start + i * HOUR / self.rows
        return f"r{i}", at.isoformat(), amount / 3 + number, amount, "ABC"[i * i % 3]

    @property
    def end(self) -> datetime:
        """The end of the last window that has rows."""
        return self.start + self.windows * HOUR

    @property
    def file(self) -> Path:
        """The monitor.yaml."""
        return self.folder / "monitor.yaml"

    def write(self) -> None:
        """Write monitor.yaml."""
        kept = dict.fromkeys(("hourly_counts", "revisions", "changes"), "forever")  # all of it is looked at in the end
        found = [self.model(number) for number in range(self.models)]
        document: dict[str, Any] = {"store": self.store, "retention": kept, "models": found}
        if self.plugins:
            document["plugins"] = self.plugins
        self.file.write_text(yaml.safe_dump(document), encoding="utf-8")

    def model(self, number: int) -> dict[str, Any]:
        """Return one model's part of monitor.yaml."""
        return {
            "name": f"m{number}",
            "task": "regression",
            "source": {
                "url": self.source,
                "predictions": {"table": f"p{number}", "id": "id", "time": "at", "prediction": "said"},
            },
            "features": {"numeric": ["amount"], "categorical": ["place"]},
            "reference": {"start": self.start.isoformat(), "end": (self.start + LEARNED * HOUR).isoformat()},
            "window": "1h",
            "catchup_window": "1h",
            "ground_truth_horizon": "1d",
            **self.more,
        }  # fmt: skip

    def config(self) -> Config:
        """Read monitor.yaml."""
        return load(self.file)

    def make(self) -> None:
        """Make the store and its tables."""
        with opened(self.config(), writing=True):
            pass

    @contextmanager
    def opened(self) -> Iterator[Connection]:
        """Read the store, and leave nothing open that a fork would share."""
        store = open_store(self.store, folder=self.folder)
        try:
            with store.read() as conn:
                yield conn
        finally:
            store.close()

    @contextmanager
    def undisturbed(self) -> Iterator[Connection]:
        """Run every window once in this process, in a store of its own, and read that store."""
        config = self.config().model_copy(update={"store": "sqlite:///undisturbed.db"})
        with opened(config, writing=True) as store:
            for done in run(config, store, now=datetime.now(UTC), span=Span(self.start, self.end)):
                assert done.error is None, done.error
                assert done.windows in (0, self.windows), done
            with store.read() as conn:
                yield conn
