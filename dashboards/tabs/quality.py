"""The tab data quality: what is missing, unseen or out of range, column by column, and how the rows themselves fare."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards.asking import link
from dashboards.components.blank import empty
from dashboards.components.card import card
from dashboards.components.chart import chart
from dashboards.components.metric_name import metric_name
from dashboards.components.number import percent
from dashboards.components.scroll import scroll
from dashboards.components.state import badge
from dashboards.figures.timeline import timeline
from dashboards.subject import Subject
from dashboards.tabs.lines import bounds, line_of, small_chart
from monitor.service.view.lack import LACKS, Lack, lacks
from monitor.service.view.trail import Trail

TITLE = "Data quality"
ROWS = ("duplicate_rate", "early_target_rate", "unparsable_target_rate", "orphan_target_count", "target_coverage",
        "labelled_sample_pvalue")  # fmt: skip
MOST = 200


def draw(subject: Subject) -> Any:
    """Return the tab."""
    found = {trail.metric: trail for trail in subject.read(subject.past.named("row_count", *ROWS))}
    if not found:
        return empty("Nothing was counted for these rows.", "Choose all versions, or all rows.")
    tiles = [
        card(small_chart(subject, found[name], subject.levels(name)[:2]), heading=metric_name(name), name="tile")
        for name in ROWS
        if name in found and any(found[name].value)
    ]
    return html.Div([_volume(subject, found.get("row_count")), _columns(subject), html.Div(tiles, className="tiles")],
                    className="stack")  # fmt: skip


def _volume(subject: Subject, trail: Trail | None) -> Any:
    if trail is None:
        return None
    figure = timeline(
        subject.scene, [line_of(subject, trail)], subject.look, height=180, zero=True, **bounds("row_count")
    )
    drawn = chart(figure, "Rows in each window over time", name="volume", linked=True)
    return card(drawn, heading=metric_name("row_count"))


def _columns(subject: Subject) -> Any:
    """Return the table of columns, those that lack most first."""

    def make() -> list[Lack]:
        with subject.store.read() as conn:
            return lacks(conn, subject.past)

    found = subject.seen.once("lacks", make)
    if not found:
        return None
    head = html.Tr([html.Th("Column"), *(html.Th(metric_name(name), className="right") for name in LACKS),
                    html.Th("Worst in range", className="right"), html.Th("")])  # fmt: skip
    rows = [_row(subject, one) for one in found[:MOST]]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="plain tight ranked")
    lacking = sum(one.most > 0.0 for one in found)
    words = f"{lacking} of {len(found)} lack something in the newest window" if lacking else "nothing is lacking"
    return card(scroll(table, "Columns", tall=True), heading=f"Columns: {words}")


def _row(subject: Subject, one: Lack) -> html.Tr:
    fires = subject.seen.bearings.about(one.name, "missing_rate_change", *LACKS)
    to = link("models", subject.model.name, **{**subject.asked.query, "tab": "drift", "column": one.name})
    return html.Tr(
        [
            html.Td(dcc.Link(one.name, href=to, title="Its distribution")),
            *(html.Td(_share(one.shares.get(metric)), className="right") for metric in LACKS),
            html.Td(percent(one.worst), className="right muted"),
            html.Td(badge(fires.severity) if fires is not None else None, className="right"),
        ]
    )


def _share(value: float | None) -> html.Span:
    return html.Span(percent(value), className="muted" if not value else "strong")
