"""Logging in elsewhere: the way to the provider of identities and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.api.access.destination import destination
from monitor.api.access.id_token import Identity, UntrueError
from monitor.api.access.oidc import LASTS, Begun, Provider, ProviderError, opened
from monitor.api.access.request import cookie, header, secure
from monitor.api.correlation import request_id
from monitor.api.problem import not_found
from monitor.config import GrantConfig, OidcConfig
from monitor.service.access import login
from monitor.service.access.login import Desk, LoginRefused
from monitor.service.access.pepper import Pepper
from monitor.telemetry import logger

UNREACHABLE = "The provider does not answer as it should. Try again; the service's log says more."
UNTRUE = "The login was not completed. Try again from here."
NO_GRANT = "You are known there, but nobody has given your groups access here."
DISABLED = "Your access here was ended by an administrator."


@dataclass(frozen=True)
class Done:
    """A login that was completed: the token of its session, and where its owner wanted to go."""

    token: str = field(repr=False)
    wanted: str


@dataclass
class Elsewhere:
    """The provider in use, remembered while the configuration names the same one."""

    _provider: Provider | None = field(default=None, repr=False)

    async def begin(
        self, request: Request, oidc: OidcConfig | None, salt: Callable[[], Pepper], desk: Desk
    ) -> Response:
        """Lead a browser to the provider."""
        wanted = destination(request.query_params.get("next"))
        try:
            to, kept = await self._of(oidc).begin(salt(), _redirect(request), wanted, desk.now)
        except ProviderError as error:
            self._tell(request, error)
            return RedirectResponse("/login", 303)
        answer = RedirectResponse(to, 303)
        tls = secure(request.scope)
        answer.set_cookie(_cookie(tls=tls), kept, LASTS, path="/", secure=tls, httponly=True, samesite="lax")
        return answer

    async def finish(
        self, request: Request, oidc: OidcConfig | None, salt: Callable[[], Pepper], desk: Desk
    ) -> Done | str:
        """Return the completed login of a browser that comes back; a sentence when it was not."""
        provider, asked = self._of(oidc), request.query_params
        try:
            kept = cookie(request.scope, _cookie(tls=secure(request.scope)))
            begun = opened(kept, salt(), asked.get("state"), desk.now)
            found = await self._identity(provider, begun, request, desk)
        except UntrueError as error:
            self._tell(request, error)
            return UNTRUE
        except ProviderError as error:
            self._tell(request, error)
            return UNREACHABLE
        grant = granted(provider.config, found)
        if grant is None:
            return NO_GRANT
        try:
            token = await run_in_threadpool(
                login.with_identity, desk, issuer=found.issuer, subject=found.subject, name=found.name,
                role=grant.role, models=grant.models,
            )  # fmt: skip
        except LoginRefused:
            return DISABLED
        return Done(token, begun.wanted)

    def clear(self, answer: Response, *, tls: bool) -> None:
        """Let a browser forget what it kept while it was at the provider."""
        answer.delete_cookie(_cookie(tls=tls), path="/", secure=tls, httponly=True, samesite="lax")

    async def _identity(self, provider: Provider, begun: Begun, request: Request, desk: Desk) -> Identity:
        asked = request.query_params
        if "error" in asked or not asked.get("code"):
            raise UntrueError("the provider has let nobody in")
        if asked.get("iss", provider.config.issuer) != provider.config.issuer:
            raise UntrueError("another provider has answered (iss)")
        return await provider.finish(begun, asked["code"], _redirect(request), desk.now)

    def _of(self, oidc: OidcConfig | None) -> Provider:
        if oidc is None:
            raise not_found()
        if self._provider is None or self._provider.config != oidc:
            self._provider = Provider(oidc)
        return self._provider

    def _tell(self, request: Request, error: Exception) -> None:
        logger().warning("a login elsewhere has failed", error=str(error), request_id=request_id(request.scope))


def granted(config: OidcConfig, found: Identity) -> GrantConfig | None:
    """Return the first grant whose group somebody is a member of; None when there is none."""
    return next((grant for grant in config.grants if grant.group in found.groups), None)


def _cookie(*, tls: bool) -> str:
    return "__Host-monitor-login" if tls else "monitor-login"


def _redirect(request: Request) -> str:
    scheme = "https" if secure(request.scope) else "http"
    return f"{scheme}://{header(request.scope, 'host')}/login/oidc/callback"
