"""Where a request goes, read from a URL strictly."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from monitor.notify.refusal import RefusedError

_LOWEST_FREE = 1024
_PORTS = {"https": 443, "http": 80}
_KEPT = "/?:@!$&'()*+,;=-._~%"  # everything else in a path is written as %XX
_MALFORMED = "the receiver's URL is malformed"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL's parts as the wire needs them; ``host`` is in ASCII, ``authority`` is the header ``Host``."""

    secure: bool
    host: str
    port: int
    authority: str
    path: str


def parse_target(url: str, *, allow_private: bool) -> Target:
    """Return where a URL leads, or refuse it.

    Its text is never quoted: an address of this kind is a secret.

    Raises
    ------
    RefusedError
        It is malformed, holds a user or password, is plain http or uses a low port without ``allow_private``.

    Examples
    --------
    >>> parse_target("https://hooks.example.org/a b?c=1", allow_private=False).path
    '/a%20b?c=1'
    >>> parse_target("https://bücher.example:8443/", allow_private=False).authority
    'xn--bcher-kva.example:8443'
    """
    if not url.isprintable() or "\\" in url:
        raise RefusedError(_MALFORMED, "write https://host/path")
    try:
        parts = urlsplit(url)
        host, given = parts.hostname or "", parts.port
        ascii_host = host if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise RefusedError(_MALFORMED, "write https://host/path") from None
    if parts.scheme not in _PORTS or not ascii_host or any(c in ascii_host for c in " %/@#?"):
        raise RefusedError(_MALFORMED, "write https://host/path")
    if parts.username is not None or parts.password is not None:
        raise RefusedError("the receiver's URL holds a user or password", "leave them out of the address")
    if parts.scheme == "http" and not allow_private:
        raise RefusedError("the receiver's URL is plain http", "write https, or allow_private: true if you mean this")
    usual = _PORTS[parts.scheme]
    port = usual if given is None else given
    if not allow_private and port != usual and port < _LOWEST_FREE:
        raise RefusedError("the receiver's URL uses another service's port", "use 443, or a port from 1024 on")
    bracketed = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    authority = bracketed if port == usual else f"{bracketed}:{port}"
    path = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Target(parts.scheme == "https", ascii_host, port, authority, path)
