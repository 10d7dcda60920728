"""Addresses that we send to."""

import ipaddress
from urllib.parse import urlsplit

from monitor.config.wrong import Wrong

_HINT = "write https://host/path"


def check_web_address(url: object, *, allow_private: bool) -> str:
    """Return an http(s) address that we may post to.

    Whether a name leads to a private address is known only when connected; here plain http and
    private addresses in plain sight are refused.

    Raises
    ------
    Wrong
        It is no web address, holds a password, or is private without ``allow_private``. The text is
        never shown: an address of this kind is a secret.
    """
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Wrong("is not a web address", _HINT, shown=False) from None
    if parts.scheme not in ("http", "https") or not host or not str(url).isprintable():
        raise Wrong("is not a web address", _HINT, shown=False)
    if parts.username is not None or parts.password is not None:
        raise Wrong("holds a user or password", "leave them out of the address", shown=False)
    cure = "write an https address, or allow_private: true beside it if you mean this"
    if parts.scheme == "http" and not allow_private:
        raise Wrong("is plain http", cure, shown=False)
    if _private(host) and not allow_private:
        raise Wrong("is a private address", cure, shown=False)
    return str(url)


def _private(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return False
