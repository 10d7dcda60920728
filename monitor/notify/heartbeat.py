"""The sign of life, over the same way out as alarms: when it stops, somebody else raises the alarm."""

from __future__ import annotations

from monitor.config.heartbeat import HeartbeatConfig
from monitor.notify.egress import Egress
from monitor.notify.outcome import Failed, Outcome, Retry
from monitor.notify.refusal import RefusedError, UnreachableError
from monitor.notify.reply import outcome_of


def beat(config: HeartbeatConfig, egress: Egress) -> Outcome:
    """Post one sign of life; whether there is reason to is the caller's to know."""
    try:
        answer = egress.post(config.url.get_secret_value(), b"", {}, allow_private=config.allow_private)
    except RefusedError as refused:
        return Failed(refused.message)
    except UnreachableError as unreachable:
        return Retry(unreachable.message)
    return outcome_of(answer, egress.now())
