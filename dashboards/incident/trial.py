"""A changed limit on trial: how often the rule would have fired, when, and what was real of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from dashboards.asking import Asked, asked, link
from dashboards.components.aria import aria
from dashboards.components.blank import fault
from dashboards.components.card import card
from dashboards.components.instant import instant, length
from dashboards.components.metric_name import metric_name
from dashboards.components.number import digits, plural
from dashboards.components.state import badge
from dashboards.components.words import worded
from dashboards.incident.acting import seen
from dashboards.page import matched
from dashboards.shell import PATHNAME
from monitor.errors import MonitorError
from monitor.service.oncall.story import Story
from monitor.service.view.what_if import DAYS, Adjustable, WhatIf, adjustable, lay_out, what_if

if TYPE_CHECKING:
    from dash import Dash

WORDS = {"above": "above", "below": "below", "worse_by": "worse by", "moved_by": "moved by"}
STEPS = 60


def trial(found: Story, asked: Asked) -> html.Section | None:
    """Return the slider for the rule of the gravest finding, others to choose from; None when no limit can be moved."""
    model = asked.config.model(found.seen.incident.model)
    rules = adjustable(model) if model is not None else []
    named = [one.rule for one in found.seen.members]
    rules.sort(key=lambda one: named.index(one.rule) if one.rule in named else len(named))
    if not rules:
        return None
    choice = dmc.Select(
        id="trial-rule", data=[{"value": one.rule, "label": worded(one.rule)} for one in rules], value=rules[0].rule,
        allowDeselect=False, size="sm", w=300, **aria(label="Rule"),
    )  # fmt: skip
    body = html.Div(slider(rules[0]), id="trial-slider")
    said = dcc.Loading(html.Div(_invitation(), id="trial-said"), delay_show=300, type="dot", color="var(--accent)")
    soon = [dcc.Store(id="trial-near"), dcc.Store(id="trial-ready")]
    return card(body, said, *soon, heading="What if the limit were another one?", aside=choice, name="trial")


def slider(rule: Adjustable) -> html.Div:
    """Return the slider of one rule, from a quarter of its limit to three times as much."""
    lowest, highest = sorted((rule.limit * 0.25, rule.limit * 3))
    unit = " %" if rule.relative else ""
    factor = 100 if rule.relative else 1
    now = rule.limit * factor
    words = html.Div(
        [
            metric_name(rule.metric),
            f" {WORDS[rule.word]} ",
            html.Span(f"{digits(now)}{unit}", className="strong number"),
            " now",
        ]
    )
    step = float(f"{(highest - lowest) * factor / STEPS:.1g}") or 0.001
    control = dmc.Slider(
        id="trial-limit",
        min=round(lowest * factor, 6),
        max=round(highest * factor, 6),
        step=step,
        value=now,
        updatemode="mouseup",
        marks=[{"value": now, "label": "now"}],
        thumbLabel="Limit",
        labelAlwaysOn=False,
        precision=6,
        mt=4,
    )
    return html.Div([words, control], className="slide")


def register(app: Dash, path: str) -> None:
    """Hang in the choice of a rule and the slider; the past is laid out as soon as the slider is seen."""

    def chosen(rule: str | None, pathname: str) -> Any:
        return _shown(path, pathname, lambda question, model: _slider_of(question, model, rule))

    def moved(limit: float | None, rule: str | None, pathname: str) -> Any:
        return _shown(path, pathname, lambda question, model: _tried(question, model, rule, limit))

    def near(seen: int | None, pathname: str) -> Any:
        if not seen:
            return no_update
        return _shown(path, pathname, lambda question, model: lay_out(question.backend, model))

    browser: Any = app.clientside_callback
    browser(ClientsideFunction("frame", "near"), Output("trial-near", "data"), Input("trial-slider", "id"))
    app.callback(Output("trial-ready", "data"), Input("trial-near", "data"), PATHNAME, prevent_initial_call=True)(near)
    app.callback(Output("trial-slider", "children"), Input("trial-rule", "value"), PATHNAME, prevent_initial_call=True)(
        chosen
    )
    app.callback(
        Output("trial-said", "children"), Input("trial-limit", "value"), State("trial-rule", "value"), PATHNAME,
        prevent_initial_call=True,
    )(moved)  # fmt: skip


def _shown(path: str, pathname: str, draw: Any) -> Any:
    parts = matched(path, pathname)
    if parts is None:
        return no_update
    question = asked(parts)
    try:
        question.demand("read")
        with question.store.read() as conn:
            model = seen(question, conn, parts["number"]).incident.model
        return draw(question, model)
    except MonitorError as error:
        return fault(error)


def _slider_of(question: Asked, model: str, rule: str | None) -> Any:
    known = question.config.model(model)
    found = next((one for one in adjustable(known) if one.rule == rule), None) if known else None
    return no_update if found is None else slider(found)


def _tried(question: Asked, model: str, rule: str | None, limit: float | None) -> Any:
    known = question.config.model(model)
    found = next((one for one in adjustable(known) if one.rule == rule), None) if known else None
    if found is None or not isinstance(limit, int | float):
        return no_update
    return said(what_if(question.backend, model, found.rule, limit / (100 if found.relative else 1)), question)


def said(found: WhatIf, asked: Asked) -> Any:
    """Return how often the rule would have fired, and when."""
    number, real = len(found.incidents), sum(one.real is not None for one in found.incidents)
    limit = digits(found.limit * (100 if found.rule.relative else 1)) + (" %" if found.rule.relative else "")
    times = "never" if not number else "once" if number == 1 else f"{number} times"
    line = f"With {limit} it would have fired {times} in {plural(round(found.days), 'day')}."
    note = (
        f"{real} of them {'was' if real == 1 else 'were'} part of an incident there was."
        if number
        else "No window was beyond it for long enough."
    )
    rows = [_row(one, asked) for one in found.incidents[::-1]]
    return [
        html.P(line, className="verdict-line"),
        html.P(note, className="muted small"),
        html.Ul(rows, className="supposed"),
    ]


def _row(one: Any, asked: Asked) -> html.Li:
    fired = one.fired
    lasted = f"for {length((fired.until or asked.now) - fired.since)}" + ("" if fired.until else ", still open")
    columns = ", ".join(fired.columns[:4]) + (f" and {len(fired.columns) - 4} more" if len(fired.columns) > 4 else "")
    real = (
        dcc.Link("an incident there was", href=link("incidents", one.real), className="plain small")
        if one.real
        else html.Span("would have been new", className="muted small")
    )
    return html.Li(
        [
            badge(fired.severity),
            instant(fired.since, "day"),
            html.Span(lasted, className="muted small nowrap"),
            html.Span(columns, className="cut small", style={"flex": 1}),
            real,
        ]
    )


def _invitation() -> html.P:
    words = f"Move the slider: the last {DAYS} days are judged again, nothing is stored."
    return html.P(words, className="muted small")
