"""A store worth looking at: a model that drifted and has an open incident, and one whose every name is hostile."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from monitor.config import Config, load
from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.service.run import Span, run
from monitor.store.engine import Store, open_store
from tests.service.conftest import DAY, START, World, empty_world, rows_of, truth_of

DAYS, MOVED = 24, 16
NOW = START + DAYS * DAY + timedelta(hours=2)
TAGS = (
    "<img src=x onerror=window.hit=1>", "<script>window.hit=1</script>", "<svg onload=window.hit=1>",
    "javascript:window.hit=1", "\"><img src=x onerror=window.hit=1>", "'><script>window.hit=1</script>",
    "</title><script>window.hit=1</script>", "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<a href='javascript:window.hit=1'>x</a>", "{{constructor.constructor('window.hit=1')()}}",
    "${window.hit=1}", "`;window.hit=1;`", "<b onmouseover=window.hit=1>b</b>", "<details open ontoggle=window.hit=1>",
    "<math><mi//xlink:href='data:x,<script>window.hit=1</script>'>", "<style>*{background:url(http://evil.invalid)}</style>",
    "<input autofocus onfocus=window.hit=1>", "<body onload=window.hit=1>", "<object data='javascript:window.hit=1'>",
    "<a xlink:href='javascript:window.hit=1'>x</a>",
)  # fmt: skip
PAYLOADS = tuple(f"{tag} {number}" for number in range(5) for tag in TAGS)
FEW = (12, 13)
HOSTILE = "<img src=x onerror=window.hit=1>"


@dataclass
class House:
    """A folder with a filled store, open; ``now`` is the clock of whoever asks."""

    folder: Path
    config: Config
    store: Store
    now: datetime = field(default=NOW)

    def backend(self) -> Backend:
        """Return what answers stand on."""
        return Backend(self.store, lambda: self.config, lambda: self.now)


def filled(folder: Path) -> Path:
    """Fill a folder: logs, monitor.yaml, store."""
    world = empty_world(folder)
    world.model |= {
        "name": "credit",
        "ground_truth_horizon": "1d",
        "groups": ["place"],
        "runbook": "https://example.org/r",
    }
    rows = rows_of(MOVED, per_hour=6) + rows_of(DAYS - MOVED, first=START + MOVED * DAY, per_hour=6, shift=60.0)
    world.predict(rows)
    world.label(truth_of(rows))
    world.model["source"]["predictions"]["version"] = "version"
    config = _write(world, [world.model, _calm(world), _hostile(folder), *_unborn()])
    with opened(config, writing=True) as store:
        run(config, store, names=["credit", "calm", HOSTILE], now=NOW, span=Span())
    return folder


def copied(folder: Path, to: Path) -> House:
    """Give a copy that a test may change."""
    shutil.copytree(folder, to)
    config = load(to / "monitor.yaml", {})
    return House(to, config, open_store(config.store, folder=to))


def _write(world: World, models: list[dict[str, Any]]) -> Config:
    file = world.folder / "monitor.yaml"
    document = {"store": "sqlite:///monitor.db", "models": models}
    text = yaml.safe_dump(document, allow_unicode=True).replace("$", "$$")
    file.write_text(text, encoding="utf-8")
    return load(file, {})


def _calm(world: World) -> dict[str, Any]:
    """Return a model over the same rows whose only column did not move."""
    calm = {"name": "calm", "features": {"categorical": ["place"]}, "groups": []}
    return {**world.model, **calm, "rules": [{"metric": "drift_effect", "columns": "*", "above": 0.5}]}


def _unborn() -> list[dict[str, Any]]:
    """Return models that have never run: their names are all there is to them."""
    source = {
        "url": "sqlite:///logs.db",
        "predictions": {"table": "predictions", "id": "id", "time": "at", "prediction": "decided"},
    }
    names = [name for name in PAYLOADS if not set(name) & set("/\\*?")]
    return [
        {"name": name[:150], "task": "binary", "source": source, "features": {"numeric": ["amount"]}}
        for name in names[:8]
    ]


def _hostile(folder: Path) -> dict[str, Any]:
    """Return a model whose columns, categories, versions and segments are all payloads, with its log filled."""
    columns = list(PAYLOADS[:30])
    connection = sqlite3.connect(folder / "hostile.db")
    quoted = ['"' + name.replace('"', '""') + '"' for name in columns]
    connection.execute(
        f"CREATE TABLE p (id TEXT PRIMARY KEY, at TEXT, v TEXT, yes INTEGER, score REAL, {' , '.join(quoted)})"
    )
    marks = ",".join("?" * (5 + len(columns)))
    for number, row in enumerate(rows_of(DAYS, per_hour=3)):
        late = row[1] >= START + MOVED * DAY
        few = PAYLOADS[number % 3]  # groups and segments: each costs as much as a model
        cells = [few if place in FEW else _payload(number, place, late=late) for place in range(len(columns))]
        values = (row[0], row[1].isoformat(), PAYLOADS[number % 2], row[3], row[4], *cells)
        connection.execute(f"INSERT INTO p VALUES ({marks})", values)
    connection.commit()
    connection.close()
    return {
        "name": HOSTILE,
        "task": "binary",
        "source": {
            "url": "sqlite:///hostile.db",
            "predictions": {
                "table": "p",
                "id": "id",
                "time": "at",
                "version": "v",
                "prediction": "yes",
                "score": "score",
                "target": "yes",
            },
        },
        "features": {"categorical": columns[:8]},
        "groups": [columns[12]],
        "segments": [columns[13]],
        "fairness": {"min_group_size": 1},
        "labels": {"team": PAYLOADS[40]},
        "reference": {"start": START.date().isoformat(), "end": (START + 3 * DAY).date().isoformat()},
        "window": "1d",
        "ground_truth_horizon": "1d",
    }


def _payload(number: int, place: int, *, late: bool) -> str:
    """Return a category: one of the first fifty payloads, later one of the others."""
    return PAYLOADS[(number * 7 + place) % 50 + (50 if late else 0)]
