"""A notice as text, to be kept until it is delivered, and back.

Text, so that what waits can be read and mended; it holds no secret, since a notice has none.
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from monitor.domain.window import Window
from monitor.notify.message import Mark, Message

_INSTANTS = ("at", "since")


def encode(message: Message) -> str:
    """Return a notice as JSON in ASCII; numbers that are not finite become null.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> one = Message("01", "opened", "m", "info", "k", "7", "t", "s", at, at, Window(at, at), picture=b"PNG")
    >>> decode(encode(one)) == one
    True
    """
    kept: dict[str, Any] = {field.name: getattr(message, field.name) for field in fields(Message)}
    kept |= {name: kept[name].isoformat() for name in _INSTANTS}
    kept["window"] = [message.window.start.isoformat(), message.window.end.isoformat()]
    kept["columns"] = [{key: _finite(value) for key, value in asdict(mark).items()} for mark in message.columns]
    kept["labels"] = dict(message.labels)
    kept["picture"] = None if message.picture is None else base64.b64encode(message.picture).decode()
    return json.dumps(kept, allow_nan=False)


def decode(text: str) -> Message:
    """Return the notice that was kept; fields of a later version are left out.

    Raises
    ------
    ValueError
        It is no notice.
    """
    kept = json.loads(text)
    if not isinstance(kept, dict):
        raise ValueError("not a notice")  # noqa: TRY004 - what is wrong is the text
    known = {field.name for field in fields(Message)}
    given = {name: value for name, value in kept.items() if name in known}
    try:
        given |= {name: datetime.fromisoformat(given[name]) for name in _INSTANTS}
        start, end = (datetime.fromisoformat(edge) for edge in given["window"])
        given["window"] = Window(start, end)
        given["columns"] = tuple(Mark(**mark) for mark in given["columns"])
        given["picture"] = None if given["picture"] is None else base64.b64decode(given["picture"])
        return Message(**given)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a notice: {type(error).__name__}") from None


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
