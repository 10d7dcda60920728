"""A notice in words, the same for every receiver that is read by people; nothing here is escaped yet."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from monitor.notify.message import Mark, Message, MessageKind
from monitor.notify.plain import plain, shown

_HAPPENED: dict[MessageKind, str] = {
    "opened": "Opened",
    "updated": "Updated",
    "severity_up": "Graver",
    "acknowledged": "Acknowledged",
    "resolved": "Resolved",
    "reopened": "Open again",
    "repeated": "Still open",
    "ack_expired": "Still open, the acknowledgement has expired",
    "escalated": "Escalated, nobody has acknowledged",
    "flapping": "Unsteady",
    "digest": "Digest",
    "retraining": "Retraining",
}


def headline(message: Message) -> str:
    """Return one line: how grave, what has happened, its title.

    A resolved incident is not called grave any more.
    """
    grave = "" if message.kind in {"resolved", "digest"} else f"[{message.severity}] "
    return f"{grave}{_HAPPENED[message.kind]}: {plain(message.title)}"


def facts(message: Message) -> list[tuple[str, str]]:
    """Return what a reader needs first, each with its name: since when, which window, why, how late."""
    window = f"{instant(message.window.start)} to {instant(message.window.end)}"
    found = [("Model", plain(message.model)), ("Since", instant(message.since)), ("Window", window)]
    if message.reason:
        found.append(("Reason", plain(message.reason)))
    if message.late:
        found.append(("Late", "told after the fact: the service was catching up"))
    return found


def mark_line(mark: Mark) -> str:
    """Return a column's numbers in one line.

    Examples
    --------
    >>> mark_line(Mark("distance", "psi", 0.31, 0.2, 0.0004))
    'distance: psi 0.31, limit 0.2, p 0.0004'
    """
    parts = [f"{plain(mark.metric, 100)} {shown(mark.value)}"]
    parts += [f"limit {shown(mark.limit)}"] if mark.limit is not None else []
    parts += [f"p {shown(mark.p, 2)}"] if mark.p is not None else []
    return f"{plain(mark.name)}: {', '.join(parts)}"


def mark_lines(message: Message) -> list[str]:
    """Return a line for each column and one for those left out."""
    more = [f"and {message.more} more"] if message.more else []
    return [mark_line(mark) for mark in message.columns] + more


def links(message: Message) -> list[tuple[str, str]]:
    """Return where to look, each with its name; what is no web address is left out, as a link it might do something."""
    named = [("Open in the monitor", message.link), ("Runbook", message.runbook)]
    return [(name, url) for name, url in named if url and web_link(url)]


def web_link(url: str) -> bool:
    r"""Tell whether a link is one that a reader may safely click.

    Examples
    --------
    >>> web_link("https://monitor.example.org/dash/"), web_link("javascript:alert(1)"), web_link("https://a\nb")
    (True, False, False)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    fit = url.isprintable() and len(url) <= 2000 and not any(c in url for c in ' "<>|')
    return fit and parts.scheme in {"http", "https"} and bool(parts.hostname)


def text(message: Message) -> str:
    """Return the whole notice as plain text."""
    blocks = [
        headline(message),
        plain(message.summary, 1024),
        "\n".join(f"{name}: {value}" for name, value in facts(message)),
        "\n".join(f"- {line}" for line in mark_lines(message)),
        "\n".join(f"{name}: {url}" for name, url in links(message)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def instant(at: datetime) -> str:
    """Return an instant as people read it.

    Examples
    --------
    >>> instant(datetime(2026, 1, 1, 14, tzinfo=UTC))
    '2026-01-01 14:00 UTC'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
