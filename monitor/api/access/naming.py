"""By which names the service may be called: a page that a rebound name leads here is not answered."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

from monitor.api.access.request import as_address, called, is_loopback
from monitor.config import Config


def known_by(scope: Scope, config: Config, host: str, *, restricted: bool) -> bool:
    """Return whether a request calls the service by one of its names.

    Loopback always is; so are, once nobody is let in without a key or a login, addresses (no name can be rebound to
    them), the host that the server is bound to, that of ``external_url``, and the names under ``access: hosts``.
    """
    name = called(scope)
    if name is None:
        return False
    if is_loopback(name):
        return True
    return restricted and (as_address(name) is not None or name in names(config, host))


def names(config: Config, host: str) -> frozenset[str]:
    """Return the names that the operator has given the service."""
    external = urlsplit(config.external_url or "").hostname
    return frozenset({host.lower(), *config.access.hosts, *([external.lower()] if external else [])})
