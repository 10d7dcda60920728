"""Logging in at a provider of identities: OpenID Connect's code flow with PKCE, state and nonce."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from monitor.api.access.id_token import Identity, UnknownKeyError, UntrueError, identity
from monitor.config import OidcConfig
from monitor.service.access.pepper import Pepper

LASTS = 600  # seconds that somebody has to log in at the provider
FRESH = 3600  # seconds that what the provider says of itself is believed
RETRY = 30  # seconds before unknown keys are asked for again
TIMEOUT = 10.0
LARGEST = 1_000_000
KIND = "oidc"


class ProviderError(Exception):
    """The provider cannot be asked, or what it says is not right; for the log, not for who logs in."""


@dataclass(frozen=True)
class Begun:
    """A login that waits for the provider's answer: kept by the browser, sealed, so that it takes no room here."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    wanted: str = "/"
    until: float = 0.0

    def sealed(self, salt: Pepper) -> str:
        """Return it as a text that only this service can have written."""
        body = urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()
        return f"{body}.{salt.digest(KIND, body)}"


def opened(text: str | None, salt: Pepper, state: str | None, now: datetime) -> Begun:
    """Return the login that a browser has begun.

    Raises
    ------
    UntrueError
        It has begun none, another one, or one long ago.
    """
    body, _, seal = (text or "").partition(".")
    if not text or not salt.proves(KIND, body, seal):
        raise UntrueError("this browser has begun no login")
    found = Begun(**json.loads(urlsafe_b64decode(body)))
    if not hmac.compare_digest(found.state.encode(), (state or "").encode("utf-8", "replace")):
        raise UntrueError("the answer belongs to another login (state)")
    if found.until <= now.timestamp():
        raise UntrueError("the login was begun too long ago")
    return found


@dataclass
class Provider:
    """One provider, with what it last said of itself and the keys that it signs with."""

    config: OidcConfig
    _about: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _keys: KeySet | None = field(default=None, repr=False)
    _asked_at: float = float("-inf")

    async def begin(self, salt: Pepper, redirect: str, wanted: str, now: datetime) -> tuple[str, str]:
        """Return the address at the provider that the browser is led to, and what it keeps meanwhile.

        Raises
        ------
        ProviderError
            The provider cannot be asked.
        """
        about, config = await self._discovered(now), self.config
        begun = Begun(
            secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), wanted,
            now.timestamp() + LASTS,
        )  # fmt: skip
        address = prepare_grant_uri(
            about["authorization_endpoint"], config.client_id, "code", redirect_uri=redirect,
            scope=" ".join(config.scopes), state=begun.state, nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier), code_challenge_method="S256",
        )  # fmt: skip
        return str(address), begun.sealed(salt)

    async def finish(self, begun: Begun, code: str, redirect: str, now: datetime) -> Identity:
        """Return who has logged in, by the code that the browser brought back.

        Raises
        ------
        ProviderError, UntrueError
            The provider cannot be asked, or what it says is not right.
        """
        token = await self._exchanged(begun, code, redirect, now)
        try:
            return self._identity(token, begun, now)
        except UnknownKeyError:
            await self._ask(now, least=RETRY)
            return self._identity(token, begun, now)

    async def _exchanged(self, begun: Begun, code: str, redirect: str, now: datetime) -> object:
        """Return the ID token that the provider gives for a code."""
        about, config = await self._discovered(now), self.config
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect,
            "code_verifier": begun.verifier, "client_id": config.client_id,
        }  # fmt: skip
        # RFC 6749, 2.3.1: what goes into the header is encoded as in a form first.
        proof = httpx.BasicAuth(quote_plus(config.client_id), quote_plus(config.secret)) if config.secret else None
        async with _client() as client:
            answer = await _json(client, "POST", about["token_endpoint"], data=form, auth=proof)
        return answer.get("id_token")

    def _identity(self, token: object, begun: Begun, now: datetime) -> Identity:
        config = self.config
        return identity(
            token, self._keys or KeySet([]), issuer=config.issuer, client_id=config.client_id, nonce=begun.nonce,
            groups_claim=config.groups_claim, now=now,
        )  # fmt: skip

    async def _discovered(self, now: datetime) -> Mapping[str, Any]:
        if not self._about or now.timestamp() - self._asked_at >= FRESH:
            await self._ask(now)
        return self._about

    async def _ask(self, now: datetime, least: float = 0.0) -> None:
        """Ask the provider about itself and its keys, unless it was asked ``least`` seconds ago."""
        if now.timestamp() - self._asked_at < least:
            return
        async with _client() as client:
            about = await _json(client, "GET", self.config.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if about.get("issuer") != self.config.issuer:
                raise ProviderError("the provider calls itself by another name than issuer: in monitor.yaml")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                self._demand_address(name, about.get(name))
            keys = await _json(client, "GET", about["jwks_uri"])
        try:
            found = KeySet.import_key_set({"keys": [k for k in keys.get("keys", []) if k.get("kty") in ("RSA", "EC")]})
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise ProviderError("the provider's keys cannot be read") from error
        self._about, self._keys, self._asked_at = about, found, now.timestamp()

    def _demand_address(self, name: str, address: object) -> None:
        """Refuse an address that is less safe than the issuer's own."""
        parts = urlsplit(address if isinstance(address, str) else "")
        same = urlsplit(self.config.issuer).scheme
        if not parts.netloc or parts.scheme not in ("https", same):
            raise ProviderError(f"the provider's {name} is no https address")


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False)


async def _json(client: httpx.AsyncClient, method: str, address: str, **more: Any) -> dict[str, Any]:
    try:
        answer = await client.request(method, address, **more)
        answer.raise_for_status()
        found = answer.json() if len(answer.content) <= LARGEST else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        path = urlsplit(address).path[:100]
        raise ProviderError(f"the provider does not answer at {path} ({type(error).__name__})") from error
    if not isinstance(found, dict):
        raise ProviderError("the provider does not answer with an object")
    return found
