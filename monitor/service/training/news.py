"""News of retraining: each event of a recommendation is pushed as a signed webhook, once to each who is to hear it.

Only receivers of type ``webhook`` hear of it: programs that train. Those that people read are told of the incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from monitor.alerts.gravity import gravest
from monitor.alerts.recommendation import Event, Recommendation
from monitor.alerts.route import chosen as routed
from monitor.alerts.route import receivers
from monitor.alerts.subject import Subject
from monitor.config import Config, ModelConfig
from monitor.domain.verdict import Severity
from monitor.notify import Message
from monitor.service.notices.notice import Stationery, notice_id
from monitor.service.notices.posting import entry
from monitor.service.training.record import record
from monitor.store import clock, outbox, recommendations
from monitor.store.engine import Store
from monitor.store.recommendations import Stored

KIND: Final = "retraining"
TITLES: Mapping[str, str] = {
    "opened": "training anew is recommended",
    "blocked": "do not train now",
    "due": "training anew is due",
    "claimed": "is being trained anew",
    "returned": "a training run came to nothing",
    "needs_human": "a person must look at its training",
    "approved": "training anew is approved",
    "satisfied": "was trained anew and deployed",
    "declined": "training anew is declined",
    "expired": "training anew is not needed any more",
    "superseded": "training anew is not needed any more",
}


def push(store: Store, config: Config, chosen: Mapping[int, ModelConfig]) -> int:
    """Enter into the outbox what has happened to recommendations since it was pushed last; returns how many notices.

    Silences and mute times hold nothing back: they are for people.
    """
    with store.read() as conn:
        if not recommendations.any_untold(conn, chosen):
            return 0
    paper = Stationery.of(config)
    with store.write() as conn:
        now = clock.now(conn)
        entered = 0
        for found in recommendations.untold(conn, chosen):
            entered += _pushed(conn, config, paper, chosen[found.model_id], found, now)
            recommendations.note_told(conn, found)
    return entered


def _pushed(
    conn: Connection, config: Config, paper: Stationery, model: ModelConfig, found: Stored, now: datetime
) -> int:
    names = _receivers(config, model, found.recommendation)
    rows = []
    for version, event in recommendations.events(conn, found.id, after=found.told):
        for name in names:
            message = _message(paper, found.recommendation, version, event, name)
            rows.append(entry(config, message, None, name, version, now))
    return outbox.enter(conn, rows)


def _receivers(config: Config, model: ModelConfig, found: Recommendation) -> list[str]:
    """Return the webhooks to which the routes lead, going by model, labels, severity and what has fallen."""
    hooks = {one.name for one in config.receivers if one.type == "webhook"}
    reasons = found.grounds.reasons
    subject: Subject = {
        **{key: (value,) for key, value in model.labels.items()},
        "model": (model.name,),
        "severity": (_severity(found),),
        "kind": (KIND, "performance"),
        "metric": tuple(one.metric for one in reasons),
        "rule": tuple(one.rule for one in reasons),
    }
    return [name for name in receivers(routed(config.routes, subject)) if name in hooks]


def _message(paper: Stationery, found: Recommendation, version: int, event: Event, receiver: str) -> Message:
    title = f"{found.model}: {TITLES[event.kind]}"
    said = f"{title}. {event.note}." if event.note else f"{title}."
    return Message(
        id=notice_id(event.at, found.id, receiver, version),
        kind=KIND,
        model=found.model,
        severity=_severity(found),
        dedup_key=found.id,
        incident=found.id,
        title=paper.clean(title),
        summary=paper.clean(said),
        at=event.at,
        since=found.opened_at,
        window=found.grounds.training,
        reason=event.kind,
        link=paper.link("models", found.model),
        runbook=paper.runbooks.get(found.model),
        labels=paper.labels.get(found.model, {}),
        document=record(found) | {"version": version},
    )


def _severity(found: Recommendation) -> Severity:
    return gravest(one.severity for one in found.grounds.reasons) or "warning"
