"""Paging: lists in pieces, each saying from where the next one goes on; a key of the last item, never an offset."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from monitor.api.problem import Problem

Item = TypeVar("Item")
MOST = 500
LONGEST = 500

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")]
Cursor = Annotated[
    str | None, Query(max_length=LONGEST, description="`next_cursor` of the page before; the first page when absent.")
]


class Page(BaseModel, Generic[Item]):
    """A piece of a list."""

    items: list[Item]
    next_cursor: str | None = Field(None, description="Gives the next piece; null at the end.")


def encode(name: str, *key: object) -> str:
    """Return the cursor behind an item of a list, opaque to callers.

    Examples
    --------
    >>> decode("incidents", encode("incidents", "2024-03-01T00:00:00+00:00", 7), str, int)
    ('2024-03-01T00:00:00+00:00', 7)
    """
    text = json.dumps([name, *(one.isoformat() if isinstance(one, datetime) else one for one in key)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(name: str, cursor: str | None, *kinds: type[Any]) -> tuple[Any, ...] | None:
    """Return the key that a cursor of this list holds, instants as instants; None without a cursor.

    Raises
    ------
    Problem
        400: it is no cursor of this list.
    """
    if cursor is None:
        return None
    try:
        return _key(name, base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)), kinds)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        fault = {"pointer": "#/query/cursor", "detail": "is no cursor of this list"}
        told = "The cursor is none of this list: begin without one."
        raise Problem(400, "bad-cursor", told, errors=[fault]) from None


def _key(name: str, text: bytes, kinds: tuple[type[Any], ...]) -> tuple[Any, ...]:
    found = json.loads(text)
    if not isinstance(found, list) or found[:1] != [name] or len(found) != len(kinds) + 1:
        raise ValueError(name)
    return tuple(_as(value, kind) for value, kind in zip(found[1:], kinds, strict=True))


def _as(value: object, kind: type[Any]) -> object:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at.astimezone(UTC)
    if type(value) is not kind or (kind is int and abs(int(value)) >= 2**63):  # type: ignore[call-overload]
        raise ValueError(value)
    if isinstance(value, str) and ("\0" in value or not value.isprintable()):
        raise ValueError(value)
    return value
