"""An API over a real store: one model with six days of windows, asked in this process or over a socket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.api.app import as_principal, create
from monitor.config import Config, load
from monitor.domain.principal import LOCAL, Principal
from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.service.run import Span, run
from monitor.store.engine import Store
from tests.api.asgi import Asgi
from tests.service.conftest import DAY, START, World, empty_world, rows_of, truth_of

NOW = START + 6 * DAY + timedelta(hours=2)
LATER = START + 9 * DAY + timedelta(hours=2)


@dataclass
class Post:
    """A store that is open, the configuration in force and a clock that tests set."""

    world: World
    config: Config
    store: Store
    now: datetime = field(default=NOW)

    def backend(self) -> Backend:
        """Return what answers stand on."""
        return Backend(self.store, lambda: self.config, lambda: self.now)

    def client(self, principal: Principal | None = LOCAL) -> Asgi:
        """Return a client that asks the application in this process, as somebody."""
        access = None if principal is None else as_principal(principal)
        return Asgi(create(self.backend(), access=access))


def write(world: World, **more: Any) -> Config:
    """Write monitor.yaml and read it."""
    document = {"store": "sqlite:///monitor.db", "models": [world.model, *world.more]} | more
    file = world.folder / "monitor.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return load(file)


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give, once, a store with six windows of one quiet model, the first three its reference."""
    world = empty_world(tmp_path_factory.mktemp("measured"))
    rows = rows_of(6, per_hour=10)
    world.predict(rows)
    world.label(truth_of(rows))
    return _ran(world, NOW)


@pytest.fixture(scope="session")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give, once, a store whose model has drifted for its last three days and has an open incident."""
    world = empty_world(tmp_path_factory.mktemp("drifted"))
    rows = [*rows_of(6, per_hour=20), *rows_of(3, first=START + 6 * DAY, per_hour=20, shift=80.0)]
    world.predict(rows)
    world.label(truth_of(rows))
    return _ran(world, LATER)


@pytest.fixture
def post(measured: World, tmp_path: Path) -> Iterator[Post]:
    """Give a copy of the quiet model's store for one test."""
    with _copied(measured, tmp_path, NOW) as found:
        yield found


@pytest.fixture
def alarmed(drifted: World, tmp_path: Path) -> Iterator[Post]:
    """Give a copy of the drifted model's store for one test."""
    with _copied(drifted, tmp_path, LATER) as found:
        yield found


def _ran(world: World, now: datetime) -> World:
    config = write(world)
    with opened(config, writing=True) as store:
        run(config, store, names=None, now=now, span=Span())
    return world


@contextmanager
def _copied(world: World, folder: Path, now: datetime) -> Iterator[Post]:
    copy = World(folder / "copy", dict(world.model))
    shutil.copytree(world.folder, copy.folder)
    config = write(copy)
    with opened(config, writing=True) as store:
        yield Post(copy, config, store, now)
