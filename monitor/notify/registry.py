"""Every kind of receiver, found by being in this folder: a file with ``RECEIVES`` and ``send``.

Only the file of the kind in use is imported. A kind may also declare ``HORIZON``, the age at which a notice is given
up, and ``REPEATS``, how often an open incident must be told again lest the receiver forget it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from monitor.config.receiver import Receiver, ReceiverConfig
from monitor.errors import ConfigError, Fault
from monitor.notify.egress import Egress
from monitor.notify.message import Message
from monitor.notify.outcome import Failed, Outcome, Retry
from monitor.notify.refusal import RefusedError, UnreachableError

_A_DAY = timedelta(hours=24)
# Not by `ast`: Python 3.11 cannot parse in two threads at once (SystemError).
_RECEIVES = re.compile(r'^RECEIVES = "(\w+)"$', re.MULTILINE)


class Kind(Protocol):
    """What the file of a kind of receiver offers."""

    def send(self, message: Message, receiver: Receiver, egress: Egress) -> Outcome:
        """Try once to tell it."""


def send(message: Message, receiver: ReceiverConfig, egress: Egress) -> Outcome:
    """Try once to tell a receiver, and say how it went; nothing is logged but by the receiver ``log``.

    Parameters
    ----------
    message : Message
        What to tell; the same object at every attempt.
    receiver : ReceiverConfig
        Whom, as in monitor.yaml.
    egress : Egress
        The way out.

    Raises
    ------
    ConfigError
        No file here serves such a receiver.
    """
    try:
        return _kind(receiver.type).send(message, receiver, egress)
    except RefusedError as refused:
        return Failed(refused.message)
    except UnreachableError as unreachable:
        return Retry(unreachable.message)


def horizon(kind: str) -> timedelta:
    """Return the age at which a notice to this kind of receiver is given up.

    Examples
    --------
    >>> horizon("webhook").days, horizon("email").days
    (3, 1)
    """
    return cast(timedelta, getattr(_kind(kind), "HORIZON", _A_DAY))


def repeats(kind: str) -> timedelta | None:
    """Return how often this kind must be told of an incident that is still open; None when once is enough.

    Examples
    --------
    >>> repeats("alertmanager").total_seconds(), repeats("slack")
    (60.0, None)
    """
    return cast("timedelta | None", getattr(_kind(kind), "REPEATS", None))


@cache
def kinds() -> dict[str, str]:
    """Return which module serves which type of receiver, without importing one.

    Examples
    --------
    >>> kinds()["webhook"]
    'monitor.notify.webhook'
    """
    package = __name__.rpartition(".")[0]
    found = ((path.stem, _declared(path)) for path in sorted(Path(__file__).parent.glob("*.py")))
    return {kind: f"{package}.{stem}" for stem, kind in found if kind}


def _kind(kind: str) -> Kind:
    module = kinds().get(kind)
    if module is None:
        fault = Fault("monitor.yaml", None, "receivers", f"nothing serves type {kind!r}", f"use {', '.join(kinds())}")
        raise ConfigError([fault])
    return cast(Kind, import_module(module))


def _declared(path: Path) -> str | None:
    """Read the value of RECEIVES in a file's text."""
    found = _RECEIVES.search(path.read_text(encoding="utf-8"))
    return found[1] if found else None
