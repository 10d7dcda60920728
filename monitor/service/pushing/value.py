"""One pushed value as its column holds it; what does not fit is told with what to do about it."""

from __future__ import annotations

import math
from collections.abc import Callable

from monitor.domain.category import category_text
from monitor.store.logs import Kind

LONGEST = 8_192
EXACT = 2**53
LARGEST = 2**63 - 1
_HELD = {
    "number": "numbers", "integer": "whole numbers", "boolean": "true and false", "text": "text", "instant": "times",
}  # fmt: skip
_SAID = {bool: "true or false", int: "a number", float: "a number", str: "text"}


class UnfitError(ValueError):
    """A value that its column cannot hold; the message says why and what to do."""


def kind_of(value: object) -> Kind | None:
    """Return the kind of column that a first value opens; None when it says nothing.

    Examples
    --------
    >>> kind_of(True), kind_of(1), kind_of(0.5), kind_of("a"), kind_of(None), kind_of([1])
    ('boolean', 'integer', 'number', 'text', None, None)
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return None if math.isnan(value) else "number"
    return "text" if isinstance(value, str) else None


def fitted(value: object, kind: Kind, *, loose: bool = False) -> object:
    """Return a value as a column of that kind holds it; None for a missing one.

    Parameters
    ----------
    kind : str
        What the column holds; times are not read here.
    loose : bool
        Whether 1, 1.0, "1" and true are one value, as classes are.

    Raises
    ------
    UnfitError
        It is of another kind, too large, too long, or holds what no database keeps.

    Examples
    --------
    >>> fitted(True, "integer", loose=True), fitted(3, "text"), fitted(float("nan"), "number")
    (1, '3', None)
    >>> fitted("many", "number")
    Traceback (most recent call last):
    monitor.service.pushing.value.UnfitError: is text, and the column holds numbers: send numbers, or rename the column
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, bool | int | float | str):
        raise UnfitError("is nested: send each of its values in a column of its own")
    return _BY_KIND[kind](value, loose)


def _text(value: bool | float | str, loose: bool) -> str:
    del loose
    text = value if isinstance(value, str) else str(category_text(value))
    if len(text) > LONGEST:
        raise UnfitError(f"is longer than {LONGEST} characters: send less of it")
    if "\0" in text:
        raise UnfitError("holds a NUL character, which PostgreSQL cannot keep: remove it")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UnfitError("holds half of a surrogate pair, which is no character: remove it") from None
    return text


def _number(value: bool | float | str, loose: bool) -> float:
    found = _loosened(value) if loose else value
    if isinstance(found, bool | str):
        raise _other(value, "number")
    if isinstance(found, int) and abs(found) > EXACT and not _round(found):
        raise UnfitError("has more digits than a number keeps: send it as text, in another column")
    return float(found)


def _integer(value: bool | float | str, loose: bool) -> int:
    found = _loosened(value) if loose else value
    if isinstance(found, bool | str):
        raise _other(value, "integer")
    if isinstance(found, float) and not found.is_integer():
        raise UnfitError("is no whole number, and the column holds whole numbers beyond 2^53: send it as another one")
    if abs(found) > LARGEST:
        raise UnfitError("is beyond 64 bits: send it as text, in another column")
    return int(found)


def _boolean(value: bool | float | str, loose: bool) -> bool:
    found = _loosened(value) if loose else value
    if isinstance(found, bool) or (loose and found in (0, 1)):
        return bool(found)
    raise _other(value, "boolean")


def _loosened(value: bool | float | str) -> bool | float | str:
    """Return the number that a class's text or truth stands for."""
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return value
    text = {"true": "1", "false": "0"}.get(value.strip().lower(), value)
    for read in (int, float):
        try:
            found: float = read(text)
        except ValueError:
            continue
        return found if math.isfinite(found) else value
    return value


def _round(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _other(value: object, kind: Kind) -> UnfitError:
    held = _HELD[kind]
    return UnfitError(f"is {_SAID[type(value)]}, and the column holds {held}: send {held}, or rename the column")


_BY_KIND: dict[Kind, Callable[[bool | float | str, bool], object]] = {
    "text": _text, "number": _number, "integer": _integer, "boolean": _boolean, "open": _text,
}  # fmt: skip
