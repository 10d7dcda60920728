"""Keys, users and the audit log over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.service.access import audit
from tests.api.access.house import PASSWORD, House, bearer
from tests.api.access.visitor import SAME, Visitor

API = "/api/v1"


@pytest.fixture
def admin(house: House) -> Visitor:
    """Give a program with every right."""
    return house.visitor(headers=bearer(house.key("admin", name="root")))


def test_keys_are_made_listed_and_revoked(house: House, admin: Visitor) -> None:
    """The key stands in the answer that made it and nowhere else; revoked it works no more."""
    made = admin.post(
        f"{API}/api-keys", json={"name": "ci", "role": "viewer", "models": ["fraud*"], "expires_in_days": 90}
    )
    assert made.status_code == 201
    key, number = made.json()["key"], made.json()["id"]
    assert made.headers["cache-control"] == "no-store"
    assert house.visitor().get("/docs", headers=bearer(key)).json()["who"] == "key ci"
    listed = admin.get(f"{API}/api-keys")
    assert [(one["name"], one["role"], one["state"]) for one in listed.json()["items"]] == [
        ("root", "admin", "active"), ("ci", "viewer", "active"),
    ]  # fmt: skip
    assert key.split("_")[2] not in listed.text
    gone = admin.request("DELETE", f"{API}/api-keys/{number}")
    assert gone.json()["state"] == "revoked"
    assert admin.request("DELETE", f"{API}/api-keys/{number}").json() == gone.json()
    assert house.visitor().get("/metrics", headers=bearer(key)).status_code == 401
    assert admin.request("DELETE", f"{API}/api-keys/root").status_code == 404


def test_lists_come_in_pieces(house: House, admin: Visitor) -> None:
    """The pieces of a list are the list."""
    for i in range(4):
        house.key(name=f"k{i}")
        house.user(f"u{i}")
    for path, name in (("api-keys", "name"), ("users", "name"), ("audit-log", "seq")):
        whole = [one[name] for one in admin.get(f"{API}/{path}?limit=500").json()["items"]]
        pieces: list[Any] = []
        cursor = ""
        while True:
            page = admin.get(f"{API}/{path}?limit=2{cursor}").json()
            pieces += [one[name] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(whole) > 3
        assert pieces == whole
        assert admin.get(f"{API}/{path}?cursor=nonsense").status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("api-keys", {"name": "root", "role": "viewer"}, 409),
        ("api-keys", {"name": " ", "role": "viewer"}, 422),
        ("api-keys", {"name": "x", "role": "root"}, 422),
        ("api-keys", {"name": "x", "role": "viewer", "models": []}, 422),
        ("api-keys", {"name": "x", "role": "viewer", "models": ["a\nb"]}, 422),
        ("api-keys", {"name": "x", "role": "viewer", "expires_in_days": 0}, 422),
        ("api-keys", {"name": "x", "role": "viewer", "scopes": ["admin"]}, 422),
        ("users", {"name": "a b", "role": "viewer"}, 422),
        ("users", {"name": "ANN", "role": "viewer"}, 409),
    ],
)
def test_what_cannot_be_is_refused(house: House, admin: Visitor, path: str, body: dict[str, Any], status: int) -> None:
    """A taken name is a conflict, anything else that is wrong a fault of the request; nothing is made."""
    house.user()
    before = admin.get(f"{API}/{path}").json()
    assert admin.post(f"{API}/{path}", json=body).status_code == status
    assert [one["name"] for one in admin.get(f"{API}/{path}").json()["items"]] == [
        one["name"] for one in before["items"]
    ]


def test_users_are_added_changed_and_disabled(house: House, admin: Visitor) -> None:
    """With the token of the answer a user logs in; disabled he is out."""
    added = admin.post(f"{API}/users", json={"name": "Bob", "role": "viewer"})
    assert added.status_code == 201
    browser = house.visitor()
    data = {"name": "bob", "token": added.json()["token"], "password": PASSWORD, "again": PASSWORD}
    assert browser.post("/login/token", data=data, headers=SAME).status_code == 303
    assert browser.get("/dash/").json()["who"] == "user bob"
    changed = admin.request("PATCH", f"{API}/users/bob", json={"role": "operator", "models": ["churn"]})
    assert (changed.json()["role"], changed.json()["models"]) == ("operator", ["churn"])
    assert admin.request("PATCH", f"{API}/users/bob", json={"disabled": True}).json()["state"] == "disabled"
    assert browser.get("/dash/").status_code == 303
    assert admin.post(f"{API}/users/bob/token").status_code == 201
    for method, path in (("PATCH", "users/eve"), ("POST", "users/eve/token")):
        assert admin.request(method, f"{API}/{path}", json={}).status_code == 404


def test_nobody_shuts_himself_out(house: House) -> None:
    """An administrator does not disable himself by mistake."""
    visitor = house.inside("ann", "admin", headers=SAME)
    answer = visitor.request("PATCH", f"{API}/users/Ann", json={"disabled": True})
    assert answer.status_code == 409
    assert visitor.get("/dash/").status_code == 200


def test_it_is_all_in_the_log(house: House, admin: Visitor) -> None:
    """Each change names who asked and by which request; no secret is in it, and the chain holds."""
    bob = {"name": "bob", "role": "viewer"}
    secrets = [
        admin.post(f"{API}/api-keys", json={"name": "ci", "role": "viewer"}).json()["key"],
        admin.post(f"{API}/users", json=bob, headers={"x-request-id": "job-42-abc"}).json()["token"],
    ]
    admin.request("PATCH", f"{API}/users/bob", json={"role": "editor"})
    answer = admin.get(f"{API}/audit-log")
    log = answer.json()["items"]
    assert [(one["actor"], one["action"]) for one in log[:3]] == [
        ("key root", "user.change"), ("key root", "user.add"), ("key root", "key.create"),
    ]  # fmt: skip
    assert (log[0]["before"]["role"], log[0]["after"]["role"]) == ("viewer", "editor")
    assert log[1]["request_id"] == "job-42-abc"
    assert not [secret for secret in secrets if secret in answer.text]
    assert audit.verify(house.store).broken_at is None
