"""A model's log in a SQLite file, its monitor.yaml, and a store: what a test of a run needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.config import load
from monitor.domain.measurement import Measurement
from monitor.service.opening import opened
from monitor.service.run import ModelRun, Span, run
from monitor.store import measurements, models, runs
from monitor.store.engine import Store
from monitor.store.runs import Run
from tests.blank import put_store

START = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
EVERYTHING = Span()
Row = tuple[str, datetime, str | None, int, float, float, str | None]


def rows_of(days: float, *, first: datetime = START, per_hour: int = 2, shift: float = 0.0) -> list[Row]:
    """Make predictions that look random and never change: id, time, version, prediction, score, amount, place."""
    made = []
    for i in range(int(days * 24 * per_hour)):
        score = (i * 0.61803398875) % 1.0
        amount = (i * 0.7548776662) % 1.0 * 100 + shift
        at = first + i * HOUR / per_hour
        made.append((f"p{at:%m%d%H%M}", at, f"v{i % 2}", int(score > 0.5), score, amount, "ABC"[i * i % 3]))
    return made


def truth_of(rows: Sequence[Row], *, after: timedelta = HOUR) -> list[tuple[str, datetime, int]]:
    """Make ground truth that agrees with most predictions."""
    return [(row[0], row[1] + after, int(row[4] + ((i * 0.3247) % 1.0 - 0.5) > 0.5)) for i, row in enumerate(rows)]


@dataclass
class World:
    """A folder with a log and a monitor.yaml; what tests change between runs."""

    folder: Path
    model: dict[str, Any]
    more: list[dict[str, Any]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / "logs.db"

    def execute(self, sql: str, rows: Sequence[Sequence[object]] | None = None) -> None:
        connection = sqlite3.connect(self.path)
        if rows is None:
            connection.executescript(sql)
        else:
            connection.executemany(sql, rows)
        connection.commit()
        connection.close()

    def predict(self, rows: Sequence[Row]) -> None:
        """Log predictions."""
        self.execute("INSERT INTO predictions VALUES (?,?,?,?,?,?,?)", [(r[0], r[1].isoformat(), *r[2:]) for r in rows])

    def label(self, truth: Sequence[tuple[str, datetime, int]]) -> None:
        """Log ground truth."""
        self.execute("INSERT INTO outcomes VALUES (?,?,?)", [(i, at.isoformat(), y) for i, at, y in truth])

    def run(
        self, now: datetime | None, *, names: Sequence[str] | None = None, span: Span = EVERYTHING
    ) -> list[ModelRun]:
        """Write monitor.yaml and run it."""
        document = {"store": "sqlite:///monitor.db", "models": [self.model, *self.more]}
        file = self.folder / "monitor.yaml"
        file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        config = load(file)
        put_store(self.folder)
        with opened(config, writing=True) as store:
            return run(config, store, names=names, now=now, span=span)

    def done(self, now: datetime | None, **more: Any) -> ModelRun:
        """Run one model and demand that nothing failed."""
        (found,) = self.run(now, **more)
        assert found.error is None, found.error
        return found

    def read(self, function: Callable[[Any], Any]) -> Any:
        """Ask the store."""
        from monitor.store.engine import open_store

        store: Store = open_store("sqlite:///monitor.db", folder=self.folder)
        try:
            with store.read() as conn:
                return function(conn)
        finally:
            store.close()

    def found(self, **asked: Any) -> list[Measurement]:
        """Return stored measurements, of the first model unless asked for another."""
        asked = {"model": self.model["name"]} | asked
        return list(self.read(lambda conn: list(measurements.query(conn, **asked))))

    def values(self, metric: str, **asked: Any) -> dict[datetime, float | None]:
        """Return one metric's value for all rows, by the beginning of its window."""
        asked = {"column": None, "group": None, "version": None} | asked
        return {m.window_start: m.value for m in self.found(metric=metric, **asked)}

    def ledger(self, *, every: bool = False) -> list[Run]:
        """Return the latest revisions, or all of them."""

        def ask(conn: Any) -> list[Run]:
            model = models.find(conn, self.model["name"])
            assert model is not None
            if not every:
                return runs.latest(conn, model.id)
            return sorted(runs.history(conn, model.id), key=lambda r: (r.window, r.revision))

        return list(self.read(ask))


def same(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    """Tell whether two tables of numbers are equal but for the order in which they were summed."""
    assert one.keys() == other.keys()
    wrong = {
        key: (value, other[key])
        for key, value in one.items()
        if value != other[key]
        and (None in (value, other[key]) or value != pytest.approx(other[key], rel=1e-9, abs=1e-11))
    }
    assert not wrong
    return True


def source_block(url: str = "sqlite:///logs.db") -> dict[str, Any]:
    """Say where the columns of `World` stand."""
    return {
        "url": url,
        "predictions": {
            "table": "predictions", "id": "id", "time": "at", "prediction": "decided", "score": "score",
        },
        "ground_truth": {"table": "outcomes", "id": "id", "time": "seen", "target": "happened"},
    }  # fmt: skip


def empty_world(folder: Path) -> World:
    """Make an empty log of a binary model with daily windows and three days of reference."""
    model = {
        "name": "m",
        "task": "binary",
        "source": source_block(),
        "features": {"numeric": ["amount"], "categorical": ["place"]},
        "reference": {"start": START.date().isoformat(), "end": (START + 3 * DAY).date().isoformat()},
        "window": "1d",
        "ground_truth_horizon": "10d",
    }
    found = World(folder, model)
    found.execute(
        "CREATE TABLE predictions (id TEXT PRIMARY KEY, at TEXT, version TEXT, decided INTEGER, score REAL,"
        " amount REAL, place TEXT); CREATE TABLE outcomes (id TEXT, seen TEXT, happened INTEGER);"
    )
    return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Give an empty log of a binary model with daily windows and three days of reference."""
    return empty_world(tmp_path)
