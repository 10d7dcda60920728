"""The service's own log, for who reads it anyway, and as the fallback that is always there."""

from __future__ import annotations

from monitor.config.receiver import LogReceiver
from monitor.notify.egress import Egress
from monitor.notify.message import Message
from monitor.notify.outcome import Outcome, Sent
from monitor.notify.plain import plain
from monitor.notify.wording import headline, mark_lines
from monitor.telemetry import logger

RECEIVES = "log"


def send(message: Message, receiver: LogReceiver, egress: Egress) -> Outcome:  # noqa: ARG001 - it needs no way out
    """Write one event, a warning unless the incident is over."""
    log = logger(receiver=receiver.name)
    write = log.info if message.kind in {"resolved", "digest"} else log.warning
    write(
        plain(headline(message), 500),
        id=message.id,
        kind=message.kind,
        model=plain(message.model),
        incident=plain(message.incident),
        summary=plain(message.summary, 1024),
        columns=mark_lines(message),
        link=message.link,
    )
    return Sent()
