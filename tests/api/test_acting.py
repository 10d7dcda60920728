"""What can be done: incidents, silences, second chances; once, by those who may, and on the record."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from monitor.api import once
from monitor.domain.principal import ROLES, Principal
from monitor.store import audit, runs
from monitor.store.alert_tables import incidents, outbox
from monitor.store.tables import runs as ledger
from tests.api.asgi import Asgi
from tests.api.conftest import Post

ANN = Principal("user ann", ROLES["operator"])
ROOT = Principal("user root", ROLES["admin"])


@pytest.fixture
def ann(alarmed: Post) -> Asgi:
    """Ask as an operator about a model with an open incident."""
    return alarmed.client(ANN)


def only(client: Asgi) -> tuple[str, str]:
    """Return the path of the one open incident and its entity tag."""
    [found] = client.get("/api/v1/incidents").json()["items"]
    path = f"/api/v1/incidents/{found['id']}"
    return path, client.get(path).headers["etag"]


def entries(post: Post) -> list[tuple[str, str]]:
    """Return who did what, by the audit log."""
    with post.store.read() as conn:
        return [(entry.actor, entry.action) for entry in audit.every(conn)]


def test_incidents_are_listed_and_told(ann: Asgi) -> None:
    """An incident says what it is about; one of another model, or with another number, is not there."""
    path, _ = only(ann)
    told = ann.get(path).json()
    assert (told["model"], told["state"], told["severity"]) == ("m", "open", "critical")
    assert "amount" in told["columns"]
    assert told["members"][0]["evidence"]["value"] > 0
    assert ann.get("/api/v1/incidents/inc_0").status_code == 404
    assert ann.get("/api/v1/incidents", params={"state": "resolved"}).json()["items"] == []
    assert ann.get("/api/v1/incidents", params={"model": "other"}).json()["items"] == []


def test_other_models_incidents_are_not_there(alarmed: Post) -> None:
    """Who may not see a model sees none of its incidents, and cannot act on them."""
    path, tag = only(alarmed.client(ANN))
    bob = alarmed.client(Principal("user bob", ROLES["operator"], ("fraud-*",)))
    assert bob.get("/api/v1/incidents").json()["items"] == []
    assert bob.get(path).status_code == 404
    assert bob.post(f"{path}/ack", headers={"if-match": tag}, json={}).status_code == 404


def test_acting_takes_the_version_that_was_seen(alarmed: Post, ann: Asgi) -> None:
    """Without If-Match 428, with an old one 412, with the right one it is done and has the next version."""
    path, tag = only(ann)
    assert ann.post(f"{path}/ack", json={}).status_code == 428
    done = ann.post(f"{path}/ack", headers={"if-match": tag}, json={"note": "on it", "for": "4h"})
    assert (done.status_code, done.json()["state"], done.json()["acknowledged_by"]) == (200, "acknowledged", "user ann")
    assert done.headers["etag"] != tag
    for action in ("ack", "unack", "resolve"):
        assert ann.post(f"{path}/{action}", headers={"if-match": tag}).status_code == 412
    for action, state in (("unack", "open"), ("resolve", "resolved")):
        done = ann.post(f"{path}/{action}", headers={"if-match": done.headers["etag"]})
        assert (done.status_code, done.json()["state"]) == (200, state)
    assert ann.post(f"{path}/ack", headers={"if-match": done.headers["etag"]}).status_code == 409
    assert [word for _, word in entries(alarmed)] == ["incident.ack", "incident.unack", "incident.resolve"]


def test_a_weak_tag_is_no_match(ann: Asgi) -> None:
    """If-Match compares strongly."""
    path, tag = only(ann)
    assert ann.post(f"{path}/ack", headers={"if-match": f"W/{tag}"}).status_code == 412
    assert ann.post(f"{path}/ack", headers={"if-match": f'"900", {tag}'}).status_code == 200


@pytest.mark.parametrize(
    "body", [{"for": "3 parsecs"}, {"for": "9d"}, {"length": "4h"}, {"note": 3}, {"note": "x" * 2001}, [1], "x"]
)
def test_wrong_bodies_are_refused(ann: Asgi, body: Any) -> None:
    """A body with a word too many or of another kind changes nothing."""
    path, tag = only(ann)
    assert ann.post(f"{path}/ack", headers={"if-match": tag}, json=body).status_code in (400, 422)
    assert ann.get(path).headers["etag"] == tag


def test_a_key_makes_it_happen_once(alarmed: Post, ann: Asgi) -> None:
    """The same request again has the same answer though its version is old; another one under that key is refused."""
    path, tag = only(ann)
    headers = {"if-match": tag, "idempotency-key": "run-7"}
    first, again = (ann.post(f"{path}/ack", headers=headers, json={"note": "on it"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"
    assert len(entries(alarmed)) == 1
    assert ann.post(f"{path}/ack", headers=headers, json={"note": "other"}).status_code == 422
    other = alarmed.client(Principal("user eve", ROLES["operator"]))
    assert other.post(f"{path}/ack", headers=headers, json={"note": "on it"}).status_code == 412


def test_a_refusal_is_not_kept(ann: Asgi) -> None:
    """What was refused may be sent again under its key once it is right."""
    path, tag = only(ann)
    assert ann.post(f"{path}/ack", headers={"idempotency-key": "k", "if-match": '"900"'}).status_code == 412
    assert ann.post(f"{path}/ack", headers={"idempotency-key": "k", "if-match": tag}).status_code == 200


def test_the_same_key_at_the_same_time(alarmed: Post) -> None:
    """While a request is being done, the same one is told to wait; it is done once."""
    inside, go = threading.Event(), threading.Event()

    def effect(_conn: object) -> once.Done:
        inside.set()
        go.wait(20)
        return once.Done({"done": True})

    asked = once.Asked("k", ANN, "digest")
    thread = threading.Thread(target=once.once, args=(alarmed.backend(), asked, effect))
    thread.start()
    inside.wait(20)
    with pytest.raises(once.Problem) as refused:
        once.once(alarmed.backend(), asked, effect)
    assert refused.value.status == 409
    go.set()
    thread.join()
    assert once.once(alarmed.backend(), asked, effect).headers["idempotency-replayed"] == "true"


def test_many_acknowledge_at_once_and_one_does(alarmed: Post) -> None:
    """Of ten who saw the same version one acknowledges, the others are told that it has changed."""
    path, tag = only(alarmed.client(ANN))
    codes: list[int] = []
    everybody = [alarmed.client(Principal(f"user {number}", ROLES["operator"])) for number in range(10)]
    for who in everybody:
        who.get(path)  # an application lays its routes out at the first question, and not for several threads at once

    def ack(who: Asgi) -> None:
        codes.append(who.post(f"{path}/ack", headers={"if-match": tag}).status_code)

    threads = [threading.Thread(target=ack, args=(who,)) for who in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [412] * 9
    with alarmed.store.read() as conn:
        assert conn.execute(select(incidents.c.state)).scalars().all() == ["acknowledged"]


def test_silences(alarmed: Post, ann: Asgi) -> None:
    """A silence is made, seen on the incident it covers, made longer, and ended."""
    made = ann.post("/api/v1/silences", json={"matchers": ["model=m"], "for": "2h", "reason": "migration"})
    assert made.status_code == 201
    path = f"/api/v1/silences/{made.json()['id']}"
    assert len(made.json()["incidents"]) == 1
    assert ann.get("/api/v1/incidents").json()["items"][0]["silenced"]
    assert ann.delete(path).status_code == 428
    longer = ann.put(path, json={"for": "5h"}, headers={"if-match": ann.get(path).headers["etag"]})
    assert (longer.status_code, longer.json()["reason"]) == (200, "migration")
    assert ann.get(path).json()["state"] == "over"
    path = f"/api/v1/silences/{longer.json()['id']}"
    ended = ann.delete(path, headers={"if-match": longer.headers["etag"]})
    assert (ended.status_code, ended.json()["state"]) == (200, "over")
    assert ann.get("/api/v1/silences").json()["items"] == []
    assert len(ann.get("/api/v1/silences", params={"over": True, "limit": 1}).json()["items"]) == 1
    assert [word for _, word in entries(alarmed)] == ["silence.add", "silence.change", "silence.end"]


def test_silences_keep_to_the_models_of_their_author(alarmed: Post) -> None:
    """Who may see one model makes no silence that could cover others."""
    bob = alarmed.client(Principal("user bob", ROLES["operator"], ("m*",)))
    for matchers, status in ((["model=m"], 201), (["severity=critical"], 403), (["model=other"], 403)):
        body = {"matchers": matchers, "for": "2h", "reason": "x"}
        assert bob.post("/api/v1/silences", json=body).status_code == status


@pytest.mark.parametrize(
    "change",
    [
        {"for": "31d"},
        {"for": ""},
        {"matchers": []},
        {"matchers": ["x"]},
        {"matchers": ["model=m", "colum=x"]},
        {"reason": ""},
        {"starts_at": "soon"},
    ],
)
def test_wrong_silences_are_refused(ann: Asgi, change: dict[str, object]) -> None:
    """Too long, about nothing, or without a reason."""
    body = {"matchers": ["model=m"], "for": "2h", "reason": "x"} | change
    assert ann.post("/api/v1/silences", json=body).status_code in (400, 422)
    assert ann.get("/api/v1/silences").json()["items"] == []


def test_runs_get_a_second_chance(alarmed: Post) -> None:
    """A window that was given up is due again; one that is done is not."""
    root = alarmed.client(ROOT)
    listed = root.get("/api/v1/runs", params={"limit": 4}).json()
    assert len(listed["items"]) == 4
    assert len(root.get("/api/v1/runs", params={"cursor": listed["next_cursor"]}).json()["items"]) == 5
    number = listed["items"][0]["id"]
    assert root.post(f"/api/v1/runs/{number}/retry").status_code == 409
    with alarmed.store.write() as conn:
        conn.execute(ledger.update().where(ledger.c.id == number).values(status="quarantined", error="killed"))
    assert [one["id"] for one in root.get("/api/v1/runs", params={"status": "quarantined"}).json()["items"]] == [number]
    assert root.post(f"/api/v1/runs/{number}/retry").json()["status"] == "due"
    with alarmed.store.read() as conn:
        assert runs.get(conn, number).status == "due"  # type: ignore[union-attr]
    assert root.get("/api/v1/runs/99999").status_code == 404
    assert root.post("/api/v1/models/m/retry").json() == {"failed": 0, "quarantined": 0, "skipped": 0}


def test_deliveries_are_sent_again(alarmed: Post) -> None:
    """A notice that was given up is queued again, one that waits is not."""
    root, at = alarmed.client(ROOT), alarmed.now
    with alarmed.store.write() as conn:
        for number, state in (("N2", "dead"), ("N1", "queued")):
            row = {"id": number, "receiver": "team", "seq": 1, "kind": "opened", "message": "{}", "state": state}
            conn.execute(outbox.insert().values(**row, next_at=at, expires_at=at, created_at=at))
    assert [one["id"] for one in root.get("/api/v1/deliveries").json()["items"]] == ["N2", "N1"]
    page = root.get("/api/v1/deliveries", params={"limit": 1}).json()
    assert root.get("/api/v1/deliveries", params={"cursor": page["next_cursor"]}).json()["items"][0]["id"] == "N1"
    assert root.post("/api/v1/deliveries/N2/redeliver").json()["state"] == "queued"
    assert root.post("/api/v1/deliveries/N1/redeliver").status_code == 409
    assert root.get("/api/v1/deliveries/N3").status_code == 404
    assert alarmed.client(ANN).get("/api/v1/deliveries").status_code == 403


def test_a_name_that_is_given_again_is_somebody_else(alarmed: Post) -> None:
    """Of two keys that have had the same name one after the other, none gets the other's answer."""
    old = Principal("key ci", ROLES["operator"], id="key 1111")
    new = Principal("key ci", ROLES["operator"], id="key 2222")
    path, tag = only(alarmed.client(old))
    headers = {"if-match": tag, "idempotency-key": "nightly"}
    assert alarmed.client(old).post(f"{path}/ack", headers=headers).status_code == 200
    assert alarmed.client(new).post(f"{path}/ack", headers=headers).status_code == 412
    assert alarmed.client(old).post(f"{path}/ack", headers=headers).headers["idempotency-replayed"] == "true"
