"""Text from somebody else's data, made fit for a message: one line, bounded, nothing invisible."""

from __future__ import annotations

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def plain(text: object, limit: int = 200) -> str:
    r"""Return text of at most ``limit`` characters whose control characters and direction marks are written out.

    A column's name may hold line breaks that would begin another header, marks that reverse what is read, or lone
    surrogates that no encoding takes.

    Examples
    --------
    >>> print(plain("fare\r\nBcc: all@example.org"))
    fare\r\nBcc: all@example.org
    >>> plain("merchant_category", 9)
    'merchant…'
    """
    whole = str(text)
    shown = "".join(c if c.isprintable() else _escaped(c) for c in whole[: limit + 1])
    return shown if len(shown) <= limit else shown[: max(0, limit - 1)] + "…"


def shown(value: float | None, digits: int = 4) -> str:
    """Return a number as people read it, ``–`` where there is none.

    Examples
    --------
    >>> shown(0.31415926), shown(12345.678), shown(float("nan")), shown(None), shown(250000.0)
    ('0.3142', '12345.7', '–', '–', '250000')
    """
    if value is None or value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        return "–"
    return f"{value:.{max(digits, min(len(str(int(abs(value)))) + 1, 12))}g}"


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
