"""Text in columns that takes whatever a log holds, and the canonical JSON and digests of keys."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

MARK = "\\json:"
# Encoders are made once: json.dumps makes one for each call.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_ascii = json.JSONEncoder(separators=(",", ":")).encode


class HostileText(TypeDecorator[str]):
    r"""Text that survives both databases unchanged, NUL characters and lone surrogates included.

    Ordinary text is stored as it is; text that PostgreSQL or UTF-8 refuses is stored as ``\json:`` and its
    escaped JSON, and so is text that begins with that mark.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Escape what the database would refuse."""
        return None if value is None else armour(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Undo the escape."""
        return None if value is None else bare(value)


def armour(text: str) -> str:
    r"""Return text that any database keeps; ``bare`` undoes it.

    Examples
    --------
    >>> armour("café"), armour("a\0b")
    ('café', '\\json:"a\\u0000b"')
    """
    if "\0" in text or text.startswith(MARK) or not _encodable(text):
        return MARK + json.dumps(text)
    return text


def bare(text: str) -> str:
    r"""Return the text that ``armour`` was given.

    Examples
    --------
    >>> all(bare(armour(t)) == t for t in ("", "café", "a\0b", "\ud800", "\\json:1"))
    True
    """
    return str(json.loads(text[len(MARK) :])) if text.startswith(MARK) else text


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, characters as they are, no NaN.

    Examples
    --------
    >>> canonical_json({"origin": "JFK", "carrier": None})
    '{"carrier":null,"origin":"JFK"}'
    """
    return _canonical(value)


def digest(*parts: str | None) -> str:
    """Return 32 hexadecimal digits that name these parts: a key of one length for names of any.

    PostgreSQL refuses index entries beyond 2.7 kB, and a category may be longer than that.

    Examples
    --------
    >>> digest("a", None) == digest("a", None) != digest("a", "None")
    True
    """
    return blake2b(_ascii(parts).encode("ascii"), digest_size=16).hexdigest()


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
