"""The text of an API key: ``mm_<id>_<secret>_<check>``."""

from __future__ import annotations

import re
import string
import zlib
from dataclasses import dataclass, field

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH = 8
SECRET_LENGTH = 43  # of 62 characters: 256 bits
CHECK_LENGTH = 6
_SHAPE = re.compile(
    rf"(mm_([0-9A-Za-z]{{{ID_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}}))_([0-9A-Za-z]{{{CHECK_LENGTH}}})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its owner holds it: ``id`` finds the row, ``secret`` proves it."""

    id: str
    secret: str = field(repr=False)

    def text(self) -> str:
        """Return the key as it is written; the check at its end tells a mistyped key without asking the store."""
        body = f"mm_{self.id}_{self.secret}"
        return f"{body}_{_check(body)}"


def parse(text: str) -> KeyText | None:
    """Return the key that a text is; None when it is none, or one character of it is wrong.

    Examples
    --------
    >>> key = KeyText("4f2a91c0", "x" * 43)
    >>> parse(key.text()) == key, parse(key.text()[:-1] + "?"), key
    (True, None, KeyText(id='4f2a91c0'))
    """
    found = _SHAPE.fullmatch(text)
    if found is None or _check(found[1]) != found[4]:
        return None
    return KeyText(found[2], found[3])


def _check(body: str) -> str:
    rest, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(CHECK_LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
