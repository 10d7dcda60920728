"""Who asks for what: the backend, the principal, and what stands in the address; asked anew in every callback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode
from zoneinfo import ZoneInfo, available_timezones

from flask import current_app, request

from monitor.config import Config
from monitor.domain.principal import NOBODY, Principal, Scope
from monitor.errors import MonitorError
from monitor.service.backend import Backend
from monitor.store.engine import Store

PREFIX = "/dash"
BACKEND = "monitor.backend"
ZONE, SAME = "monitor-zone", frozenset({"UTC", "Etc/UTC"})
PRINCIPAL, REQUEST_ID = "monitor.principal", "monitor.request_id"


class RefusedError(MonitorError):
    """Whoever asks may not do that."""


class MissingError(MonitorError):
    """There is nothing of that name, or whoever asks may not know of it."""


@dataclass(frozen=True)
class Asked:
    """One question: who asks, of what, and what stands in the address.

    ``path`` are the named parts of the page's address, ``query`` what stands behind its question mark, ``zone`` is
    that of the clocks of whoever asks.
    """

    backend: Backend = field(repr=False)
    principal: Principal
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    request_id: str | None = None
    zone: tzinfo = UTC

    @property
    def store(self) -> Store:
        """The store, open."""
        return self.backend.store

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.backend.config()

    @property
    def now(self) -> datetime:
        """The present."""
        return self.backend.now()

    def demand(self, scope: Scope, model: str | None = None) -> None:
        """Refuse what the principal may not do.

        Raises
        ------
        MissingError
            It may not know of that model.
        RefusedError
            It may not do that.
        """
        if model is not None and not self.principal.sees(model):
            raise MissingError(f"There is no model {model}.", "the overview shows those that you may see")
        if not self.principal.may(scope, model):
            raise RefusedError(f"You may not do that: it needs the scope {scope}.", "ask an administrator for it")

    def visible(self) -> list[str]:
        """Return the names of the models that the principal may read, in the order of the file."""
        return [model.name for model in self.config.models if self.principal.may("read", model.name)]


def principal() -> Principal:
    """Return who asks: whom the outer layer put into this request, as WSGI or as ASGI knows it, else nobody."""
    found = request.environ.get(PRINCIPAL) or _scope().get(PRINCIPAL)
    return found if isinstance(found, Principal) else NOBODY


def _scope() -> Mapping[str, Any]:
    found: Mapping[str, Any] = request.environ.get("asgi.scope", {})
    return found


def backend() -> Backend:
    """Return what answers are made of."""
    return cast("Backend", current_app.config[BACKEND])


def asked(path: Mapping[str, str] | None = None, search: str | None = None) -> Asked:
    """Return the question that this request asks."""
    return Asked(
        backend(), principal(), path or {}, query(search), _scope().get(REQUEST_ID), zone(request.cookies.get(ZONE))
    )


def zone(name: str | None) -> tzinfo:
    """Return the zone of that name, as ``assets/scheme.js`` finds it in the browser; UTC for one that is none.

    Examples
    --------
    >>> str(zone("Asia/Tokyo")), zone("../etc/passwd"), zone(None)
    ('Asia/Tokyo', datetime.timezone.utc, datetime.timezone.utc)
    """
    return ZoneInfo(name) if name is not None and name in _zones() and name not in SAME else UTC


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def query(search: str | None) -> dict[str, str]:
    """Return what stands behind the question mark of an address.

    Examples
    --------
    >>> query("?sort=name&q=a%26b&empty="), query(None)
    ({'sort': 'name', 'q': 'a&b', 'empty': ''}, {})
    """
    return dict(parse_qsl((search or "").removeprefix("?"), keep_blank_values=True, max_num_fields=100))


def link(*parts: str, **asked_for: str | None) -> str:
    """Return the address of a page.

    Examples
    --------
    >>> link("models", "a b/c", tab="drift", version=None), link()
    ('/dash/models/a%20b%2Fc?tab=drift', '/dash/')
    """
    path = f"{PREFIX}/" + "/".join(quote(part, safe="") for part in parts)
    kept = {name: value for name, value in asked_for.items() if value is not None}
    return f"{path}?{urlencode(kept)}" if kept else path
