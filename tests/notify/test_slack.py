"""Slack by token, which edits its message, and by an incoming webhook."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.notify import Egress, Failed, Retry, Sent, send
from tests.notify.conftest import HOSTILE, Recorder, hostile, message, receiver, served

OK: dict[str, Any] = {"ok": True, "channel": "C024BE91L", "ts": "1503435956.000247"}
HANDLE = "C024BE91L:1503435956.000247"
TOKEN = {"token": "xoxb-hush", "channel": "#alarms"}


@pytest.fixture
def slack(certified: Callable[[str], ssl.SSLContext]) -> Iterator[Recorder]:
    """Give somebody who can prove to be slack.com."""
    with served(certified("slack.com")) as recorder:
        yield recorder


def _answers(slack: Recorder, *said: dict[str, Any]) -> None:
    slack.script = [(200, {}, json.dumps({**one, "message": {"text": "x" * 20_000}}).encode()) for one in said]


def test_the_first_notice_is_posted(slack: Recorder, trusting: Callable[[int], Egress]) -> None:
    """A token posts to its channel and remembers which message it made."""
    _answers(slack, OK)
    assert send(message(), receiver("slack", **TOKEN), trusting(slack.port)) == Sent(HANDLE)
    (call,) = slack.calls
    assert (call.path, call.headers["authorization"]) == ("/api/chat.postMessage", "Bearer xoxb-hush")
    assert call.json["channel"] == "#alarms"
    assert call.json["metadata"]["event_payload"] == {"id": message().id}
    kinds = [block["type"] for block in call.json["blocks"]]
    assert kinds == ["header", "section", "section", "section", "actions"]
    assert call.json["blocks"][3]["text"]["text"].splitlines() == [
        "distance: psi 0.31, limit 0.2, p 0.0004",
        "carrier: unseen_rate 0.07, limit 0.05",
        "and 1 more",
    ]


def test_an_update_edits_its_message(slack: Recorder, trusting: Callable[[int], Egress]) -> None:
    """An update changes what stands there and calls nobody."""
    _answers(slack, OK)
    told = send(message(kind="updated", handle=HANDLE), receiver("slack", **TOKEN), trusting(slack.port))
    assert told == Sent(HANDLE)
    (call,) = slack.calls
    assert (call.path, call.json["channel"], call.json["ts"]) == ("/api/chat.update", *HANDLE.split(":"))


def test_a_resolved_incident_is_edited_and_answered(slack: Recorder, trusting: Callable[[int], Egress]) -> None:
    """What people must hear is said below the message too, once, and the message stays the one to edit."""
    _answers(slack, OK, {**OK, "ts": "2"})
    told = send(message(kind="resolved", handle=HANDLE), receiver("slack", **TOKEN), trusting(slack.port))
    assert told == Sent(HANDLE)
    assert [call.path for call in slack.calls] == ["/api/chat.update", "/api/chat.postMessage"]
    assert slack.calls[1].json["thread_ts"] == OK["ts"]


def test_a_deleted_message_is_posted_anew(slack: Recorder, trusting: Callable[[int], Egress]) -> None:
    """Where the message is gone, a new one takes its place and is the one to edit from now on."""
    _answers(slack, {"ok": False, "error": "message_not_found"}, {**OK, "ts": "9.9"})
    told = send(message(kind="updated", handle=HANDLE), receiver("slack", **TOKEN), trusting(slack.port))
    assert told == Sent("C024BE91L:9.9")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("ratelimited", Retry("slack: ratelimited", timedelta(seconds=5), 200)),
        ("internal_error", Retry("slack: internal_error", timedelta(seconds=5), 200)),
        ("channel_not_found", Failed("slack: channel_not_found", status=200)),
        ("token_revoked", Failed("slack: token_revoked", disable=True, status=200)),
        ("<b>what</b> xoxb-hush", Failed("slack: unknown error", status=200)),
    ],
)
def test_an_error_in_an_answer_of_200(
    error: str, outcome: object, slack: Recorder, trusting: Callable[[int], Egress]
) -> None:
    """Slack says 200 to nearly everything: what counts is inside."""
    _answers(slack, {"ok": False, "error": error})
    assert send(message(), receiver("slack", **TOKEN), trusting(slack.port)) == outcome


def test_an_incoming_webhook_only_appends(recorder: Recorder, egress: Egress) -> None:
    """A URL alone posts each notice anew."""
    recorder.script = [(200, {}, b"ok")]
    to = receiver("slack", url=recorder.url("/services/T0/B0/hush"))
    assert send(message(kind="resolved", handle=HANDLE), to, egress) == Sent()
    assert [call.path for call in recorder.calls] == ["/services/T0/B0/hush"]


def test_hostile_names_mention_nobody(recorder: Recorder, egress: Egress) -> None:
    """Nothing from data is markup: no mention, no link, no format, and Slack's limits are kept."""
    send(hostile(), receiver("slack", url=recorder.url()), egress)
    body = recorder.calls[0].json
    texts = list(_texts(body["blocks"]))
    assert {text["type"] for text in texts} == {"plain_text"}
    assert not any(c in text["text"] for text in texts for c in "<>\u202e\ud800\0\r")
    assert "<" not in body["text"]
    assert "\r" not in body["text"]
    assert len(body["blocks"][0]["text"]["text"]) <= 150
    assert all(len(text["text"]) <= 3000 for text in texts)
    assert not [block for block in body["blocks"] if block["type"] == "actions"]  # its links are no web addresses
    assert HOSTILE not in json.dumps(body)


def _texts(thing: Any) -> Iterator[dict[str, Any]]:
    """Give every text object within blocks."""
    if isinstance(thing, list):
        for one in thing:
            yield from _texts(one)
    elif isinstance(thing, dict):
        if thing.get("type") in {"plain_text", "mrkdwn"}:
            yield thing
        for one in thing.values():
            yield from _texts(one)
