"""Where somebody is led after the login: a place of this service, whatever the address says."""

from __future__ import annotations

HOME = "/dash/"
LONGEST = 2000


def destination(wanted: str | None) -> str:
    r"""Return the path that was wanted before the login, home when it is none of ours.

    Examples
    --------
    >>> [destination(text) for text in ("/dash/models/a?tab=drift", "//evil.example", "/\\evil.example")]
    ['/dash/models/a?tab=drift', '/dash/', '/dash/']
    >>> [destination(text) for text in ("https://evil.example", "/login?next=/login", "/a\r\nb", None)]
    ['/dash/', '/dash/', '/dash/', '/dash/']
    """
    if not wanted or len(wanted) > LONGEST or not wanted.startswith("/"):
        return HOME
    if wanted[1:2] in ("/", "\\") or "\\" in wanted or not wanted.isascii() or not wanted.isprintable():
        return HOME
    return HOME if wanted.startswith(("/login", "/logout")) else wanted
