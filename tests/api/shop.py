"""A store in which training anew was recommended, and clients of an API over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from monitor.api.app import as_principal, create
from monitor.config import Config, load
from monitor.domain.principal import LOCAL, Principal
from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.service.sending.telling import tell
from monitor.store.engine import Store
from tests.api.asgi import Asgi
from tests.service.conftest import DAY, HOUR, START, World, empty_world, rows_of, truth_of

END = START + 22 * DAY
NOW = END + HOUR
API = "/api/v1"
CLAIM = {"claimant": "airflow", "run_id": "run 1", "ttl_s": 600}


class Shop:
    """A store in which a fall was recommended, and clients of an API over it."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config, self.store, self.now = config, store, NOW

    def app(self, principal: Principal | None = LOCAL) -> ASGIApp:
        """Return the application, everybody taken for somebody."""
        backend = Backend(self.store, lambda: self.config, lambda: self.now)
        return create(backend, access=None if principal is None else as_principal(principal))

    def client(self, principal: Principal | None = LOCAL) -> Asgi:
        """Return a client that asks in this process."""
        return Asgi(self.app(principal))

    @property
    def number(self) -> str:
        """The id of the one recommendation."""
        (found,) = self.client().get(f"{API}/retraining-recommendations").json()["items"]
        return str(found["id"])

    def claim(self, **more: Any) -> Any:
        """Claim it."""
        return self.client().post(f"{API}/retraining-recommendations/{self.number}/claim", json=CLAIM | more)

    def report(self, ticket: dict[str, Any], what: str, **body: Any) -> Any:
        """Report on a claim."""
        method = "PUT" if what == "heartbeat" else "POST"
        path = f"{API}/retraining-claims/{ticket['claim_id']}/{what}"
        return self.client().request(method, path, json={"fence": ticket["fence"]} | body)


def fall(world: World, now: datetime = END) -> None:
    """Log 22 days, the last six with the opposite ground truth, measure them and decide."""
    world.model["ground_truth_horizon"] = "1d"
    rows = rows_of(22, per_hour=6)
    world.predict(rows)
    flips = START + 16 * DAY + HOUR
    world.label([(i, at, 1 - y if at >= flips else y) for i, at, y in truth_of(rows)])
    world.done(now)
    config = load(world.folder / "monitor.yaml")
    with opened(config, writing=True) as store:
        tell(config, store, now=now)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a store in which a fall was recommended."""
    world = empty_world(tmp_path_factory.mktemp("shop"))
    fall(world)
    return world.folder


@pytest.fixture
def shop(first: Path, tmp_path: Path) -> Iterator[Shop]:
    """Give a copy of it, and an API over it."""
    shutil.copytree(first, tmp_path / "shop")
    config = load(tmp_path / "shop" / "monitor.yaml")
    with opened(config, writing=True) as store:
        yield Shop(config, store)
