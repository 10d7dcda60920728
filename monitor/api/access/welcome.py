"""What the front desk's pages say."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlsplit

from starlette.responses import HTMLResponse

from monitor.api.access.destination import HOME
from monitor.api.access.page import field, form, page
from monitor.service.access.login import LoginRefused

TOO_MANY = "Too many attempts. Wait a quarter of an hour, then try again."
WRONG = "Name or password is wrong."


def said(refused: LoginRefused, wrong: str = WRONG) -> tuple[str, int]:
    """Return what somebody is told who was not let in, and the status."""
    return (TOO_MANY, 429) if refused.throttled else (wrong, 401)


def login(wanted: str, *, provider: str | None, fault: str = "", status: int = 200, name: str = "") -> HTMLResponse:
    """Return the page where people log in by password, or go to the provider of identities."""
    fill = "name", "username"
    inputs = field("Name", fill[0], fill=fill[1], value=name[:100], focus=not name)
    inputs += field("Password", "password", kind="password", fill="current-password", focus=bool(name))
    body = form("/login", inputs, "Log in", kept={"next": wanted} if wanted != HOME else None)
    if provider:
        host = urlsplit(provider).hostname or "your provider"
        link = f"/login/oidc?next={quote(wanted, safe='')}"
        body += f'<div class="or">or</div><a class="button quiet" href="{escape(link)}">Log in at {escape(host)}</a>'
    below = '<a href="/login/token">First time, or password forgotten?</a>'
    return page("Log in", "See how your models are doing.", body, fault=fault, below=below, status=status)


def token(name: str = "", fault: str = "", status: int = 200) -> HTMLResponse:
    """Return the page where a password is set by the operator's token."""
    inputs = field("Name", "name", fill="username", value=name[:100], focus=not name)
    inputs += field("Token", "token", kind="password", fill="one-time-code", focus=bool(name))
    inputs += field("New password, 12 characters or more", "password", kind="password", fill="new-password")
    inputs += field("New password, once more", "again", kind="password", fill="new-password")
    below = 'A token comes from <code>monitor users token NAME</code>.<br><a href="/login">Back to the login</a>'
    body = form("/login/token", inputs, "Set password and log in")
    return page(
        "Set your password", "With the token your operator gave you.", body, fault=fault, below=below, status=status
    )


def leaving() -> HTMLResponse:
    """Return the page where somebody logs out: by a button, as a link can be followed unawares."""
    body = form("/logout", "", "Log out") + '<a class="button quiet" href="/dash/">Stay</a>'
    return page("Log out?", "Your session ends on this device.", body)


def unsafe() -> HTMLResponse:
    """Return the page of who would send a password where anybody on the way can read it."""
    lead = "Over plain HTTP a password could be read on its way here, so nobody logs in like this."
    body = "<p>Open the page by its https address. Its operator gives it one with a certificate or a proxy.</p>"
    return page("This connection is not safe", lead, body, status=403)
