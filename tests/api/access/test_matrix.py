"""Every route asked as everybody, compared with the table that operators read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from monitor.api import routes
from monitor.api.app import application
from monitor.api.asking import allowed
from monitor.domain.principal import LOCAL, ROLES, SCOPES
from monitor.service.access import keys
from tests.api.access.house import House, bearer
from tests.api.access.visitor import Visitor
from tests.api.access.walk import walk

PAGE = (Path(__file__).parents[3] / "docs" / "access.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z]+) (/\S*)` \| (none|`[a-z:]+`) \| (-|404|403|left out|its own) \|$", re.MULTILINE)
PATTERN = {"model": "fraud", "start": "2024-03-01T00:00:00Z", "number": "nothing", "name": "nobody"}


@dataclass(frozen=True)
class Row:
    """What the table says of a route: the scope that it takes, and the answer about a model one may not see."""

    method: str
    path: str
    scope: str | None
    unseen: str

    @property
    def address(self) -> str:
        """An address of this route, about the model ``fraud`` where it is about one."""
        path = re.sub(r"\{(\w+)\}", lambda found: PATTERN.get(found[1], "nothing"), self.path)
        return path + ("?model=fraud" if self.unseen in ("404", "left out") and "{model}" not in self.path else "")


def table() -> dict[tuple[str, str], Row]:
    """Read the table."""
    rows = [
        Row(method, path, None if scope == "none" else scope.strip("`"), unseen)
        for method, path, scope, unseen in ROW.findall(PAGE)
    ]
    assert len({(row.method, row.path) for row in rows}) == len(rows)
    return {(row.method, row.path): row for row in rows}


def served(app: Any) -> Iterator[tuple[str, str, str | None]]:
    """Yield method, path and declared scope of every route of an application."""
    for path, route in walk(app.routes):
        assert isinstance(route, APIRoute)
        scope = next((one.dependency.scope for one in route.dependencies if hasattr(one.dependency, "scope")), None)
        yield from ((method, path, scope) for method in sorted(route.methods))


def differences(app: Any) -> list[str]:
    """Return the routes that the table does not have, or has otherwise, and rows without a route."""
    known, found = {key: row.scope for key, row in table().items()}, {(m, p): s for m, p, s in served(app)}
    return [f"{m} {p}: {found.get((m, p), 'no route')} in the code, {known.get((m, p), 'no row')} in docs/access.md"
            for m, p in sorted(known.keys() | found.keys())
            if found.get((m, p), "no route") != known.get((m, p), "no row")]  # fmt: skip


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Give a visitor of an application that remembers for the length of a test."""
    return Visitor(house.app(remember=60.0))


def test_every_route_has_its_row(house: House) -> None:
    """A new route without a row, a row without a route, and another scope than the table's are found."""
    assert differences(application(house.backend())) == []


def test_a_new_route_without_a_row_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: one more route, and one whose scope was changed."""
    router = APIRouter()
    router.add_api_route("/planted", lambda: 1, dependencies=[allowed("read")])
    known = routes.every()
    monkeypatch.setattr(routes, "every", lambda: [*known, ("planted", "/api/v1", router)])
    assert differences(application(house.backend())) == [
        "GET /api/v1/planted: read in the code, no row in docs/access.md"
    ]


def test_the_pages_roles_are_the_real_ones() -> None:
    """The table of roles names each role with its scopes."""
    rows = dict(re.findall(r"^\| `([a-z]+)` \|.*\| (.*?) \|$", PAGE, re.MULTILINE))
    said = {
        role: SCOPES if cell == "all" else frozenset(re.findall(r"`([a-z:]+)`", cell)) for role, cell in rows.items()
    }
    assert said == {str(role): scopes for role, scopes in ROLES.items()}


def ask(visitor: Visitor, row: Row, key: str | None) -> httpx.Response:
    """Ask a route without a body."""
    return visitor.request(row.method, row.address, headers=bearer(key) if key else {})


def test_strangers_and_old_keys_are_nobody(house: House, visitor: Visitor) -> None:
    """Without a key, with a revoked and with an expired one every route is 401 but those open to all."""
    revoked, expired = house.key("admin", name="a"), house.key("admin", name="b", lasts=timedelta(days=1))
    keys.revoke(house.store, "a", by=LOCAL)
    house.now += timedelta(days=2)
    for row in table().values():
        told = [ask(visitor, row, key).status_code for key in (None, revoked, expired)]
        assert told == [200 if row.scope is None else 401] * 3, row


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_it_may(house: House, visitor: Visitor, role: str) -> None:
    """With the scope a route answers by what is asked, without it 403, before anything else of the request."""
    key = house.key(role)
    for row in table().values():
        status = ask(visitor, row, key).status_code
        if row.scope is None:
            assert status == 200, row
        elif row.scope in ROLES[role]:  # type: ignore[index]
            assert status not in (401, 403, 405, 500, 501, 503), row
        else:
            assert status == 403, row


@pytest.mark.parametrize("role", ROLES)
def test_other_models_are_not_there(house: House, visitor: Visitor, role: str) -> None:
    """A key bound to one model hears of another what somebody hears of none, and a name tells nothing."""
    key = house.key(role, ["churn", "fraud-*"])
    for row in table().values():
        if row.unseen in ("-", "its own") or row.scope not in ROLES[role]:  # type: ignore[index]
            continue
        unseen = ask(visitor, row, key)
        if row.unseen == "left out":
            assert unseen.status_code == 200, row
            assert "fraud" not in unseen.text, row
            continue
        nothing = visitor.request(row.method, row.address.replace("fraud", "nothing"), headers=bearer(key))
        assert [unseen.status_code, nothing.status_code] == [int(row.unseen)] * 2, row
        told = [re.sub("fraud|nothing", "", one.json()["detail"]) for one in (unseen, nothing)]
        assert told[0] == told[1], row


def test_lists_leave_other_models_out(house: House, visitor: Visitor) -> None:
    """What a list shows are models that the key may see."""
    key = house.key("viewer", ["churn"])
    answer = visitor.get("/api/v1/models", headers=bearer(key))
    assert [one["name"] for one in answer.json()["items"]] == ["churn"]
