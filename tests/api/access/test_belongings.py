"""What belongs to a model is not there for who may not see the model, whatever its number is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from monitor.domain.principal import LOCAL, ROLES, SCOPES, Principal
from tests.api.access.test_matrix import Row, table
from tests.api.asgi import Asgi
from tests.api.conftest import Post
from tests.api.shop import Shop, first, shop

__all__ = ["first", "shop"]  # fixtures that are used here

API = "/api/v1"
OTHER = Principal("key other", SCOPES, ("other-*",))
BODIES: dict[str, dict[str, Any]] = {
    "claim": {"claimant": "a", "run_id": "1", "ttl_s": 600},
    "heartbeat": {"fence": 1},
    "complete": {"fence": 1, "outcome": "failed"},
    "release": {"fence": 1},
    "silences": {"for": "2h"},
}


def rows(*kinds: str) -> list[Row]:
    """Return the routes about things of some kinds that belong to a model."""
    return [row for row in table().values() if row.unseen == "its own" and row.path.split("/")[3] in kinds]


def asked(client: Asgi, row: Row, number: str) -> tuple[int, str]:
    """Ask for a thing by its number."""
    path = row.path.partition("{")[0] + number + row.path.partition("}")[2]
    last = row.path.split("/")[-1]
    body = BODIES.get(last) or (BODIES["silences"] if row.method == "PUT" and "silences" in row.path else None)
    headers = {"if-match": '"1"', "idempotency-key": f"{row.method}{path}"}
    answer = client.request(row.method, path, headers=headers, **({"json": body} if body else {}))
    return answer.status_code, str(answer.json().get("detail")).replace(number, "")


def compare(client: Callable[[Principal], Asgi], found: list[Row], number: str) -> None:
    """Demand that a stranger hears of this thing what he hears of none, and its owner something else."""
    assert found
    nothing = "inc_0000000000000000" if not number.isdigit() else "999999"
    for row in found:
        assert asked(client(OTHER), row, number) == asked(client(OTHER), row, nothing), row
        assert asked(client(OTHER), row, number)[0] == 404, row
    for row in found:
        if row.method == "GET":
            assert asked(client(LOCAL), row, number)[0] == 200, row


@pytest.mark.parametrize("kind", ["incidents", "runs"])
def test_what_was_found(alarmed: Post, kind: str) -> None:
    """Incidents and runs of other models."""
    number = alarmed.client().get(f"{API}/{kind}").json()["items"][0]["id"]
    compare(alarmed.client, rows(kind), str(number))


def test_silences(alarmed: Post) -> None:
    """A silence about another model; one about no model named outright is for those who see all."""
    made = [
        alarmed.client().post(f"{API}/silences", json={"matchers": [matcher], "for": "1h", "reason": "r"}).json()["id"]
        for matcher in ("model=m", "severity=warning")
    ]
    for number in made:
        compare(alarmed.client, rows("silences"), number)


def test_recommendations_and_claims(shop: Shop) -> None:
    """A recommendation and a claim of another model."""
    compare(shop.client, rows("retraining-recommendations"), shop.number)
    ticket = shop.claim().json()
    compare(shop.client, rows("retraining-claims"), ticket["claim_id"])


def test_every_kind_is_looked_at() -> None:
    """No route about something that belongs to a model is left out here."""
    kinds = ("incidents", "runs", "silences", "retraining-recommendations", "retraining-claims")
    assert rows(*kinds) == [row for row in table().values() if row.unseen == "its own"]


def test_bound_administrators_administer_nothing_else() -> None:
    """A grant for some models has no scope admin, whatever the role: by it one could give oneself the others."""
    from monitor.service.access import grant

    assert grant.principal("key", "a", "admin", "fraud-*").scopes == ROLES["admin"] - {"admin"}
    assert grant.principal("key", "a", "admin", "fraud-*\n*").scopes == ROLES["admin"]
    assert grant.principal("key", "a", "unheard of", "*").scopes == frozenset()
