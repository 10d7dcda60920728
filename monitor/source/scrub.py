"""Passwords never leave this room: URLs and drivers' messages are masked before anybody sees them."""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, unquote

_AUTHORITY = re.compile(r"(?P<head>[A-Za-z][\w+.-]*://[^\s:/@?#]*:)(?P<secret>[^\s'\"]*)@")
_NAMED = re.compile(
    r"(?P<head>\b(?:password|passwd|pwd|secret\w*|token|api_?key|\w*secret_key)\s*[=:]\s*)"
    r"(?P<secret>'(?:[^'\\]|\\.)*'|\"[^\"]*\"|[^\s&;,'\")]+)",
    re.IGNORECASE,
)


def scrub(text: str, *urls: str) -> str:
    """Replace every password in ``text`` by ``***``.

    Parameters
    ----------
    text : str
        A URL or a message that may quote one.
    urls : str
        The URLs in use; their passwords are hidden wherever they stand, in any spelling.

    Examples
    --------
    >>> scrub("postgresql://monitor:s3cret@db/logs?password=other")
    'postgresql://monitor:***@db/logs?password=***'
    >>> scrub('FATAL: "p@ss" was refused', "postgresql://me:p%40ss@db/logs")
    'FATAL: "***" was refused'
    """
    for url in urls:
        for pattern in (_AUTHORITY, _NAMED):
            for match in pattern.finditer(url):
                text = _without(text, match["secret"])
    masked = _AUTHORITY.sub(lambda found: f"{found['head']}***@", text)
    return _NAMED.sub(lambda found: f"{found['head']}***", masked)


def _without(text: str, secret: str) -> str:
    """Hide one password in all its spellings; a very short one would riddle the message."""
    plain = unquote(secret)
    for spelling in sorted({secret, plain, quote(plain), quote_plus(plain)}, key=len, reverse=True):
        if len(spelling) >= 3:
            text = text.replace(spelling, "***")
    return text
