"""Why nothing came through: what may be tried again, and what may not."""

from __future__ import annotations

from monitor.errors import MonitorError


class RefusedError(MonitorError):
    """We do not send there, or it can never work: trying again is no use. Its text holds no secret."""


class UnreachableError(MonitorError):
    """The network or the other side failed this time. Its text holds no secret."""
