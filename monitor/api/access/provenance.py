"""From which page a request comes: another site must not act by what a browser sends along for its user."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

from monitor.api.access.request import header, present, secure

READING = frozenset({"GET", "HEAD", "OPTIONS"})
DASH_WRITES = ("/_dash-update-component",)
# What a page of another site may send without asking first.
SIMPLE = ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded")
JSON = "application/json"


def same_origin(scope: Scope, *, silent: bool) -> bool:
    """Return whether a page of this very service asks.

    Browsers say so in ``Sec-Fetch-Site`` and ``Origin``; ``silent`` is the answer where neither is there, so for no
    browser.
    """
    site = header(scope, "sec-fetch-site")
    if present(scope, "sec-fetch-site") and site != "same-origin":
        return False
    if present(scope, "origin"):
        return _own(scope, header(scope, "origin"))
    return silent if site is None else True


def harmless(scope: Scope, *, silent: bool) -> bool:
    """Return whether a request that a browser may have been led into can do no harm.

    Parameters
    ----------
    silent : bool
        Whether a writing request that does not say from which page it comes is let through.
    """
    if scope["type"] == "websocket":
        return same_origin(scope, silent=silent)
    if scope["method"] in READING:
        return not _foreign_read(scope)
    if not same_origin(scope, silent=silent):
        return False
    kind = (header(scope, "content-type") or "").partition(";")[0].strip().lower()
    if scope["path"].endswith(DASH_WRITES):
        return kind == JSON
    return kind not in SIMPLE


def _foreign_read(scope: Scope) -> bool:
    """Return whether another site's page reads, other than by a link that its reader has followed."""
    if header(scope, "sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    return header(scope, "sec-fetch-mode") != "navigate" or header(scope, "sec-fetch-dest") != "document"


def _own(scope: Scope, origin: str | None) -> bool:
    parts = urlsplit(origin or "")
    scheme = "https" if secure(scope) else "http"
    return parts.scheme == scheme and parts.netloc.lower() == (header(scope, "host") or "").lower() != ""
