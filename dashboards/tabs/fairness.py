"""The tab fairness: a rate of every group beside the others, the gaps between them over time, crossed groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from dashboards.components.aria import aria
from dashboards.components.blank import empty
from dashboards.components.card import card
from dashboards.components.chart import chart, empty_chart
from dashboards.components.control import control
from dashboards.components.instant import instant
from dashboards.components.metric_name import label, metric_name
from dashboards.components.number import change, count, digits, plural
from dashboards.components.scroll import scroll
from dashboards.figures.dots import MOST, dots
from dashboards.figures.timeline import Level, timeline
from dashboards.subject import Subject
from dashboards.tabs.groups import mature
from dashboards.tabs.lines import bounds, line_of
from monitor.service.view.fairness import GroupRate, attribute_sets, gap_series, rates

if TYPE_CHECKING:
    from monitor.store.runs import Run

TITLE = "Fairness"
RATES = {
    "binary": ("selection_rate", "recall", "false_positive_rate", "precision", "accuracy", "mean_score"),
    "multiclass": ("recall_macro", "accuracy", "precision_macro", "f1_macro"),
    "regression": ("mean_absolute_error", "mean_error", "root_mean_squared_error"),
}  # fmt: skip
GAPS = (
    "demographic_parity", "equal_opportunity", "false_positive_rate", "equalized_odds", "predictive_parity", "accuracy",
)  # fmt: skip
FOUR_FIFTHS = 0.8
MANY = 6  # gaps in the table: beside more of them the chart is higher
MOST_CROSSED = 100


def draw(subject: Subject) -> Any:
    """Return the tab."""
    sets = attribute_sets(subject.past)
    if not sets:
        return empty("No groups are kept apart.", "Name columns under groups: in monitor.yaml, such as [sex, age].")
    attributes = _chosen(subject, sets)
    run = mature(subject) or subject.past.last
    metrics = [name for name in _rates(subject) if _measured(subject, name)]
    if run is None or not metrics:
        return empty("No rate by group within this range.", "Rates need decisions; most need ground truth too.")
    query = subject.asked.query
    metric = query["rate"] if query.get("rate") in metrics else metrics[0]
    found = _read(subject, run, attributes, metric)
    parts = [_groups(subject, sets, attributes, metrics, metric, found, run)]
    if subject.model.task in ("binary", "multiclass"):
        parts += [_gaps(subject, attributes, run)]
    crossed = [one for one in sets if len(one) > 1]
    if crossed:
        parts.append(_crossed(subject, crossed[0], metric, run))
    return html.Div(parts, className="stack")


def _chosen(subject: Subject, sets: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    wanted = subject.asked.query.get("by")
    return next((one for one in sets if " × ".join(one) == wanted), sets[0])


def _rates(subject: Subject) -> tuple[str, ...]:
    return RATES.get(subject.model.task) or (subject.key,)


def _measured(subject: Subject, metric: str) -> bool:
    return any(key.metric == metric and key.group is not None for key in subject.past.keys.values())


def _read(subject: Subject, run: Run, attributes: Sequence[str], metric: str) -> list[GroupRate]:
    against = _against(subject, attributes)
    with subject.store.read() as conn:
        least = subject.model.fairness.min_group_size
        return rates(conn, subject.past, run, attributes, metric, least=least, against=against)


def _against(subject: Subject, attributes: Sequence[str]) -> str | None:
    """Return the group that the others are compared with: the one asked for, else the one configured."""
    wanted = subject.asked.query.get("against")
    return _configured(subject, attributes) if wanted is None else wanted or None


def _configured(subject: Subject, attributes: Sequence[str]) -> str | None:
    named = [subject.model.fairness.reference_group.get(name) for name in attributes]
    return None if None in named else " × ".join(map(str, named))


def _groups(
    subject: Subject, sets: Sequence[tuple[str, ...]], attributes: tuple[str, ...], metrics: Sequence[str],
    metric: str, found: Sequence[GroupRate], run: Run,
) -> Any:  # fmt: skip
    """Return the card with a dot for every group."""
    query, against = subject.asked.query, _against(subject, attributes)
    names = [" × ".join(one) for one in sets]
    known = [one.title for one in found if one.value is not None]
    choices = html.Div(
        [
            *([control(dmc.SegmentedControl, "by", query, default=names[0], size="xs",
                       data=[{"value": n, "label": n} for n in names], **aria(label="Groups by"))]
              if len(names) > 1 else []),
            control(dmc.Select, "rate", query, default=metrics[0], size="xs", w=190, allowDeselect=False,
                    data=[{"value": n, "label": label(n)} for n in metrics], **aria(label="Rate")),
            control(dmc.Select, "against", query, default=_configured(subject, attributes) or "",
                       data=[{"value": "", "label": "compare extremes"},
                             *({"value": n, "label": f"against {n}"} for n in known)],
                       size="xs", w=190, allowDeselect=False, **aria(label="Compared with")),
        ],
        className="lens",
    )  # fmt: skip
    if not found:
        return card(empty_chart("No group has rows in this window."), heading=metric_name(metric), aside=choices)
    small = sum(one.state == "small" for one in found)
    hidden = sum(one.state == "suppressed" for one in found)
    note: list[Any] = ["Window from ", instant(run.window.start), " to ", instant(run.window.end),
                       ". Lines: 95 % intervals."]  # fmt: skip
    note += [f" Hollow: {plural(small, 'small group')}, out of the disparities."] if small else []
    note += [f" {plural(hidden, 'group')} with fewer than 10 rows not shown."] if hidden else []
    note += [f" The first {MOST} of {len(found)}."] if len(found) > MOST else []
    figure = dots(found, subject.look, against=against, whole=_whole(subject, metric, run))
    drawn = chart(figure, f"{label(metric)} by {' × '.join(attributes)} in {len(found)} groups")
    beside = _differences(found, against) if against in known else None
    body = html.Div([drawn, beside], className="pair") if beside is not None else drawn
    return card(body, html.P(note, className="note"), heading=metric_name(metric), aside=choices)


def _whole(subject: Subject, metric: str, run: Run) -> float | None:
    trail = subject.trail(metric)
    return trail.value[subject.past.places[run.id]] if trail is not None else None


def _differences(found: Sequence[GroupRate], against: str | None) -> html.Div:
    """Return how far each group lies from the one it is compared with."""
    rows = [
        html.Tr([
            html.Td(one.title), html.Td(change(one.difference), className="right strong"),
            html.Td(f"{change(one.difference_low)} to {change(one.difference_high)}"
                    if one.difference_low is not None else "–", className="right muted"),
        ])
        for one in found[:MOST] if one.difference is not None
    ]  # fmt: skip
    head = html.Tr([html.Th(f"Against {against}"), html.Th("Difference", className="right"),
                    html.Th("95 % interval", className="right")])  # fmt: skip
    return scroll(
        html.Table([html.Thead(head), html.Tbody(rows)], className="plain tight"), "Groups and gaps", tall=True
    )


def _gaps(subject: Subject, attributes: tuple[str, ...], run: Run) -> Any:
    """Return the card with a gap over time and all gaps of the window as a table."""
    query = subject.asked.query
    names = [f"{gap}_{form}" for gap in GAPS for form in ("difference", "ratio")]
    names = [name for name in names if gap_series(subject.past, attributes, name)]
    if not names:
        return card(empty_chart("Gaps need two groups large enough."), heading="Gaps between groups")
    chosen = query["gap"] if query.get("gap") in names else names[0]
    numbers = [number for name in names for number in gap_series(subject.past, attributes, name)]
    trails = {trail.metric: trail for trail in subject.read(numbers)}
    trail = trails[chosen]
    levels = [Level(one.value, "limit", severity=one.severity)
              for one in subject.rules.limits(chosen, "×".join(attributes))]  # fmt: skip
    if chosen.endswith("_ratio"):
        levels.append(Level(FOUR_FIFTHS, "four fifths", severity="warning"))
    high = 360 if len(names) > MANY else 240
    figure = timeline(
        subject.scene, [line_of(subject, trail)], subject.look, levels=levels, height=high, **bounds(chosen)
    )
    pick = control(dmc.Select, "gap", query, default=names[0], size="xs", w=260, allowDeselect=False,
                   data=[{"value": n, "label": label(n)} for n in names], **aria(label="Gap"))  # fmt: skip
    at = subject.past.places[run.id]
    rows = [
        html.Tr([
            html.Td(metric_name(name)), html.Td(digits(trails[name].value[at]), className="right strong"),
            html.Td("–" if trails[name].low[at] is None
                    else f"{digits(trails[name].low[at])} to {digits(trails[name].high[at])}", className="right muted"),
            html.Td("0" if name.endswith("difference") else "1", className="right muted"),
        ])
        for name in names
    ]  # fmt: skip
    head = html.Tr([html.Th("In this window"), html.Th("Value", className="right"),
                    html.Th("95 % interval", className="right"), html.Th("Equal", className="right")])  # fmt: skip
    table = scroll(html.Table([html.Thead(head), html.Tbody(rows)], className="plain tight"), "Groups and gaps")
    held = "Between the extremes among groups large enough; the interval holds for all pairs at once."
    drawn = chart(figure, f"{label(chosen)} by {' × '.join(attributes)} over time", name="fairness", linked=True)
    left = html.Div([drawn, html.P(f"{held} {subject.look.clocks}", className="note")])
    return card(html.Div([left, table], className="pair"), heading=metric_name(chosen), aside=pick)


def _crossed(subject: Subject, attributes: tuple[str, ...], metric: str, run: Run) -> Any:
    found = _read(subject, run, attributes, metric)
    rows = [
        html.Tr([
            *(html.Td("missing" if value is None else value) for value in one.values),
            html.Td(digits(one.value) if one.state != "suppressed" else "too few rows",
                    className="right strong" if one.value is not None else "right muted"),
            html.Td("–" if one.low is None else f"{digits(one.low)} to {digits(one.high)}", className="right muted"),
            html.Td(count(one.n), className="right muted"),
        ])
        for one in found[:MOST_CROSSED]
    ]  # fmt: skip
    head = html.Tr([*(html.Th(name) for name in attributes), html.Th(label(metric), className="right"),
                    html.Th("95 % interval", className="right"), html.Th("Rows", className="right")])  # fmt: skip
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="plain tight")
    return card(scroll(table, "Groups and gaps", tall=True), heading=f"{' × '.join(attributes)}, the largest first")
