"""Prometheus Alertmanager, API v2: it forgets what is not repeated, so an open incident is posted every minute."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from monitor.config.receiver import AlertmanagerReceiver
from monitor.domain.verdict import SEVERITIES, Severity
from monitor.notify.cloud_event import stamp
from monitor.notify.egress import Egress
from monitor.notify.message import Message
from monitor.notify.outcome import Outcome, Sent
from monitor.notify.plain import plain
from monitor.notify.reply import outcome_of
from monitor.notify.wording import headline, links, mark_lines

RECEIVES = "alertmanager"
REPEATS = timedelta(minutes=1)

_AHEAD = timedelta(minutes=4)
_UNFIT = re.compile(r"[^a-zA-Z0-9_]")


def send(message: Message, receiver: AlertmanagerReceiver, egress: Egress) -> Outcome:
    """Post the incident as an alert that ends in 4 minutes, or now when it is resolved.

    The severity is one of the labels, by which an alert is known: when it rises, the lesser ones end in the same post.
    A digest is no alert and is not posted.
    """
    if message.kind == "digest":
        return Sent(note="a digest is no alert")
    now = egress.now()
    ends = now if message.kind == "resolved" else now + _AHEAD
    alerts = [_alert(message, receiver, message.severity, ends, now)]
    if message.kind == "severity_up":
        lesser = SEVERITIES[: SEVERITIES.index(message.severity)]
        alerts += [_alert(message, receiver, severity, now, now) for severity in lesser]
    answer = egress.post(
        receiver.url.get_secret_value().rstrip("/") + "/api/v2/alerts",
        json.dumps(alerts).encode(),
        {"Content-Type": "application/json"},
        allow_private=receiver.allow_private,
        seconds=receiver.timeout.total_seconds(),
    )
    return outcome_of(answer, now)


def _alert(
    message: Message, receiver: AlertmanagerReceiver, severity: Severity, ends: datetime, now: datetime
) -> dict[str, Any]:
    alert: dict[str, Any] = {
        "labels": _labels(message, receiver) | {"severity": severity},
        "annotations": _annotations(message),
        "startsAt": stamp(min(message.since, now)),
        "endsAt": stamp(ends),
    }
    seen = dict(links(message)).get("Open in the monitor")
    return alert | ({"generatorURL": seen} if seen else {})


def _labels(message: Message, receiver: AlertmanagerReceiver) -> dict[str, str]:
    """Name the alert by what stays the same while it is open; our own labels win over given ones of the same name."""
    given = {label_name(key): plain(value) for key, value in {**message.labels, **receiver.labels}.items()}
    ours = {
        "alertname": "ModelIncident",
        "model": plain(message.model),
        "incident": plain(message.dedup_key, 255),
    }
    return {key: value for key, value in (given | ours).items() if value}


def label_name(text: str) -> str:
    """Return a label's name as Prometheus takes it.

    Examples
    --------
    >>> label_name("cost centre"), label_name("7th"), label_name("")
    ('cost_centre', '_7th', '_')
    """
    name = _UNFIT.sub("_", text[:100])
    return name if name and not name[0].isdigit() else f"_{name}"


def _annotations(message: Message) -> dict[str, str]:
    found = {
        "summary": plain(headline(message)),
        "description": plain(message.summary, 1024),
        "reason": plain(message.reason or ""),
        "columns": "\n".join(mark_lines(message)),
        "runbook_url": dict(links(message)).get("Runbook", ""),
    }
    return {key: value for key, value in found.items() if value}
