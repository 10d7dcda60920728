"""A notice as a CloudEvent 1.0 in JSON, under 20 kB."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from monitor.notify.message import Mark, Message
from monitor.notify.plain import plain

TYPE = "dev.model-monitor.incident."
RETRAINING = "dev.model-monitor.retraining."
_MOST_BYTES = 20_000
_MOST_LABELS = 20
_MOST_ITEMS = 10


def cloud_event(message: Message) -> bytes:
    """Return the JSON of a notice: always valid, without NaN, without what no encoding takes.

    When names are so long that it would not stay under 20 kB, labels are left out first, then columns from the least;
    ``data.more`` counts these too.
    """
    for marks in range(len(message.columns), -1, -1):
        for labels in (message.labels, {}) if marks == len(message.columns) else ({},):
            written = _written(message, message.columns[:marks], labels)
            if len(written) < _MOST_BYTES:
                return written
    return written


def _written(message: Message, marks: tuple[Mark, ...], labels: Mapping[str, str]) -> bytes:
    event = {
        "specversion": "1.0",
        "id": message.id,
        "source": f"/models/{quote(plain(message.model), safe='')}",
        "type": TYPE + message.kind if message.document is None else RETRAINING + plain(message.reason, 40),
        "subject": plain(message.incident),
        "time": stamp(message.at),
        "datacontenttype": "application/json",
        "data": _data(message, marks, labels) if message.document is None else _retraining(message, labels),
    }
    return json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _data(message: Message, marks: tuple[Mark, ...], labels: Mapping[str, str]) -> dict[str, object]:
    return {
        "kind": message.kind,
        "reason": None if message.reason is None else plain(message.reason),
        "model": plain(message.model),
        "severity": message.severity,
        "dedup_key": plain(message.dedup_key, 255),
        "incident": plain(message.incident),
        "title": plain(message.title),
        "summary": plain(message.summary, 1024),
        "since": stamp(message.since),
        "window": {"start": stamp(message.window.start), "end": stamp(message.window.end)},
        "columns": [mark(one) for one in marks],
        "more": message.more + len(message.columns) - len(marks),
        "late": message.late,
        "labels": {plain(key, 100): plain(value) for key, value in list(labels.items())[:_MOST_LABELS]},
        "link": None if message.link is None else plain(message.link, 1000),
        "runbook": None if message.runbook is None else plain(message.runbook, 1000),
    }


def _retraining(message: Message, labels: Mapping[str, str]) -> dict[str, object]:
    """Return what is told of a recommendation: what has happened to it, and itself as the API shows it."""
    return {
        "kind": None if message.reason is None else plain(message.reason, 40),
        "model": plain(message.model),
        "severity": message.severity,
        "title": plain(message.title),
        "summary": plain(message.summary, 1024),
        "recommendation": _bounded(message.document),
        "labels": {plain(key, 100): plain(value) for key, value in list(labels.items())[:_MOST_LABELS]},
        "link": None if message.link is None else plain(message.link, 1000),
    }


def _bounded(value: object) -> object:
    """Return a JSON value whose texts are short and of one line, and whose lists are short."""
    if isinstance(value, Mapping):
        return {str(key): _bounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value[:_MOST_ITEMS]]
    return plain(value, 300) if isinstance(value, str) else value


def mark(one: Mark) -> dict[str, object]:
    """Return a column's numbers for machines; what is not finite is null."""
    return {
        "name": plain(one.name),
        "metric": plain(one.metric, 100),
        "value": _finite(one.value),
        "limit": _finite(one.limit),
        "p_value": _finite(one.p),
    }


def stamp(at: datetime) -> str:
    """Return an instant in RFC 3339.

    Examples
    --------
    >>> stamp(datetime(2026, 1, 1, tzinfo=UTC))
    '2026-01-01T00:00:00Z'
    """
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
