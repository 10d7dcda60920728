"""The real dashboard behind the guard: every address of it, its callbacks too."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboards.app import build
from monitor.api.access import Settings, guarded
from monitor.api.app import create
from monitor.api.mount import mounted
from tests.api.access.house import House, bearer
from tests.api.access.visitor import ELSEWHERE, SAME, Visitor

CALLBACK = "/dash/_dash-update-component"
JSON = {"content-type": "application/json"}


@pytest.fixture
def whole(house: House) -> tuple[Visitor, list[tuple[str, str]]]:
    """Give a stranger before the whole application as it is served, and every address of the dashboard."""
    backend = house.backend()
    server: Any = build(backend)
    app = create(
        backend, access=lambda inner: guarded(inner, backend, Settings(remember=0.0)), dashboard=mounted(server)
    )
    rules = [
        (method, "/dash" + re.sub(r"<[^>]*>", "x", rule.rule))
        for rule in server.url_map.iter_rules()
        for method in sorted(rule.methods)
    ]
    return Visitor(app), rules


def test_no_address_of_it_answers_strangers(house: House, whole: tuple[Visitor, list[tuple[str, str]]]) -> None:
    """Pages lead to the login; layout, scripts, assets and callbacks are 401."""
    house.key("ingest")
    stranger, rules = whole
    assert len(rules) > 10
    for method, path in [*rules, ("GET", "/dash"), ("GET", "/metrics"), ("GET", "/openapi.json")]:
        answer = stranger.request(method, path)
        assert answer.status_code == 401 or answer.headers.get("location", "").startswith("/login"), (method, path)
        assert "<" not in answer.text, path


def test_who_comes_in_sees_it_and_acts_from_it_alone(
    house: House, whole: tuple[Visitor, list[tuple[str, str]]]
) -> None:
    """A session opens the page with its policy; its callbacks take JSON from the page itself."""
    house.user()
    visitor, _ = whole
    assert visitor.log_in("ann", "four words no one-guesses").status_code == 303
    page = visitor.get("/dash/")
    assert page.status_code == 200
    assert "script-src 'self' 'sha256-" in page.headers["content-security-policy"]
    refused = [JSON, ELSEWHERE | JSON, {"origin": "http://evil.example"} | JSON, SAME | {"content-type": "text/plain"}]
    assert [visitor.post(CALLBACK, content=b"{}", headers=one).status_code for one in refused] == [403] * 4
    assert visitor.post(CALLBACK, content=b"{}", headers=SAME | JSON).status_code not in (401, 403)
    writer = bearer(house.key("ingest"))
    assert Visitor(visitor.app).get("/dash/", headers=writer).status_code == 403
