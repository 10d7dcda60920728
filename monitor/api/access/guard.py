"""The guard: the one place where it is decided who comes in. Whatever is not named here asks for a key or a login."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.api.access import refusal
from monitor.api.access.credential import Credential, Memory, asker, carried, owner
from monitor.api.access.front import Front
from monitor.api.access.headers import armoured
from monitor.api.access.naming import known_by
from monitor.api.access.provenance import harmless
from monitor.api.access.refusal import Answer, refused
from monitor.api.access.request import is_local
from monitor.api.access.settings import Settings
from monitor.api.asking import PRINCIPAL
from monitor.api.correlation import request_id
from monitor.api.refusals import of
from monitor.domain.principal import LOCAL, NOBODY, Principal
from monitor.errors import MonitorError
from monitor.service.access import pepper
from monitor.service.access.admission import restricted
from monitor.service.access.pepper import Pepper
from monitor.service.backend import Backend
from monitor.telemetry import logger

# What tells whether this process lives, and nothing else: asked by whatever starts and stops it.
OPEN = frozenset({"/healthz", "/readyz"})
API = "/api/"


def guarded(app: ASGIApp, backend: Backend, settings: Settings | None = None) -> ASGIApp:
    """Return an application that nobody reaches but through the guard.

    Puts who asks into the scope as ``monitor.principal``. Answers with 401 who does not say, leads people to the login,
    closes websockets with 4401; refuses wrong names of the host and what other sites' pages ask for. While there is
    neither a key nor a user, whoever sits at this very machine may do everything and nobody else anything.

    Parameters
    ----------
    app : ASGI application
        All of it: API, dashboard, pages, files.
    backend : Backend
        Where keys, users and the configuration are.
    """
    return Guard(app, backend, settings or Settings())


@dataclass
class Guard:
    """An ASGI application around another one; see `guarded`."""

    app: ASGIApp = field(repr=False)
    backend: Backend = field(repr=False)
    settings: Settings
    _restricted: bool = False
    _looked_at: float = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to the application, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        sending = armoured(scope, send)
        try:
            answer = await self._decide(scope)
        except MonitorError as error:
            logger().warning("nobody can be recognised", error=str(error), request_id=request_id(scope))
            answer = refused(scope, of(error))
        await answer(scope, receive, sending)

    async def _decide(self, scope: Scope) -> Answer:
        if scope["type"] == "http" and scope["path"] in OPEN:
            return self._through(scope, NOBODY)
        closed = await self._closed()
        if not known_by(scope, self.backend.config(), self.settings.host, restricted=closed):
            return refused(scope, refusal.MISNAMED)
        if self._front.serves(scope):
            return refused(scope, refusal.NOT_SET_UP) if not (closed or is_local(scope)) else self._front
        credential = carried(scope)
        caller = None if credential is None else await owner(credential, self.memory, self._ask)
        if caller is None:
            return self._stranger(scope, credential, closed=closed)
        by_browser = credential is not None and credential.kind == "session"
        if by_browser and not harmless(scope, silent=False):
            return refused(scope, refusal.FOREIGN)
        return self._through(scope, caller)

    def _stranger(self, scope: Scope, credential: Credential | None, *, closed: bool) -> Answer:
        """Answer a request that no key and no session speaks for."""
        if closed or (credential is not None and credential.kind != "session"):
            return refusal.unauthenticated(scope, carried=credential is not None)
        if not is_local(scope):
            return refused(scope, refusal.NOT_SET_UP)
        return self._through(scope, LOCAL) if harmless(scope, silent=True) else refused(scope, refusal.FOREIGN)

    def _through(self, scope: Scope, caller: Principal) -> Answer:
        """Let somebody through; what is no resource of the API with its own scope takes the scope read."""
        if caller != NOBODY and not scope["path"].startswith(API) and not caller.may("read"):
            return refused(scope, refusal.UNSUITED)
        scope[PRINCIPAL] = caller
        return self.app

    async def _closed(self) -> bool:
        """Return whether nobody is let in without key or login; once it is so it stays so."""
        if not self._restricted and time.monotonic() - self._looked_at >= self.settings.remember:
            config, store = self.backend.config(), self.backend.store
            self._restricted = await run_in_threadpool(restricted, config, store)
            self._looked_at = time.monotonic()
        return self._restricted

    @cached_property
    def memory(self) -> Memory:
        """Whose keys and sessions are, for a moment."""
        return Memory(self.settings.remember)

    @cached_property
    def _salt(self) -> Pepper:
        return pepper.of(self.backend.store)

    @cached_property
    def _front(self) -> Front:
        return Front(self.backend, self.settings, self.memory, lambda: self._salt)

    def _ask(self, credential: Credential) -> Principal | None:
        return asker(self.backend.store, lambda: self._salt, self.settings.now)(credential)
