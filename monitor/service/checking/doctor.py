"""The doctor: whether everything around the monitor is as it should be, one line for each thing."""

from __future__ import annotations

import os
import platform
import shutil
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal

from monitor.config import Config, ModelConfig, load, mask
from monitor.config.url import kind
from monitor.errors import ConfigError, MonitorError, SourceError
from monitor.service.opening import load_plugins
from monitor.source import open_relation
from monitor.source.ingest import open_pushed
from monitor.store import clock, migration
from monitor.store.engine import Store, open_store

Place = tuple[str, str | None, str | None]
Outcome = Literal["ok", "warn", "fail"]
LIBRARIES = ("model-monitor", "numpy", "pyarrow", "pandas", "scipy", "sqlalchemy", "duckdb", "evidently", "pydantic")
SCARCE, NO_ROOM = 1 << 30, 100 << 20
SKEW = timedelta(seconds=30)


@dataclass(frozen=True)
class Check:
    """One thing looked at, what was seen, and the cure when it is not well."""

    name: str
    outcome: Outcome
    seen: str
    cure: str | None = None


def examine(path: Path) -> Iterator[Check]:
    """Look at the installation, then at everything that a monitor.yaml names; no fault stops the rest."""
    yield _python()
    yield from _libraries()
    yield _zones()
    try:
        config = load(path)
    except MonitorError as error:
        yield from _failed("configuration", error)
        return
    models = "1 model" if len(config.models) == 1 else f"{len(config.models)} models"
    yield Check("configuration", "ok", f"{config.file}: {models}")
    yield from _guarded("plug-ins", lambda: _plugins(config))
    yield from _guarded("store", lambda: list(_store(config)))
    for model in config.models:
        for what, place in _places(model).items():
            yield from _guarded(
                f"{what} of {model.name}", partial(_source, config, model, f"{what} of {model.name}", place)
            )


def _python() -> Check:
    seen = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return Check("python", "ok", seen)


def _libraries() -> Iterator[Check]:
    seen = []
    for name in LIBRARIES:
        try:
            seen.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Check("libraries", "fail", f"{name} is not installed", "install model-monitor again")
    yield Check("libraries", "ok", ", ".join(seen))


def _zones() -> Check:
    try:
        zoneinfo.ZoneInfo("America/New_York")
    except zoneinfo.ZoneInfoNotFoundError:
        return Check("time zones", "fail", "the list of time zones is missing", "pip install tzdata")
    return Check("time zones", "ok", f"{len(zoneinfo.available_timezones())} known")


def _plugins(config: Config) -> list[Check]:
    found = load_plugins(config)
    return [Check("plug-ins", "ok", ", ".join(found) if found else "none")]


def _store(config: Config) -> Iterator[Check]:
    with closing(open_store(config.store, folder=config.folder, create=False)) as store:
        standing = migration.check(store)
        yield _tables(store, standing)
        with store.write() as conn:
            there = clock.now(conn)
        yield Check("store is writable", "ok", str(store))
        yield _clock(there)
        if store.path is not None:
            yield _room(store.path)


def _tables(store: Store, standing: migration.Standing) -> Check:
    if standing.current is None:
        return Check("store", "warn", f"{store} has no tables yet", "`monitor run` or `monitor db upgrade` makes them")
    if standing.current != standing.head:
        return Check("store", "fail", f"{store} is at revision {standing.current}", "run `monitor db upgrade`")
    if standing.differences:
        return Check("store", "fail", f"{store}: {standing.differences[0]}", "restore a backup")
    return Check("store", "ok", f"{store} at revision {standing.current}")


def _clock(there: datetime) -> Check:
    here = datetime.now(UTC)
    apart = abs(here - there)
    seen = f"{here:%Y-%m-%d %H:%M:%S} UTC, {apart.total_seconds():.1f} s from the store's"
    if apart > SKEW:
        return Check("clock", "warn", seen, "let NTP set the clocks of both machines")
    return Check("clock", "ok", seen)


def _room(path: Path) -> Check:
    free = shutil.disk_usage(path.parent).free
    seen = f"{free / (1 << 30):.1f} GiB free in {path.parent}; the store has {_size(path) / (1 << 20):.1f} MiB"
    if free < NO_ROOM:
        return Check("disk", "fail", seen, "free some disk space before the next run")
    return Check("disk", "warn" if free < SCARCE else "ok", seen, "free some disk space" if free < SCARCE else None)


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


def _places(model: ModelConfig) -> dict[str, Place]:
    """Return where a model's logs are: URL, table, query."""
    block, truth = model.source.predictions, model.source.ground_truth
    sql = model.task != "ranking"
    found: dict[str, Place] = {"source": (model.source.url, block.table, block.query if sql else None)}
    if truth is not None:
        found["ground truth"] = (truth.url or model.source.url, truth.table, truth.query if sql else None)
    return found


def _source(config: Config, model: ModelConfig, name: str, place: Place) -> list[Check]:
    url, table, query = place
    if kind(url) == "ingest":
        return _pushed(model, name, url)
    relation = open_relation(url, table=table, query=query, csv=model.source.csv, folder=config.folder)
    with closing(relation):
        columns = len(relation.schema())
    return [Check(name, "ok", f"{mask(url)}{f' {table}' if table else ''}, {columns} columns")]


def _pushed(model: ModelConfig, name: str, url: str) -> list[Check]:
    try:
        relation = open_pushed(model.source.pushed, "ground_truth" if name.startswith("ground") else "predictions")
    except SourceError as error:
        if error.state != "not_pushed":
            raise
        return [Check(name, "warn", error.message, error.hint)]
    with closing(relation):
        return [Check(name, "ok", f"{url}, {len(relation.schema())} columns")]


def _guarded(name: str, look: Callable[[], list[Check]]) -> Iterator[Check]:
    try:
        yield from look()
    except MonitorError as error:
        yield from _failed(name, error)


def _failed(name: str, error: MonitorError) -> Iterator[Check]:
    if isinstance(error, ConfigError):
        for fault in error.faults:
            place = f"{fault.file}:{fault.line}" if fault.line else fault.file
            yield Check(name, "fail", f"{place}: {fault.field}: {fault.problem}".replace(": :", ":"), fault.hint)
        return
    new = name == "store" and error.message.startswith("There is no store")
    yield Check(name, "warn" if new else "fail", error.message, error.hint)
