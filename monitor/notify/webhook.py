"""Any web address: a CloudEvent, signed as Standard Webhooks."""

from __future__ import annotations

from datetime import timedelta

from monitor.config.receiver import WebhookReceiver
from monitor.notify.cloud_event import cloud_event
from monitor.notify.egress import Egress
from monitor.notify.message import Message
from monitor.notify.outcome import Outcome
from monitor.notify.reply import outcome_of
from monitor.notify.signature import signed_headers

RECEIVES = "webhook"
HORIZON = timedelta(hours=72)


def send(message: Message, receiver: WebhookReceiver, egress: Egress) -> Outcome:
    """Post a notice; its id is the same at every attempt, so that the receiver can drop doubles."""
    body = cloud_event(message)
    now = egress.now()
    answer = egress.post(
        receiver.url.get_secret_value(),
        body,
        {"Content-Type": "application/cloudevents+json"} | signed_headers(message.id, now, body, receiver.secret),
        allow_private=receiver.allow_private,
        seconds=receiver.timeout.total_seconds(),
    )
    return outcome_of(answer, now)
