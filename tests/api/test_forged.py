"""Whatever is forged into a cursor, an address or a body is refused as a problem, on either database."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from monitor.api.app import as_principal, create
from monitor.domain.principal import LOCAL
from monitor.service.backend import Backend
from monitor.service.opening import opened
from tests.api.asgi import Asgi
from tests.api.conftest import NOW, write
from tests.api.test_fuzz import durable
from tests.service.conftest import empty_world

JSON = {"content-type": "application/json"}
AT = "2024-01-01T00:00:00+00:00"
EARLY, LATE = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
LISTS = {
    "incidents": ("incidents", [AT, "x"]),
    "retraining-recommendations": ("recommendations", [AT, "x"]),
    "deliveries": ("deliveries", ["x"]),
    "silences": ("silences", [AT, "x"]),
    "api-keys": ("api-keys", [AT, "x"]),
    "users": ("users", ["x"]),
    "models/m/windows": ("windows", [AT, AT]),
    "models/m/measurements": ("measurements", [AT, AT, 1]),
}


def _forged(name: str, key: list[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, *key]).encode()).decode().rstrip("=")


def _asked() -> list[tuple[str, str, dict[str, object]]]:
    found: list[tuple[str, str, dict[str, object]]] = []
    for path, (name, key) in LISTS.items():
        for at, part in enumerate(key):
            odd = (EARLY, LATE) if part == AT else ("a\0b", "\ud800") if part == "x" else (2**63 - 1, -(2**63) + 1)
            for value in odd:
                cursor = _forged(name, [*key[:at], value, *key[at + 1 :]])
                found.append(("GET", path, {"params": {"cursor": cursor}}))
    found += [("GET", f"{path}/%00", {}) for path in LISTS if "/" not in path and path != "users"]
    found += [
        ("GET", "deliveries?receiver=%00", {}),
        ("GET", "incidents?model=%00", {}),
        ("DELETE", "silences/%00", {"headers": {"if-match": "*"}}),
        ("POST", "incidents/%00/ack", {"headers": {"if-match": "*"}}),
        ("POST", "deliveries/%00/redeliver", {}),
        ("PUT", "retraining-claims/%00/heartbeat", {"json": {"fence": 1}}),
        ("POST", "silences", {"json": {"matchers": ["model=a\0b"], "for": "1h", "reason": "a\0b"}}),
        (
            "POST",
            "silences",
            {"content": b'{"matchers": ["model=\\ud800"], "for": "1h", "reason": "\\ud800"}', "headers": JSON},
        ),
        ("POST", "api-keys", {"json": {"name": "a\0b", "role": "viewer"}}),
        ("POST", "api-keys", {"content": b'{"name": "a\\ud800b", "role": "viewer"}', "headers": JSON}),
        ("POST", "api-keys", {"content": b'{"name": "a", "role": "viewer", "models": ["\\ud800"]}', "headers": JSON}),
        ("PATCH", "users/%00", {"json": {"role": "viewer"}}),
        ("POST", "users/%00/token", {}),
        ("GET", "changes?types=%00", {}),
        ("GET", "models/m/measurements?metric=%00&from=0001-01-01T00:00:00%2B14:00", {}),
        ("GET", "models/m/windows/9999-12-31T23:59:59-14:00", {}),
    ]
    return found


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_nothing_forged_is_a_fault_of_ours(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> None:
    """Cursors with instants that are none in UTC, NULs and halves of surrogate pairs: never a 500."""
    url = "sqlite:///forged.db" if database == "sqlite" else durable(request.getfixturevalue("postgres_database"))
    world = empty_world(tmp_path)
    config = write(world, store=url)
    wrong = []
    with opened(config, writing=True) as store:
        client = Asgi(create(Backend(store, lambda: config, lambda: NOW), access=as_principal(LOCAL)))
        for method, path, more in _asked():
            answer = client.request(method, f"/api/v1/{path}", **more)
            if answer.status_code >= 500:
                wrong.append((answer.status_code, method, path, more))
    assert wrong == []
