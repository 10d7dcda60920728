"""The front desk: the pages where people log in and out, which the guard serves before anybody is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from monitor.api.access import welcome
from monitor.api.access.credential import Credential, Memory, asker, carried, cookie_name, owner
from monitor.api.access.destination import destination
from monitor.api.access.form import fields
from monitor.api.access.hashing import hashing
from monitor.api.access.provenance import same_origin
from monitor.api.access.refusal import FOREIGN
from monitor.api.access.request import address, called, is_loopback, secure
from monitor.api.access.settings import Settings
from monitor.api.correlation import request_id
from monitor.api.problem import Problem
from monitor.api.refusals import of
from monitor.config import OidcConfig
from monitor.domain.principal import Principal
from monitor.errors import MonitorError, UsageError
from monitor.service.access import login, sessions
from monitor.service.access.login import Desk, LoginRefused
from monitor.service.access.pepper import Pepper
from monitor.service.backend import Backend

if TYPE_CHECKING:
    from monitor.api.access.elsewhere import Elsewhere

LOGIN, TOKEN, LOGOUT = "/login", "/login/token", "/logout"
OIDC, CALLBACK = "/login/oidc", "/login/oidc/callback"
PATHS = frozenset({LOGIN, TOKEN, LOGOUT, OIDC, CALLBACK})


@dataclass
class Front:
    """An ASGI application of a few pages."""

    backend: Backend = field(repr=False)
    settings: Settings
    memory: Memory = field(repr=False)
    salt: Callable[[], Pepper] = field(repr=False)

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """The way to a provider of identities; its libraries are loaded where the configuration names one."""
        from monitor.api.access.elsewhere import Elsewhere  # noqa: PLC0415

        return Elsewhere()

    def serves(self, scope: Scope) -> bool:
        """Return whether a request is for one of the pages."""
        return scope["type"] == "http" and scope["path"] in PATHS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for one of the pages."""
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except (Problem, MonitorError) as error:
            answer = of(error).response(scope["path"], request_id(scope))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path, reading = request.url.path, request.method in ("GET", "HEAD")
        if not reading and (request.method != "POST" or path in (OIDC, CALLBACK)):
            raise Problem(405, "method-not-allowed", "This address does not take this method.")
        if not reading and not same_origin(request.scope, silent=True):
            raise FOREIGN
        if path != LOGOUT and not (secure(request.scope) or is_loopback(called(request.scope) or "")):
            return welcome.unsafe()
        if path == LOGOUT:
            return welcome.leaving() if reading else await self._logout(request)
        if path == OIDC:
            return await self.elsewhere.begin(request, self._oidc(), self.salt, await self._desk(request))
        if path == CALLBACK:
            return await self._returned(request)
        if reading:
            return await self._shown(request)
        return await (self._by_token(request) if path == TOKEN else self._by_password(request))

    async def _shown(self, request: Request) -> Response:
        wanted = destination(request.query_params.get("next"))
        if request.url.path == TOKEN:
            return welcome.token()
        if await self._caller(request) is not None:
            return RedirectResponse(wanted, 303)
        return self._login(wanted)

    def _login(self, wanted: str, fault: str = "", status: int = 200, name: str = "") -> HTMLResponse:
        oidc = self._oidc()
        return welcome.login(wanted, provider=oidc.issuer if oidc else None, fault=fault, status=status, name=name)

    async def _by_password(self, request: Request) -> Response:
        sent = await fields(request)
        name, wanted = sent.get("name", ""), destination(sent.get("next"))
        desk = await self._desk(request)
        try:
            token = await hashing(login.with_password, desk, name, sent.get("password", ""))
        except LoginRefused as refused:
            return self._login(wanted, *welcome.said(refused), name=name)
        return await self._let_in(request, token, wanted)

    async def _by_token(self, request: Request) -> Response:
        sent = await fields(request)
        name, desk = sent.get("name", ""), await self._desk(request)
        if sent.get("password") != sent.get("again"):
            return welcome.token(name, "The two passwords differ.", 422)
        try:
            token = await hashing(login.with_token, desk, name, sent.get("token", "").strip(), sent.get("password", ""))
        except LoginRefused as refused:
            return welcome.token(name, *welcome.said(refused, "Name or token is wrong, or the token was used."))
        except UsageError as error:
            return welcome.token(name, f"{error.message.capitalize()}: {error.hint}.", 422)
        return await self._let_in(request, token, destination(None))

    async def _returned(self, request: Request) -> Response:
        oidc, desk = self._oidc(), await self._desk(request)
        done = await self.elsewhere.finish(request, oidc, self.salt, desk)
        if isinstance(done, str):
            return self._login(destination(None), done, 403)
        return await self._let_in(request, done.token, done.wanted)

    async def _let_in(self, request: Request, token: str, wanted: str) -> Response:
        """Give the browser its new session; one that it had before ends, so that nobody's is taken over."""
        await self._end(request)
        answer = RedirectResponse(wanted, 303)
        tls = secure(request.scope)
        age = int(sessions.LONGEST.total_seconds())
        answer.set_cookie(cookie_name(tls=tls), token, age, path="/", secure=tls, httponly=True, samesite="lax")
        if self._oidc() is not None:
            self.elsewhere.clear(answer, tls=tls)
        return answer

    async def _logout(self, request: Request) -> Response:
        await self._end(request)
        answer = RedirectResponse(LOGIN, 303)
        tls = secure(request.scope)
        answer.delete_cookie(cookie_name(tls=tls), path="/", secure=tls, httponly=True, samesite="lax")
        answer.headers["clear-site-data"] = '"cache"'
        return answer

    async def _end(self, request: Request) -> None:
        session, caller = self._session(request), await self._caller(request)
        if session is not None and caller is not None:
            number, salt = request_id(request.scope), self.salt()
            await run_in_threadpool(sessions.end, self.backend.store, salt, session.text, by=caller, request_id=number)
            self.memory.forget(session)

    async def _caller(self, request: Request) -> Principal | None:
        session = self._session(request)
        if session is None:
            return None
        return await owner(session, self.memory, asker(self.backend.store, self.salt, self.settings.now))

    def _session(self, request: Request) -> Credential | None:
        found = carried(request.scope)
        return found if found is not None and found.kind == "session" else None

    def _oidc(self) -> OidcConfig | None:
        return self.backend.config().access.oidc

    async def _desk(self, request: Request) -> Desk:
        salt = await run_in_threadpool(self.salt)
        number = request_id(request.scope)
        return Desk(self.backend.store, salt, self.settings.now(), address(request.scope), number)
