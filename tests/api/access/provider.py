"""A small provider of identities: OpenID Connect's code flow with PKCE, an RS256 key, and lies on demand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

SECRET = "canary-client-secret+/="
CLIENT = "monitor"


@dataclass
class Provider:
    """Who is there, with which key, and what it says that is not so."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "7", "preferred_username": "Ann", "groups": ["risk"]}
    )
    lies: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    signer: Any = None
    about: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def consent(self, address: str) -> str:
        """Log somebody in who was led to an address here; return where the browser is led back to."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        assert parts.path == "/authorize"
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert "openid" in asked["scope"].split()
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def documents(self, path: str) -> dict[str, Any] | None:
        """Answer what is asked without a secret."""
        if path == "/.well-known/openid-configuration":
            ways = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return {"issuer": self.issuer} | {name: self.issuer + way for name, way in ways.items()} | self.about
        return {"keys": [self.key.as_dict(private=False)]} if path == "/keys" else None

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Give a token for a code, once, to the client that has asked for it."""
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or (unquote_plus(user), unquote_plus(password)) != (CLIENT, SECRET):
            return 400, {"error": "invalid_grant"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if challenge.decode() != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        said = {name: value for name, value in (claims | self.claims | self.lies).items() if value is not None}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(said)}

    def signed(self, claims: dict[str, Any]) -> str:
        """Return a token, unsigned or signed by something else when it is to lie."""
        if self.header["alg"] in ("none", "HS256"):
            content = ".".join(_encoded(json.dumps(part).encode()) for part in (self.header, claims))
            public = self.key.as_pem(private=False)
            proof = hmac.new(public, content.encode(), "sha256").digest() if self.header["alg"] == "HS256" else b""
            return f"{content}.{_encoded(proof)}"
        return jwt.encode(self.header, claims, self.signer or self.key, algorithms=[self.header["alg"]])

    def forge_with_public_key(self) -> None:
        """Sign by HMAC with the public key as the secret: the confusion of algorithms."""
        self.header = {"alg": "HS256", "kid": "one"}


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@contextmanager
def running() -> Iterator[Provider]:
    """Run a provider on a port of this machine."""
    provider = Provider()

    class Desk(BaseHTTPRequestHandler):
        def answer(self, status: int, found: dict[str, Any]) -> None:
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            provider.asked.append(self.path)
            found = provider.documents(self.path)
            self.answer(200 if found else 404, found or {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(*provider.token(form, self.headers.get("authorization", "Basic Og==")))

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
