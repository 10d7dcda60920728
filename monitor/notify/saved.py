"""How a notice is saved: as one text of ASCII, whatever its names hold, and back."""

from __future__ import annotations

import json
import math
from base64 import b64decode, b64encode
from dataclasses import fields
from datetime import datetime
from typing import Any

from monitor.domain.window import Window
from monitor.notify.message import Mark, Message


def dump(message: Message) -> str:
    r"""Return the JSON text of a notice; its handle, which is known only when it is sent, is left out."""
    written: dict[str, Any] = {field.name: getattr(message, field.name) for field in fields(Message)}
    written |= {
        "at": message.at.isoformat(),
        "since": message.since.isoformat(),
        "window": [message.window.start.isoformat(), message.window.end.isoformat()],
        "columns": [
            [mark.name, mark.metric, *map(_finite, (mark.value, mark.limit, mark.p))] for mark in message.columns
        ],
        "labels": dict(message.labels),
        "document": None if message.document is None else dict(message.document),
        "picture": None if message.picture is None else b64encode(message.picture).decode("ascii"),
    }
    del written["handle"]
    return json.dumps(written, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def load(text: str) -> Message:
    """Return the notice that a text holds; fields that a later version has added are left out.

    Raises
    ------
    ValueError
        The text is not one that `dump` has written.
    """
    try:
        found = json.loads(text)
        start, end = map(datetime.fromisoformat, found["window"])
        picture = found["picture"]
        found |= {
            "at": datetime.fromisoformat(found["at"]),
            "since": datetime.fromisoformat(found["since"]),
            "window": Window(start, end),
            "columns": tuple(Mark(*mark) for mark in found["columns"]),
            "picture": None if picture is None else b64decode(picture),
        }
        known = {field.name for field in fields(Message)}
        return Message(**{name: value for name, value in found.items() if name in known})
    except (KeyError, TypeError) as error:
        raise ValueError(f"no notice: {type(error).__name__}") from None


def _finite(value: float | None) -> float | None:
    """Return a number that JSON knows, None for another."""
    return value if value is None or math.isfinite(value) else None
