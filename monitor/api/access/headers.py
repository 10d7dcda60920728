"""The headers that browsers are to obey: what a page may load and run, and that nobody puts it into a frame."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from monitor.api.access.request import secure

YEAR = 31_536_000
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def armoured(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that adds the headers to whatever is answered, where it does not bring them itself.

    A page that loads or runs anything says so in a policy of its own: what brings none may do nothing.
    """

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers.setdefault(name, value)
            headers.setdefault("content-security-policy", NOTHING)
            headers.setdefault("cache-control", "no-store")
            headers.add_vary_header("Authorization, Cookie, Accept")
            if secure(scope):
                headers["strict-transport-security"] = f"max-age={YEAR}"
        await send(message)

    return sent
