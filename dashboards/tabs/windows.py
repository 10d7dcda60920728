"""The tab runs: every window as it was computed: revisions, rows, ground truth, how late it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboards.components.blank import empty
from dashboards.components.card import card
from dashboards.components.instant import instant, length
from dashboards.components.number import count, percent, plural
from dashboards.components.scroll import scroll
from dashboards.components.state import badge
from dashboards.subject import Subject
from monitor.service.view.past import history

if TYPE_CHECKING:
    from monitor.store.runs import Run

TITLE = "Runs"
MOST = 200
WORDS = {"done": "ok", "failed": "failing", "quarantined": "failing", "leased": "learning", "due": "late"}
HEAD = ("Window", "State", "Revision", "Rows", "Ground truth", "Late rows", "Done", "After its end")
RIGHT = frozenset({"Revision", "Rows", "Ground truth", "Late rows", "After its end"})


def draw(subject: Subject) -> Any:
    """Return the tab."""
    with subject.store.read() as conn:
        found = history(conn, subject.past, MOST)
    if not found:
        return empty("No window within this range.", "Choose a longer one.")
    head = html.Tr([html.Th(name, className="right" if name in RIGHT else "") for name in HEAD])
    table = html.Table([html.Thead(head), html.Tbody([_row(run) for run in found])], className="plain tight")
    revised = sum(run.revision > 0 for run in found)
    words = f"{plural(len(subject.past.windows), 'window')}, {plural(revised, 'revision')}"
    note = f"The newest {MOST}." if len(found) == MOST else ""
    return card(scroll(table, "Windows", tall=True), html.P(note, className="note") if note else None,
                heading=f"Windows: {words}")  # fmt: skip


def _row(run: Run) -> html.Tr:
    outcome = run.outcome
    state = badge("learning", "provisional") if run.status == "done" and outcome.provisional else badge(
        WORDS.get(run.status, "unknown"), run.status)  # fmt: skip
    notes = ["in the reference"] if outcome.in_reference else []
    notes += [outcome.cause] if outcome.cause else []
    after = run.finished_at - run.window.end if run.finished_at is not None else None
    told = html.Span(run.error, className="text-critical small", title=run.error_state) if run.error else None
    return html.Tr(
        [
            html.Td([instant(run.window.start), " – ", instant(run.window.end)], className="nowrap"),
            html.Td([state, html.Span(f" {', '.join(notes)}", className="note") if notes else None, told]),
            html.Td(count(run.revision), className="right muted"),
            html.Td(count(outcome.rows), className="right"),
            html.Td(percent(outcome.coverage), className="right"),
            html.Td(count(outcome.late) if outcome.late else "–", className="right muted"),
            html.Td(instant(run.finished_at), className="nowrap"),
            html.Td(length(after) if after is not None else "–", className="right muted"),
        ]
    )
