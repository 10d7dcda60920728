"""PagerDuty's Events API v2."""

from __future__ import annotations

import pytest

from monitor.notify import Egress, Failed, Retry, Sent, send
from tests.notify.conftest import Recorder, hostile, message, receiver

KEY = {"routing_key": "R0UT1NG"}


def test_an_open_incident_triggers(recorder: Recorder, egress: Egress) -> None:
    """The alert there has the key, severity and start of the incident here."""
    recorder.script = [(202, {}, b'{"status":"success"}')]
    assert send(message(), receiver("pagerduty", url=recorder.url("/v2/enqueue"), **KEY), egress) == Sent()
    event = recorder.calls[0].json
    assert (event["event_action"], event["dedup_key"], event["routing_key"]) == ("trigger", "flight-delay-7", "R0UT1NG")
    payload = event["payload"]
    assert payload["severity"] == "critical"
    assert payload["summary"] == "[critical] Opened: flight-delay: 3 columns drift"
    assert (payload["source"], payload["timestamp"]) == ("flight-delay", "2026-03-02T11:05:00Z")
    assert [link["href"] for link in event["links"]] == [message().link, message().runbook]


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("updated", "trigger"),
        ("severity_up", "trigger"),
        ("reopened", "trigger"),
        ("acknowledged", "acknowledge"),
        ("resolved", "resolve"),
    ],
)
def test_one_key_for_the_whole_life(kind: str, action: str, recorder: Recorder, egress: Egress) -> None:
    """Whatever happens to an incident happens under the same key."""
    send(message(kind=kind), receiver("pagerduty", url=recorder.url("/v2/enqueue"), **KEY), egress)
    event = recorder.calls[0].json
    assert (event["event_action"], event["dedup_key"]) == (action, "flight-delay-7")
    assert ("payload" in event) == (action == "trigger")


def test_a_digest_wakes_nobody(recorder: Recorder, egress: Egress) -> None:
    """What is only to be known is a change event: it has no key and opens nothing."""
    send(message(kind="digest"), receiver("pagerduty", url=recorder.url("/v2/enqueue"), **KEY), egress)
    (call,) = recorder.calls
    assert call.path == "/v2/change/enqueue"
    assert not {"event_action", "dedup_key"} & set(call.json)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Failed("HTTP 400", status=400)), (429, Retry("HTTP 429", None, 429)), (502, Retry("HTTP 502", None, 502))],
)
def test_what_is_tried_again(status: int, outcome: object, recorder: Recorder, egress: Egress) -> None:
    """A wrong key is wrong for good; a limit is not."""
    recorder.script = [(status, {}, b"")]
    assert send(message(), receiver("pagerduty", url=recorder.url(), **KEY), egress) == outcome


def test_hostile_texts_keep_the_limits(recorder: Recorder, egress: Egress) -> None:
    """Summary and key stay within PagerDuty's limits, and no link leads to a script."""
    send(hostile(title="x" * 5000, dedup_key="k" * 999), receiver("pagerduty", url=recorder.url(), **KEY), egress)
    event = recorder.calls[0].json
    assert len(event["payload"]["summary"]) <= 1024
    assert len(event["dedup_key"]) <= 255
    assert event["links"] == []
    assert event["payload"]["custom_details"]["columns"][0]["value"] is None
