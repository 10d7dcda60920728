"""The one text of a category or class, whatever type it was logged as."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from hashlib import blake2b

import numpy as np

_EXACT = 2**53


def category_text(value: object) -> str | None:
    """Return the canonical text of a category; None for missing.

    Booleans are ``true`` and ``false``. A float that is a whole number below 2^53 reads as the integer, since a
    column of integers becomes floats as soon as one value is missing; integers keep all their digits. A decimal
    reads like the float of the same digits.

    Examples
    --------
    >>> [category_text(v) for v in (True, 1, 1.0, 0.5, "1", None, float("nan"), 2**53 + 1)]
    ['true', '1', '1', '0.5', '1', None, None, '9007199254740993']
    """
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return _float_text(float(value))
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def class_text(value: object) -> str | None:
    """Return the canonical text of a class: numbers compare as numbers, so 1 = 1.0 = "1" = true.

    Examples
    --------
    >>> [class_text(v) for v in (True, 1, 1.0, "1", "1.0", "true", False, "cat", None)]
    ['1', '1', '1', '1', '1', '1', '0', 'cat', None]
    """
    text = category_text(value)
    if text is None:
        return None
    truth = {"true": "1", "false": "0"}.get(text.lower())
    if truth is not None:
        return truth
    return _number_text(text.strip()) or text


def class_order(text: str | None) -> tuple[int, float, str]:
    """Return a key that sorts classes: numbers by size, then text, missing last.

    Examples
    --------
    >>> sorted(["b", "10", None, "9"], key=class_order)
    ['9', '10', 'b', None]
    """
    if text is None:
        return (2, 0.0, "")
    if _number_text(text) is not None:
        return (0, float(text), text)
    return (1, 0.0, text)


def category_hash(text: str) -> int:
    """Return a 64-bit hash of a category's text that is the same in every process.

    Examples
    --------
    >>> category_hash("JFK") == category_hash("JFK") != category_hash("LGA")
    True
    """
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _float_text(value: float) -> str | None:
    if math.isnan(value):
        return None
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return repr(value)


def _decimal_text(value: Decimal) -> str | None:
    if value.is_nan():
        return None
    if not value.is_finite():
        return repr(float(value))
    text = format(value, "f")
    whole = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if whole == "-0" else whole


def _number_text(text: str) -> str | None:
    if not text or not (text[0].isdigit() or text[0] in "+-.") or "_" in text or len(text) > 400:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > 330:
        return None
    return str(int(number)) if number == number.to_integral_value() else repr(float(number))
