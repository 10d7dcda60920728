"""What an incident is, since when, how sure, who looks after it, and what can be done now."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards.asking import Asked, link
from dashboards.components.card import fact
from dashboards.components.icon import icon
from dashboards.components.instant import instant, length
from dashboards.components.number import count, digits, plural
from dashboards.components.state import badge
from dashboards.components.words import capital, worded
from monitor.service.oncall.certainty import how_sure
from monitor.service.oncall.story import Story
from monitor.service.oncall.words import REASONS, about, member

ACTIONS = (
    ("acknowledge", "Acknowledge", "acknowledged"),
    ("unacknowledge", "Give back", "undo"),
    ("silence", "Silence", "silenced"),
    ("resolve", "Resolve", "resolved"),
)


def head(found: Story, asked: Asked) -> html.Section:
    """Return the head of the page."""
    incident = found.seen.incident
    badges = [
        badge(incident.severity, incident.severity.capitalize()),
        badge(incident.state, incident.state.capitalize()),
    ]
    badges += [badge("silenced", "Silenced")] if found.seen.silenced else []
    model = dcc.Link(incident.model, href=link("models", incident.model), className="plain strong")
    left = html.Div(
        [html.Div([*badges, model], className="row"), html.H1(capital(worded(about(found.seen)))), *_said(found)]
    )
    buttons = [_button(*action) for action in ACTIONS if _offered(action[0], found)]
    may = asked.principal.may("incidents:write", incident.model)
    right = (
        html.Div(buttons, className="actions") if may else html.Div("You may look, not act.", className="muted small")
    )
    return html.Section([html.Div([left, right], className="headline"), _facts(found, asked)], className="card stack")


def _said(found: Story) -> list[Any]:
    worst = found.seen.members[0] if found.seen.members else None
    rests = worst.evidence if worst is not None else None
    said = how_sure(member(worst), rests, digits, count) if worst is not None and rests is not None else ""
    lines = [html.P(capital(worded(line)), className="said") for line in (said, found.cause) if line]
    if found.runbook and found.runbook.startswith(("https://", "http://")):
        lines.append(
            html.P(
                html.A(
                    [icon("book"), " Runbook"], href=found.runbook, className="plain", target="_blank", rel="noreferrer"
                ),
                className="said",
            )
        )
    return lines


def _facts(found: Story, asked: Asked) -> html.Div:
    seen, incident = found.seen, found.seen.incident
    until = incident.resolved_at or asked.now
    again = f"{incident.reopen_count + 1} times" if incident.reopen_count else None
    facts = [
        fact("Began", instant(incident.started_at), note="first window beyond a limit"),
        fact("Opened", instant(incident.opened_at), note=again),
        fact("Lasted" if incident.resolved_at else "Open for", length(until - incident.opened_at)),
    ]  # fmt: skip
    if incident.resolved_at is not None:
        why = REASONS.get(incident.reason or "", incident.reason or "")
        facts.append(
            fact(
                "Resolved",
                instant(incident.resolved_at),
                note=f"by {incident.resolved_by}" if incident.resolved_by else why,
            )
        )
    if incident.acknowledgement is not None:
        taken = incident.acknowledgement
        note = html.Span(["until ", instant(taken.expires_at)])
        facts.append(fact("Looked after by", html.Span(taken.actor, className="cut"), note=note))
    for one in found.silences[:2]:
        note = html.Span(["until ", instant(one.ends_at), f": {one.reason}"])
        facts.append(fact("Silenced" if seen.silenced else "Partly quiet", one.author, note=note))
    facts.append(
        fact(
            "Findings",
            count(len(seen.by_kind)),
            note=plural(len(incident.columns), "column") if incident.columns else None,
        )
    )
    facts.append(fact("Number", html.Code(seen.id[:12], title=seen.id), note=f"version {incident.version}"))
    return html.Div(facts, className="facts")


def _offered(action: str, found: Story) -> bool:
    incident = found.seen.incident
    if action == "unacknowledge":
        return incident.acknowledgement is not None
    return incident.open


def _button(name: str, words: str, glyph: str) -> html.Button:
    first = " first" if name == "acknowledge" else ""
    return html.Button([icon(glyph), words], id={"type": "act", "name": name}, className="button" + first, n_clicks=0)
