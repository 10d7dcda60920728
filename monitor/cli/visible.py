"""Text from somebody else's data, made safe for a terminal."""

from __future__ import annotations

import unicodedata

_KEPT = frozenset({" "})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def visible(text: str) -> str:
    r"""Return text whose control characters, direction marks and lone surrogates are written out.

    A column's name may hold escape sequences that move the cursor, recolour, or reverse what is read.

    Examples
    --------
    >>> print(visible("a\x1b[31mred\nnext"))
    a\x1b[31mred\nnext
    >>> print(visible("plain, Größe, 訓練"))
    plain, Größe, 訓練
    """
    if text.isprintable():
        return text
    return "".join(character if _shown(character) else _escaped(character) for character in text)


def _shown(character: str) -> bool:
    return character.isprintable() or character in _KEPT or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Examples
    --------
    >>> width("psi"), width("訓練")
    (3, 4)
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    bare = sum(unicodedata.combining(character) > 0 for character in text)
    return len(text) + wide - bare


def cut(text: str, limit: int) -> str:
    """Return a text of at most so many columns, its end replaced by ``…`` when it is longer.

    Examples
    --------
    >>> cut("merchant_category", 9)
    'merchant…'
    """
    taken, fits = 0, 0  # columns so far, and characters that leave room for the mark
    for place, character in enumerate(text):
        taken += width(character)
        if taken < limit:
            fits = place + 1
        elif taken > limit:
            return text[:fits] + "…"
    return text
