"""What happened to an incident, and who was told of it."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components.card import card
from dashboards.components.icon import icon
from dashboards.components.instant import instant
from dashboards.components.number import plural
from dashboards.components.state import badge
from dashboards.components.words import worded
from monitor.alerts.entry import Entry
from monitor.service.notices.deliveries import Delivery
from monitor.service.oncall.story import Story
from monitor.service.oncall.words import HAPPENED, REASONS, member, some

MOST = 40
GLYPHS = {
    "opened": ("critical", "critical"), "reopened": ("critical", "critical"), "resolved": ("resolved", "ok"),
    "joined": ("plus", "warning"), "left": ("check", "ok"), "severity_up": ("up", "critical"),
    "severity_down": ("down", "ok"), "acknowledged": ("acknowledged", "learning"), "silenced": ("silenced", "learning"),
    "unacknowledged": ("undo", "unknown"), "flapping": ("pulse", "warning"), "settled": ("check", "ok"),
}  # fmt: skip
SENT = {"delivered": "ok", "queued": "learning", "leased": "learning", "dead": "critical", "cancelled": "unknown"}
WORDS = {"delivered": "sent", "queued": "waits", "leased": "on its way", "dead": "given up", "cancelled": "not sent"}


def timeline(found: Story) -> html.Section:
    """Return what happened, the newest first; members to whom the same happened at once stand in one line."""
    known = {one.fingerprint: worded(member(one)) for one in found.seen.members}
    lines: dict[tuple[object, ...], tuple[Entry, list[str]]] = {}
    for entry in found.entries:
        own = entry.fingerprint is None or None
        _, names = lines.setdefault((entry.at, entry.kind, entry.reason, own and len(lines)), (entry, []))
        names += [known[entry.fingerprint]] if entry.fingerprint in known else []
    told = list(lines.values())[::-1]
    items = [_item(entry, names) for entry, names in told[:MOST]]
    more = [html.P(f"{plural(len(told) - MOST, 'older line')}", className="muted small")] if len(told) > MOST else []
    return card(html.Ol(items, className="timeline"), *more, heading="Timeline")


def notices(found: Story) -> html.Section:
    """Return who was told what, and whether it arrived."""
    if not found.notices:
        words = "Nobody has been told." if found.receivers else "Nobody is told: monitor.yaml has no receivers."
        return card(html.P(words, className="muted"), heading="Notices sent")
    items = [_notice(one) for one in found.notices[::-1][:MOST]]
    return card(html.Ol(items, className="timeline"), heading="Notices sent")


def _item(entry: Entry, names: list[str]) -> html.Li:
    glyph, tone = GLYPHS.get(entry.kind, ("dot", "unknown"))
    said = HAPPENED.get(entry.kind, entry.kind).capitalize()
    if entry.severity and entry.kind in ("opened", "reopened", "severity_up", "severity_down"):
        said += f", {entry.severity}"
    if entry.reason:
        said += f": {REASONS.get(entry.reason, entry.reason)}"
    body: list[Any] = [html.P([html.Span(said, className="strong"), f" by {entry.actor}" if entry.actor else ""])]
    body += [html.P(some(list(dict.fromkeys(names)), 4), className="small muted")] if names else []
    body += [html.P(entry.note, className="quote small")] if entry.note else []
    body.append(html.P(instant(entry.at), className="small muted"))
    return html.Li([html.Span(icon(glyph), className=f"dot tone-{tone}"), html.Div(body)])


def _notice(one: Delivery) -> html.Li:
    tone = SENT.get(one.state, "unknown")
    body: list[Any] = [
        html.P(
            [
                html.Span(one.receiver, className="strong"),
                f" · {one.kind.replace('_', ' ')}  ",
                badge(tone, WORDS.get(one.state, one.state)),
            ],
            className="row",
        )
    ]
    if one.error and one.state != "delivered":
        body.append(html.P(one.error, className="small muted"))
    body.append(html.P([instant(one.created_at), f" · {plural(one.attempts, 'attempt')}"], className="small muted"))
    return html.Li([html.Span(icon("send"), className=f"dot tone-{tone}"), html.Div(body)])
