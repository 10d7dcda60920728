"""The dashboard over a real store, asked in this process as whoever is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import pytest

from dashboards.app import build
from monitor.domain.principal import LOCAL, Principal
from monitor.store.alert_tables import incidents
from tests.dashboards.house import House, copied, filled


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give, once, a folder with a filled store."""
    return filled(tmp_path_factory.mktemp("house"))


@pytest.fixture
def house(filled_folder: Path, tmp_path: Path) -> Iterator[House]:
    """Give a copy of the filled store for one test."""
    found = copied(filled_folder, tmp_path / "house")
    yield found
    found.store.close()


@dataclass
class Dashboard:
    """The dashboard with its callbacks, asked as a browser asks it."""

    house: House
    server: flask.Flask

    def ask(
        self, output: str, inputs: list[dict[str, Any]], state: list[dict[str, Any]], who: Principal | None = LOCAL
    ) -> Any:
        """Post the body of a callback, forged or not."""
        changed = [
            f"{one['id']}.{one['property']}" for one in inputs if isinstance(one, dict) and isinstance(one["id"], str)
        ]
        body = {
            "output": output,
            "outputs": outputs_of(output),
            "inputs": inputs,
            "changedPropIds": changed,
            "state": state,
        }
        given = {} if who is None else {"monitor.principal": who}
        return self.server.test_client().post("/_dash-update-component", json=body, environ_overrides=given)

    def page(self, pathname: str, who: Principal | None = LOCAL, search: str = "") -> Any:
        """Return the answer to a page being gone to."""
        output = "..page.children...crumbs.children...name.data...who.children.."
        inputs = [{"id": "url", "property": "pathname", "value": pathname}]
        return self.ask(output, inputs, [{"id": "url", "property": "search", "value": search}], who)


def outputs_of(text: str) -> Any:
    """Return the outputs that a callback's name stands for."""
    names = text.strip(".").split("...")
    found = [{"id": name.rpartition(".")[0], "property": name.rpartition(".")[2].partition("@")[0]} for name in names]
    return found if text.startswith("..") else found[0]


@pytest.fixture
def dashboard(house: House) -> Dashboard:
    """Give the dashboard over a copy of the filled store."""
    return Dashboard(house, build(house.backend()))


@pytest.fixture
def number(house: House) -> str:
    """Give the number of the open incident of the model `credit`."""
    with house.store.read() as conn:
        rows = conn.execute(incidents.select()).all()
    return next(row.id for row in rows if '"model":"credit"' in row.incident.replace(" ", ""))
