"""A webhook: its body, its signature, and every way in which the other side may misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from monitor.notify import Egress, Failed, Mark, Retry, Sent, send
from tests.notify.conftest import AT, HOSTILE, Recorder, hostile, message, receiver

OLD, NEW = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def test_the_body_is_a_cloud_event(recorder: Recorder, egress: Egress) -> None:
    """Every field that the contract names is there."""
    assert send(message(), receiver("webhook", url=recorder.url()), egress) == Sent()
    (call,) = recorder.calls
    assert call.headers["content-type"] == "application/cloudevents+json"
    event = call.json
    data = event.pop("data")
    assert event == {
        "specversion": "1.0",
        "id": message().id,
        "source": "/models/flight-delay",
        "type": "dev.model-monitor.incident.opened",
        "subject": "7",
        "time": "2026-03-02T14:05:00Z",
        "datacontenttype": "application/json",
    }
    assert data["window"] == {"start": "2026-03-02T13:00:00Z", "end": "2026-03-02T14:00:00Z"}
    first = {"name": "distance", "metric": "psi", "value": 0.31, "limit": 0.2, "p_value": 0.0004}
    assert data["columns"][0] == first
    assert (data["kind"], data["severity"], data["dedup_key"]) == ("opened", "critical", "flight-delay-7")
    assert data["link"].startswith("https://monitor.example.org/")


def test_each_live_secret_signs(recorder: Recorder, egress: Egress) -> None:
    """A receiver that knows either secret can check id, time and body."""
    send(message(), receiver("webhook", url=recorder.url(), secret=[NEW, OLD]), egress)
    (call,) = recorder.calls
    assert call.headers["webhook-id"] == message().id
    assert call.headers["webhook-timestamp"] == str(int(AT.timestamp()))
    signed = f"{message().id}.{int(AT.timestamp())}.".encode() + call.body
    keys = [bytes([2]) * 32, bytes([1]) * 32]
    expected = ["v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    assert call.headers["webhook-signature"].split(" ") == expected


def test_the_id_outlives_a_retry(recorder: Recorder, egress: Egress) -> None:
    """What failed and is sent again has the same id and the same body."""
    recorder.script = [(500, {}, b"")]
    to = receiver("webhook", url=recorder.url(), secret=NEW)
    assert send(message(), to, egress) == Retry("HTTP 500", None, 500)
    assert send(message(), to, egress) == Sent()
    first, second = recorder.calls
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/200", Sent()),
        ("/204", Sent()),
        ("/500", Retry("HTTP 500", None, 500)),
        ("/503", Retry("HTTP 503", None, 503)),
        ("/429", Retry("HTTP 429", timedelta(minutes=2), 429)),
        ("/408", Retry("HTTP 408", None, 408)),
        ("/425", Retry("HTTP 425", None, 425)),
        ("/301", Failed("HTTP 301, a redirect, which is never followed", status=301)),
        ("/404", Failed("HTTP 404", status=404)),
        ("/410", Failed("HTTP 410", disable=True, status=410)),
        ("/reset", Retry("connection lost")),
        ("/garbage", Retry("no HTTP answer: BadStatusLine")),
        ("/huge", Sent()),
    ],
)
def test_what_an_answer_means(path: str, outcome: object, recorder: Recorder, egress: Egress) -> None:
    """Each kind of answer has one meaning."""
    assert send(message(), receiver("webhook", url=recorder.url(path)), egress) == outcome


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_the_time_is_bounded(path: str, recorder: Recorder, egress: Egress) -> None:
    """Neither silence nor an answer that drips byte by byte holds a notice up beyond its receiver's timeout."""
    outcome = send(message(), receiver("webhook", url=recorder.url(path), timeout="1s"), egress)
    assert outcome == Retry("timeout")  # either would go on for half a minute, and then end otherwise


def test_a_closed_port_may_open_later(egress: Egress) -> None:
    """A receiver that is down is tried again."""
    outcome = send(message(), receiver("webhook", url="http://127.0.0.1:1/"), egress)
    assert outcome == Retry("cannot connect: connection refused")


def test_a_name_that_is_not_known_may_be_later() -> None:
    """A failing resolver is a network's fault, to be tried again."""
    lost = Egress(resolve=lambda *_: [])
    outcome = send(message(), receiver("webhook", url="https://hooks.example.org/"), lost)
    assert outcome == Retry("the name is not known")


def test_hostile_texts_stay_under_the_limit(recorder: Recorder, egress: Egress) -> None:
    """The body is valid JSON under 20 kB without control characters or NaN, whatever the names are."""
    marks = tuple(Mark("訓" * 500 + HOSTILE, HOSTILE * 9, float("inf")) for _ in range(60))
    labels = {f"{i}{HOSTILE * 9}": HOSTILE * 99 for i in range(100)}
    longest = hostile(columns=marks, labels=labels, summary="訓" * 9999, link="https://x.example/" * 999)
    for sent in (hostile(), longest):
        assert send(sent, receiver("webhook", url=recorder.url()), egress) == Sent()
        body = recorder.calls[-1].body
        assert len(body) < 20_000
        data = json.loads(body, parse_constant=pytest.fail)["data"]
        assert len(data["columns"]) + data["more"] == len(sent.columns) + sent.more
        assert not any(ord(c) < 32 or c in "\u202e\ud800" for c in json.dumps(data, ensure_ascii=False))
