"""A model on the overview: what it is called, how it fares, its key metric over time, what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from dashboards.asking import link
from dashboards.components.icon import icon
from dashboards.components.instant import ago, instant
from dashboards.components.metric_name import label, metric_name, unit
from dashboards.components.number import change, number, percent
from dashboards.components.sparkline import sparkline
from dashboards.components.verdict import against, pile, sentence, verdict_badge
from monitor.metrics import registered

if TYPE_CHECKING:
    from monitor.service.view.standing import Key, Standing
    from monitor.service.view.trend import Point


def model_card(one: Standing, points: Sequence[Point], now: datetime) -> html.Article:
    """Return the card of a model; all of it leads to the model's page, its incident to that one's."""
    head = html.Div(
        [
            html.H2(dcc.Link(one.model, href=link("models", one.model), className="cover cut"), className="cut"),
            verdict_badge(one),
        ],
        className="model-head",
    )
    body = [html.P(sentence(one, now), className="model-words"), _performance(one, points), _facts(one, now)]
    return html.Article([head, *body], className=f"card model {pile(one)} {one.severity or ''}".rstrip())


def _performance(one: Standing, points: Sequence[Point]) -> html.Div:
    key = one.performance
    baseline = key.baseline.value if key is not None and key.baseline is not None else None
    if key is None:
        words = html.Span("No performance yet: no ground truth has come.", className="muted small")
        return html.Div(words, className="model-key none")
    metric = key.measurement.metric
    left = html.Div([html.Div(metric_name(metric), className="fact-name"), _value(key)], className="model-value")
    return html.Div([left, sparkline(points, baseline, name=label(metric))], className="model-key")


def _value(key: Key) -> html.Div:
    moved = against(key)
    said: list[Any] = [html.Span(number(key.measurement.value, unit(key.measurement.metric)), className="big")]
    if moved is not None:
        tone = " text-critical" if harmful(key.measurement.metric, moved) and _beyond(key) else ""
        said.append(html.Span(change(moved, 2), className=f"number small muted{tone}", title="against the reference"))
    return html.Div(said, className="model-number")


def harmful(metric: str, moved: float) -> bool:
    """Tell whether a change of that sign does harm.

    Examples
    --------
    >>> harmful("roc_auc", -0.1), harmful("mean_absolute_error", -0.1), harmful("nobody_knows", 1.0)
    (True, False, False)
    """
    known = registered().get(metric) or registered().get(f"{metric.partition('@')[0]}@k")
    return known is not None and ((known.worse == "lower" and moved < 0) or (known.worse == "higher" and moved > 0))


def _beyond(key: Key) -> bool:
    """Tell whether the interval leaves out the reference's value: what may be chance is not coloured."""
    low, high = key.measurement.low, key.measurement.high
    before = key.baseline.value if key.baseline is not None else None
    return None not in (low, high, before) and not (low or 0) <= (before or 0) <= (high or 0)


def _facts(one: Standing, now: datetime) -> html.Div:
    drifted = "none tested" if not one.features.tested else f"{one.features.beyond} / {one.features.tested}"
    coverage = one.performance.coverage if one.performance is not None else None
    facts: list[Any] = [
        _fact("Drifted", html.Span(drifted, className="text-warning" if one.features.beyond else "")),
        _fact("Labels", percent(coverage)),
        _fact("Newest", instant(one.window.end, "ago", now=now) if one.window is not None else "–"),
    ]
    incident = one.incident or one.data_incident
    if incident:
        shown = html.Span([icon("incidents", size=13), "Incident"], className="row tight")
        facts.append(
            dcc.Link(shown, href=link("incidents", incident), className="model-incident", title="Its open incident")
        )
    return html.Div(facts, className="model-facts")


def _fact(name: str, value: Any) -> html.Div:
    return html.Div([html.Span(name, className="fact-name"), html.Span(value, className="number small strong")])


def fresh_words(one: Standing, now: datetime) -> str:
    """Return how old the end of the newest window is, in words."""
    return "no window yet" if one.window is None else ago(now - one.window.end)
