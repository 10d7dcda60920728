"""Tells people and machines: one receiver per file, one guarded way out of the house.

Imports ``monitor.domain``, ``monitor.config``, ``monitor.telemetry``, ``monitor.errors``; knows nothing of the store.
A kind of receiver is one file here that declares ``RECEIVES`` and ``send``; only the kind in use is imported. ``send``
tries once and says how it went; when to try again is decided in one place, by ``monitor.notify.schedule``.
"""

from monitor.notify.egress import Egress
from monitor.notify.message import Mark, Message
from monitor.notify.outcome import Failed, Outcome, Retry, Sent
from monitor.notify.registry import horizon, repeats, send

__all__ = ["Egress", "Failed", "Mark", "Message", "Outcome", "Retry", "Sent", "horizon", "repeats", "send"]
