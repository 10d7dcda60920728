"""Retraining over HTTP: the gate, claims with their fence, people's decisions; who sees and may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.alerts.recommendation import Moved
from monitor.domain.principal import ROLES, Principal
from monitor.service.access import audit
from monitor.store import recommendations
from tests.api.shop import API, CLAIM, END, NOW, Shop, first, shop
from tests.service.conftest import DAY, HOUR, START

__all__ = ["first", "shop"]  # fixtures that are used here


def test_the_gate_opens_and_closes(shop: Shop) -> None:
    """It is 200 while training is due, 404 with the reason once somebody is at it or the newest window is old."""
    gate = f"{API}/models/m/retraining-gate"
    due = shop.client().get(gate)
    assert (due.status_code, due.headers["x-retraining-reason"]) == (200, "due")
    assert due.json()["recommendation"] == shop.number
    shop.claim()
    waits = shop.client().get(gate)
    assert (waits.status_code, waits.headers["x-retraining-reason"]) == (404, "claimed")
    assert waits.headers["content-type"] == "application/problem+json"
    shop.now = NOW + 3 * DAY
    assert shop.client().get(gate).headers["x-retraining-reason"] == "stale"


def test_a_wrong_name_fails_at_once(shop: Shop) -> None:
    """A model that is not there, or not for the caller, is 403 at the gate, so that nobody waits for ever."""
    assert shop.client().get(f"{API}/models/typo/retraining-gate").status_code == 403
    other = Principal("key x", ROLES["viewer"], ("other-*",))
    assert shop.client(other).get(f"{API}/models/m/retraining-gate").status_code == 403
    assert shop.client(None).get(f"{API}/models/m/retraining-gate").status_code == 401


def test_one_claim_from_the_first_to_the_last(shop: Shop) -> None:
    """First 201, the same run again 200, another 409 with who has it; a heartbeat prolongs, a deployment ends it."""
    made = shop.claim()
    assert made.status_code == 201
    ticket = made.json()
    again = shop.claim()
    assert (again.status_code, again.json()["claim_id"], again.json()["fence"]) == (200, ticket["claim_id"], 1)
    other = shop.claim(run_id="run 2")
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (409, "already-claimed")
    assert other.json()["holder"] == "airflow"
    assert 1 <= int(other.headers["retry-after"]) <= 600
    beat = shop.report(ticket, "heartbeat")
    assert beat.status_code == 200
    assert beat.json()["expires_at"] >= ticket["expires_at"]
    done = shop.report(ticket, "complete", outcome="deployed", model_version="v2")
    assert (done.status_code, done.json()["recommendation"]["status"]) == (200, "satisfied")
    assert done.json()["recommendation"]["cooldown_until"] is not None
    assert shop.client().get(f"{API}/models/m/retraining-gate").headers["x-retraining-reason"] == "not-due"
    assert shop.report(ticket, "complete", outcome="deployed", model_version="v2").status_code == 200
    assert shop.report(ticket, "complete", outcome="failed").status_code == 409


def test_whoever_knows_the_run_has_not_its_claim(shop: Shop) -> None:
    """Another key that repeats claimant and run id is refused and learns neither the claim's number nor its fence."""
    shop.claim()
    thief = shop.client(Principal("key other", ROLES["retrainer"]))
    refused = thief.post(f"{API}/retraining-recommendations/{shop.number}/claim", json=CLAIM)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "already-claimed")
    assert "claim_id" not in refused.json()
    assert "fence" not in refused.json()
    assert shop.claim().status_code == 200


def test_a_stale_fence_is_told_not_to_deploy(shop: Shop) -> None:
    """After a release another run has a new fence; the old ticket is lost, the new one completes."""
    old = shop.claim().json()
    assert shop.report(old, "release").status_code == 200
    new = shop.claim(run_id="run 2").json()
    assert new["fence"] > old["fence"]
    for what, body in (("heartbeat", {}), ("complete", {"outcome": "deployed"}), ("release", {})):
        late = shop.report(old, what, **body)
        assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (409, "claim-lost")
    wrong = shop.report(new | {"fence": old["fence"]}, "complete", outcome="deployed")
    assert wrong.status_code == 409
    assert shop.report(new, "complete", outcome="deployed").status_code == 200


def test_a_person_decides(shop: Shop) -> None:
    """After no improvement nobody may claim before an approval; what is declined is over, and its claim with it."""
    first = shop.claim().json()
    shop.report(first, "complete", outcome="no_improvement")
    refused = shop.claim(run_id="run 2")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "not-claimable")
    assert refused.json()["needs_human"] is True
    operator = shop.client(Principal("user ann", ROLES["operator"]))
    path = f"{API}/retraining-recommendations/{shop.number}"
    assert operator.post(f"{path}/approve", json={"note": "new features"}).json()["due"] is True
    second = shop.claim(run_id="run 2").json()
    assert operator.post(f"{path}/decline").json()["status"] == "declined"
    assert shop.report(second, "complete", outcome="deployed").status_code == 409
    assert operator.post(f"{path}/approve").status_code == 409
    told = operator.get(path).json()["history"]
    assert [one["kind"] for one in told] == [
        "opened", "claimed", "returned", "needs_human", "approved", "claimed", "declined",
    ]  # fmt: skip
    assert told[4]["actor"] == "user ann"
    actions = [one["action"] for one in audit.exported(shop.store)]
    assert actions == [f"retraining.{a}" for a in ("claim", "no_improvement", "approve", "claim", "decline")]


@pytest.mark.parametrize(
    ("role", "claim", "approve"),
    [("viewer", 403, 403), ("operator", 403, 200), ("retrainer", 201, 403), ("ingest", 403, 403), ("admin", 201, 200)],
)
def test_who_may(shop: Shop, role: Any, claim: int, approve: int) -> None:
    """Trainers claim, operators decide; others are refused."""
    client, path = shop.client(Principal("key x", ROLES[role])), f"{API}/retraining-recommendations/{shop.number}"
    assert client.post(f"{path}/claim", json=CLAIM).status_code == claim
    assert client.post(f"{path}/approve").status_code == approve


def test_models_of_others_are_not_there(shop: Shop) -> None:
    """Who may not see a model is told that its recommendation and its claim do not exist, and lists nothing."""
    ticket = shop.claim().json()
    other = shop.client(Principal("key x", ROLES["admin"], ("other-*",)))
    path = f"{API}/retraining-recommendations"
    assert other.get(path).json() == {"items": [], "next_cursor": None}
    assert other.get(f"{path}/{shop.number}").status_code == 404
    assert other.post(f"{path}/{shop.number}/claim", json=CLAIM).status_code == 404
    assert other.get(f"{API}/models/m/retraining-recommendations").status_code == 404
    beat = other.put(f"{API}/retraining-claims/{ticket['claim_id']}/heartbeat", json={"fence": ticket["fence"]})
    assert beat.status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, CLAIM | {"ttl_s": 59}, CLAIM | {"ttl_s": 86_401}, CLAIM | {"claimant": ""}, CLAIM | {"more": 1}],
)
def test_bodies_are_checked(shop: Shop, body: dict[str, Any]) -> None:
    """What is missing, out of range or unknown is 422 and claims nothing."""
    client = shop.client()
    assert client.post(f"{API}/retraining-recommendations/{shop.number}/claim", json=body).status_code == 422
    assert client.get(f"{API}/retraining-recommendations/{shop.number}").json()["status"] == "open"


def test_lists_go_by_pages(shop: Shop) -> None:
    """A page knows the next; a wrong cursor or limit is refused; a status chooses."""
    client, path = shop.client(), f"{API}/models/m/retraining-recommendations"
    client.post(f"{API}/retraining-recommendations/{shop.number}/decline")
    with shop.store.write() as conn:
        (known,) = recommendations.page(conn)
        for i in range(4):
            more = replace(known.recommendation, id=f"rec_{i}", opened_at=START + i * HOUR, status="expired")
            recommendations.open_(conn, known.model_id, Moved(more))
    numbers, cursor = [], None
    for _ in range(5):
        page = client.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        numbers += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert numbers == [known.id, "rec_3", "rec_2", "rec_1", "rec_0"]
    assert [one["id"] for one in client.get(path, params={"status": "declined"}).json()["items"]] == [known.id]
    assert client.get(path, params={"cursor": "nonsense"}).status_code == 400
    assert client.get(path, params={"limit": 501}).status_code == 422
    assert client.get(path, params={"status": "nonsense"}).status_code == 422


def test_what_it_says(shop: Shop) -> None:
    """A recommendation says why, from which windows, what to train on and how much of it is labelled."""
    found = shop.client().get(f"{API}/retraining-recommendations/{shop.number}").json()
    assert found["reasons"][0]["metric"] == "roc_auc"
    assert found["reasons"][0]["value"] < found["reasons"][0]["limit"]
    assert len(found["evidence"]) == 3
    assert found["training"]["start"] == "2024-03-17T00:00:00Z"
    assert found["label_coverage"] == pytest.approx(found["training"]["labelled"] / found["training"]["rows"])
    assert timedelta(0) <= datetime.fromisoformat(found["opened_at"]) - END < timedelta(seconds=1)


@pytest.mark.parametrize("number", ["rec_0", "rec_%00", "rec_1%0A", "x" * 300, "rec_%F0%9F%92%A9", "%2e%2e"])
def test_ids_that_are_none(shop: Shop, number: str) -> None:
    """An id that does not exist is 404, one that cannot be is refused; neither is an error of ours."""
    client = shop.client()
    answers = {
        client.get(f"{API}/retraining-recommendations/{number}").status_code,
        client.post(f"{API}/retraining-recommendations/{number}/claim", json=CLAIM).status_code,
        client.post(f"{API}/retraining-claims/{number.replace('rec', 'clm')}/release", json={"fence": 1}).status_code,
    }
    assert answers <= {404, 422}


def test_hostile_texts_come_back_as_data(shop: Shop) -> None:
    """Who claims may be called anything that JSON can carry."""
    name = "\x00\u202e<script>'\"; --\n\t💩"
    ticket = shop.claim(claimant=name, run_id=name).json()
    assert ticket["recommendation"]["claim"]["claimant"] == name
    shop.report(ticket, "complete", outcome="failed", model_version=name)
    found = shop.client().get(f"{API}/retraining-recommendations/{shop.number}").json()
    assert (found["claim"]["model_version"], found["history"][1]["actor"]) == (name, name)


def test_a_request_that_names_itself_is_done_once(shop: Shop) -> None:
    """The same Idempotency-Key gives the same answer; for another request it is refused."""
    client, path = shop.client(), f"{API}/retraining-recommendations/{shop.number}/claim"
    key = {"Idempotency-Key": "k1"}
    first_time, again = (client.post(path, json=CLAIM, headers=key) for _ in range(2))
    assert (first_time.status_code, again.status_code) == (201, 201)
    assert first_time.json() == again.json()
    assert client.post(path, json=CLAIM | {"run_id": "2"}, headers=key).status_code == 422
    told = client.get(f"{API}/retraining-recommendations/{shop.number}").json()["history"]
    assert [one["kind"] for one in told] == ["opened", "claimed"]
