"""A notice as blocks of Slack."""

from __future__ import annotations

from typing import Any

from monitor.notify.message import Message
from monitor.notify.plain import plain
from monitor.notify.wording import facts, headline, links, mark_lines

_HEADER, _SECTION, _FIELD = 150, 3000, 2000


def blocks(message: Message) -> list[dict[str, Any]]:
    """Return header, summary, facts, columns and links as buttons; none of it is parsed as markup."""
    found: list[dict[str, Any]] = [
        {"type": "header", "text": _text(headline(message), _HEADER)},
        {"type": "section", "text": _text(message.summary or "–", 1024)},
        {"type": "section", "fields": [_text(f"{name}: {value}", _FIELD) for name, value in facts(message)]},
    ]
    lines = "\n".join(plain(line, 400) for line in mark_lines(message))
    if lines:
        found.append({"type": "section", "text": _object(_entities(lines)[:_SECTION])})
    buttons = [
        {"type": "button", "action_id": f"link-{place}", "text": _text(name, 75), "url": url}
        for place, (name, url) in enumerate(links(message))
    ]
    if buttons:
        found.append({"type": "actions", "elements": buttons})
    return found


def escaped(text: str, limit: int) -> str:
    """Return text as Slack wants it: one line, the three characters of its markup as entities.

    Examples
    --------
    >>> escaped("<!channel> a & b", 50)
    '&lt;!channel&gt; a &amp; b'
    """
    for room in range(limit, 0, -max(1, limit // 10)):
        written = _entities(plain(text, room))
        if len(written) <= limit:
            return written
    return "…"


def _text(text: str, limit: int) -> dict[str, Any]:
    return _object(escaped(text, limit))


def _object(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
