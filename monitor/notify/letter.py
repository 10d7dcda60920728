"""A notice as a mail: headers that hold one line each, text, HTML in which everything is escaped, and a picture."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from monitor.notify.message import Message
from monitor.notify.plain import plain
from monitor.notify.wording import facts, headline, links, mark_lines, text

_PICTURE = "picture"
_STYLE = "font-family:system-ui,Segoe UI,Helvetica,Arial,sans-serif;font-size:14px;line-height:1.5;color:#1f2328"
_COLOURS = {"critical": "#b42318", "warning": "#b54708", "info": "#175cd3"}
_CALM = "#1a7f37"


def letter(message: Message, sender: str, to: Sequence[str]) -> EmailMessage:
    """Return a mail: text and HTML, the picture within the HTML; all notices of an incident form one thread.

    Raises
    ------
    ValueError
        An address is malformed.
    """
    mail = EmailMessage(policy=SMTP.clone(max_line_length=200))
    domain = _address(sender).domain
    mail["From"] = _address(sender)
    mail["To"] = tuple(_address(one) for one in to)
    mail["Subject"] = plain(headline(message), 200)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{_token(message.id)}@{domain}>"
    if message.kind != "digest":
        mail["References"] = f"<incident.{_token(message.dedup_key)}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(message))
    mail.add_alternative(_html(message), subtype="html")
    if message.picture is not None:
        html = mail.get_payload()[1]  # type: ignore[index]
        assert isinstance(html, EmailMessage)  # noqa: S101 - what add_alternative has just added
        html.add_related(
            message.picture, "image", "png", cid=f"<{_PICTURE}>", disposition="inline", filename="distribution.png"
        )
    return mail


def _address(text_: str) -> Address:
    name, spec = parseaddr(text_)
    if "@" not in spec or not text_.isprintable():
        raise ValueError("not a mail address")
    user, _, domain = spec.rpartition("@")
    return Address(name, user, domain.encode("idna").decode("ascii"))


def _token(key: str) -> str:
    """Return a key as it may stand in a header, whatever is in it."""
    fit = key.isascii() and key.isalnum() and len(key) <= 64
    return key if fit else hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _html(message: Message) -> str:
    colour = _CALM if message.kind in {"resolved", "digest"} else _COLOURS[message.severity]
    rows = "".join(
        f'<tr><td style="color:#59636e;padding-right:16px">{escape(name)}</td><td>{escape(value)}</td></tr>'
        for name, value in facts(message)
    )
    columns = "".join(f"<li>{escape(line)}</li>" for line in mark_lines(message))
    buttons = " &nbsp; ".join(
        f'<a style="color:#0969da" href="{escape(url)}">{escape(name)}</a>' for name, url in links(message)
    )
    parts = [
        f'<h1 style="font-size:18px;margin:0 0 8px;color:{colour}">{escape(headline(message))}</h1>',
        f"<p>{escape(plain(message.summary, 1024))}</p>",
        f'<table style="border-collapse:collapse;font-size:14px">{rows}</table>',
        f'<ul style="padding-left:20px">{columns}</ul>' if columns else "",
        f'<p><img src="cid:{_PICTURE}" alt="Reference beside current" width="560"></p>' if message.picture else "",
        f"<p>{buttons}</p>" if buttons else "",
    ]
    body = f'<div style="max-width:600px;padding:16px">{"".join(parts)}</div>'
    return f'<!doctype html><html lang="en"><body style="margin:0;background:#fff;{_STYLE}">{body}</body></html>'
