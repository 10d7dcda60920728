"""One column: where its rows lie now and lay before, what the numbers say, how it came, who moved with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards.asking import link
from dashboards.components.card import card
from dashboards.components.chart import chart, empty_chart
from dashboards.components.instant import instant
from dashboards.components.metric_name import label, measured, metric_name, unit
from dashboards.components.number import count, digits, percent
from dashboards.components.scroll import scroll
from dashboards.components.state import badge
from dashboards.figures.bars import bars
from dashboards.figures.timeline import Line, timeline
from dashboards.subject import Subject, instant_of
from monitor.domain.evidence import Evidence
from monitor.service.view.counts import counts
from monitor.service.view.distribution import distribution
from monitor.service.view.drift import EFFECT, Heat, Mover, companions
from monitor.service.view.limit import Limit
from monitor.service.view.trail import Trail, trails

if TYPE_CHECKING:
    from monitor.store.runs import Run

TOLD = (
    "drift_effect", "drift_pvalue", "psi", "jensen_shannon_distance", "total_variation_distance",
    "kolmogorov_smirnov_statistic", "wasserstein_distance_normed", "cramers_v", "mean_shift", "missing_rate",
    "missing_rate_change", "unseen_rate", "out_of_range_rate", "mean", "median", "standard_deviation",
)  # fmt: skip
SHARES = frozenset({"missing_rate", "unseen_rate", "out_of_range_rate"})
MOST_COMPANIONS = 8


def column(subject: Subject, one: Mover, heat: Heat) -> Any:
    """Return the card about one column in the window asked for, by default the newest."""
    run = subject.window(instant_of(subject.asked.query.get("window")))
    if run is None:
        return None
    found = _measured(subject, one, run)
    head = [html.Span(one.title, className="mono"), *([badge(one.severity)] if one.severity else [])]
    when = html.Span([instant(run.window.start), " to ", instant(run.window.end)], className="note")
    return card(
        html.Div(
            [
                html.Div(
                    [_distribution(subject, one, run), _history(subject, one), _companions(subject, one, heat)],
                    className="stack",
                ),
                _evidence(subject, one, run, found),
            ],
            className="pair",
        ),
        heading=html.Span(head, className="row"),
        aside=when,
    )


def _distribution(subject: Subject, one: Mover, run: Run) -> Any:
    found = counts(subject.store, subject.model, subject.lens, [run])
    shape = distribution(found, one.name, one.label) if found is not None else None
    if shape is None:
        return empty_chart("The counts behind this window are gone.")
    if not shape.rows:
        return empty_chart("This window has no rows.")
    words = (
        f"Distribution of {one.title}: {count(shape.rows)} rows beside {count(shape.reference_rows)} of the reference"
    )
    note = f"{count(shape.rows)} rows beside {count(shape.reference_rows)} of the reference, each as shares."
    return html.Div([html.H3("Distribution"), chart(bars(shape, subject.look), words), html.P(note, className="note")])


def _measured(subject: Subject, one: Mover, run: Run) -> dict[str, Trail]:
    """Return what was measured of the column in one window, by metric."""
    group = dict(subject.lens.group or {}) | ({} if one.label is None else {"class": one.label})
    numbers = [
        number for number, key in subject.past.keys.items()
        if key.column == one.name and key.metric in TOLD and key.version == subject.lens.version
    ]  # fmt: skip

    def make() -> dict[str, Trail]:
        with subject.store.read() as conn:
            every = trails(conn, subject.past, numbers, (run.id, run.id))
        return {trail.metric: trail for trail in every if (trail.group or {}) == group}

    return subject.seen.once(("measured", one.title, run.id), make)


def _evidence(subject: Subject, one: Mover, run: Run, found: dict[str, Trail]) -> Any:
    at = subject.past.places[run.id]
    rows = [_row(subject, one, found[name], at) for name in TOLD if name in found and found[name].value[at] is not None]
    if not rows:
        reason = next((t.reason[at] for t in found.values() if t.reason[at]), "nothing was measured")
        return html.Div([html.H3("Evidence"), empty_chart(f"No number in this window: {reason}.")])
    head = [html.Th("Number"), html.Th("Value", className="right"), html.Th("95 % interval", className="right")]
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="plain tight")
    return html.Div([html.H3("Evidence"), scroll(table, "Evidence"), _verdict(subject, one)])


def _row(subject: Subject, one: Mover, trail: Trail, at: int) -> html.Tr:
    value, low, high = trail.value[at], trail.low[at], trail.high[at]
    limits = subject.rules.limits(trail.metric, one.name)
    beyond = any((value or 0) > limit.value for limit in limits if limit.upper)
    say = percent if trail.metric in SHARES else partial(measured, trail.metric)
    shown = unit(trail.metric)
    words = html.Span(f" {shown}", className="unit") if shown in ("nat", "sd") else None
    return html.Tr(
        [
            html.Td(metric_name(trail.metric), className="nowrap", title=f"{count(trail.n[at])} rows entered"),
            html.Td(
                [say(value), words, _against(limits, value, say)],
                className="right strong" + (" text-critical" if beyond else ""),
            ),
            html.Td("–" if low is None else f"{say(low)} to {say(high)}", className="right muted nowrap"),
        ]
    )


def _against(limits: Sequence[Limit], value: float | None, say: Callable[[float | None], str]) -> Any:
    """Return the limit that a value is beyond, or the first that it is not, small and grey."""
    above = [limit.value for limit in limits if limit.upper]
    if not above or value is None:
        return None
    passed = [limit for limit in above if value > limit]
    shown = f" > {say(max(passed))}" if passed else f" < {say(min(above))}"
    return html.Span(shown, className="unit", title="the limit")


def _verdict(subject: Subject, one: Mover) -> Any:
    """Return what the alarm rests on, in words; of a quiet column that it is quiet."""
    fires = subject.seen.bearings.about(one.name, EFFECT, "missing_rate_change", "unseen_rate", "out_of_range_rate")
    if fires is None:
        return html.P("No alarm: not beyond its limit, chance and ordinary life at once.", className="note")
    words: list[Any] = [f"In alarm ({fires.severity})"]
    if fires.since is not None:
        words += [" since ", instant(fires.since)]
    return html.P([*words, ": ", _rests_on(fires.evidence), "."], className="note")


def _rests_on(found: Evidence | None) -> str:
    if found is None:
        return "see its incident"
    parts = [f"{label(found.metric)} {digits(found.effect if found.effect is not None else found.value)}"]
    parts += [f"limit {digits(found.limit)}"] if found.limit is not None else []
    parts += (
        [f"p {_chance(found.p_corrected)} after correction over all columns"] if found.p_corrected is not None else []
    )
    if found.reference_high is not None:
        parts.append(f"the reference itself moves by up to {digits(found.reference_high)}")
    parts += [f"{count(found.n)} rows"] if found.n is not None else []
    parts += [f"{found.scale} windows together"] if found.scale > 1 else []
    parts += [f"compared with the {found.season}"] if found.season and found.season != "all" else []
    return ", ".join(parts)


def _chance(p: float) -> str:
    return measured("drift_pvalue", p)


def _history(subject: Subject, one: Mover) -> Any:
    [trail] = subject.seen.once(("history", one.series), lambda: subject.read([one.series]))
    if trail.last is None:
        return None
    line = Line("", subject.thin(trail.value), n=[trail.n[at] for at in subject.picked])
    limits = subject.limits(EFFECT, one.name, before=0.0)[:2]  # what is compared with itself has not moved
    figure = timeline(subject.scene, [line], subject.look, levels=limits, height=160, floor=0.0)
    drawn = chart(figure, "The column's drift effect over time with its limits", name="history", linked=True)
    return html.Div([html.H3("History of its effect"), drawn])


def _companions(subject: Subject, one: Mover, heat: Heat) -> Any:
    found = companions(heat, one.title)[:MOST_COMPANIONS]
    if not found:
        return None
    tip = "windows beyond their own limits at the same time"
    chips: Sequence[Any] = [
        dcc.Link(
            [html.Span(other.title), html.Span(f"{shared} of {own}", className="muted")],
            href=link("models", subject.model.name, **{**subject.asked.query, "column": other.name,
                                                       "class": other.label, "tab": "drift"}),
            className="chip", title=tip,
        )
        for other, shared, own in found
    ]  # fmt: skip
    lead = dmc.Tooltip(html.H3("Moved with it", className="explained", tabIndex=0), label=tip, withArrow=True)
    return html.Div([lead, html.Div(chips, className="companions")])
