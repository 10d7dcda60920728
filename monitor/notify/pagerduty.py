"""PagerDuty, Events API v2: an incident there is the incident here, by its key."""

from __future__ import annotations

import json
from typing import Any

from monitor.config.receiver import PagerDutyReceiver
from monitor.notify.cloud_event import mark, stamp
from monitor.notify.egress import Egress
from monitor.notify.message import Message
from monitor.notify.outcome import Outcome
from monitor.notify.plain import plain
from monitor.notify.reply import outcome_of
from monitor.notify.wording import headline, links

RECEIVES = "pagerduty"

_ACTIONS = {"resolved": "resolve", "acknowledged": "acknowledge"}  # everything else triggers
_MOST_SUMMARY, _MOST_KEY = 1024, 255
_EVENTS, _CHANGES = "/v2/enqueue", "/v2/change/enqueue"


def send(message: Message, receiver: PagerDutyReceiver, egress: Egress) -> Outcome:
    """Trigger, acknowledge or resolve; 202 means that it is queued. A digest is a change event: it wakes nobody."""
    url, key = receiver.url.get_secret_value(), receiver.routing_key.get_secret_value()
    digest = message.kind == "digest"
    body = {"routing_key": key, **(_change(message) if digest else _event(message))}
    answer = egress.post(
        url.removesuffix(_EVENTS) + _CHANGES if digest and url.endswith(_EVENTS) else url,
        json.dumps(body, allow_nan=False).encode(),
        {"Content-Type": "application/json"},
        allow_private=receiver.allow_private,
        seconds=receiver.timeout.total_seconds(),
    )
    return outcome_of(answer, egress.now())


def _event(message: Message) -> dict[str, Any]:
    action = _ACTIONS.get(message.kind, "trigger")
    event: dict[str, Any] = {"event_action": action, "dedup_key": plain(message.dedup_key, _MOST_KEY)}
    if action != "trigger":
        return event
    return event | {
        "payload": {
            "summary": plain(headline(message), _MOST_SUMMARY),
            "source": plain(message.model),
            "severity": message.severity,
            "timestamp": stamp(message.since),
            "component": plain(message.model),
            "class": plain(message.reason or "incident"),
            "custom_details": _details(message),
        },
        "client": "model-monitor",
        "links": _links(message),
    }


def _change(message: Message) -> dict[str, Any]:
    payload = {
        "summary": plain(headline(message), _MOST_SUMMARY),
        "source": plain(message.model),
        "timestamp": stamp(message.at),
        "custom_details": _details(message),
    }
    return {"payload": payload, "links": _links(message)}


def _details(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "incident": plain(message.incident),
        "summary": plain(message.summary, 1024),
        "window_start": stamp(message.window.start),
        "window_end": stamp(message.window.end),
        "columns": [mark(one) for one in message.columns],
        "more": message.more,
        "late": message.late,
        "labels": {plain(key, 100): plain(value) for key, value in list(message.labels.items())[:20]},
    }


def _links(message: Message) -> list[dict[str, str]]:
    return [{"href": url, "text": name} for name, url in links(message)]
