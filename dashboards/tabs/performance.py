"""The tab performance: the key metric with its interval, the others beside it, the decisions behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboards.components.blank import empty
from dashboards.components.card import card
from dashboards.components.chart import chart, empty_chart
from dashboards.components.control import control
from dashboards.components.metric_name import label, metric_name
from dashboards.figures.timeline import timeline
from dashboards.subject import Subject
from dashboards.tabs.decisions import decisions
from dashboards.tabs.groups import group_table
from dashboards.tabs.lines import bounds, ends, line_of, small_chart
from monitor.service.view.trail import Trail

TITLE = "Performance"
OTHERS = {
    "binary": ("roc_auc", "average_precision", "precision", "recall", "f1", "accuracy", "brier_score", "base_rate"),
    "multiclass": ("accuracy", "recall_macro", "precision_macro", "f1_macro", "roc_auc_macro", "log_loss"),
    "regression": ("mean_absolute_error", "root_mean_squared_error", "mean_error", "r2",
                   "mean_absolute_percentage_error", "median_absolute_error"),
}  # fmt: skip
RANKING = ("ndcg", "map", "mrr", "hit_rate", "precision", "recall", "coverage")
SMALL = 6


def draw(subject: Subject) -> Any:
    """Return the tab."""
    names = _names(subject)
    measured = [name for name in names if subject.past.named(name)]
    if not measured:
        return empty(
            "No performance yet.",
            "It needs a prediction or score, and ground truth: source.ground_truth in monitor.yaml.",
        )
    chosen = subject.asked.query.get("metric") or subject.key
    chosen = chosen if chosen in measured else measured[0]
    others = [name for name in measured if name != chosen][:SMALL]
    wanted = [number for name in (chosen, *others) for number in subject.past.named(name)]
    found = {trail.metric: trail for trail in subject.read([*wanted, *subject.past.named(f"estimated_{chosen}")])}
    return html.Div(
        [
            _main(subject, found, chosen, measured),
            html.Div([_small(subject, found[name]) for name in others], className="tiles"),
            decisions(subject),
            group_table(subject, chosen),
        ],
        className="stack",
    )


def _names(subject: Subject) -> list[str]:
    task = subject.model.task
    if task == "ranking":
        return [f"{name}@{k}" for name in RANKING for k in subject.model.ranking.k]
    return list(dict.fromkeys([subject.key, *OTHERS.get(task, ())]))


def _main(subject: Subject, found: dict[str, Trail], chosen: str, measured: Sequence[str]) -> Any:
    trail, estimated = found[chosen], found.get(f"estimated_{chosen}")
    lines = [line_of(subject, trail, "realised" if estimated else "")]
    if estimated is not None:
        lines.append(line_of(subject, estimated, "estimated", dashed=True))
    figure = timeline(
        subject.scene, lines, subject.look, levels=subject.levels(chosen), strip=True, height=300, **bounds(chosen)
    )
    aside = control(
        dmc.Select,
        "metric",
        subject.asked.query,
        default=subject.key if subject.key in measured else measured[0],
        data=[{"value": name, "label": label(name)} for name in measured],
        allowDeselect=False,
        size="xs",
        w=220,
        **{"aria-label": "Metric"},
    )
    return card(
        chart(figure, f"{label(chosen)} over time, {ends(trail)}", name="performance", linked=True),
        html.P(_legend(subject, estimated is not None), className="note"),
        heading=metric_name(chosen),
        aside=aside,
    )


def _small(subject: Subject, trail: Trail) -> Any:
    drawn = small_chart(subject, trail, subject.levels(trail.metric)) if trail.last is not None else None
    why = next((reason for reason in reversed(trail.reason) if reason), "no value within this range")
    return card(drawn or empty_chart(why, 120), heading=metric_name(trail.metric), name="tile")


def _legend(subject: Subject, estimated: bool) -> str:
    words = ["Band: 95 % interval."]
    if any(subject.scene.provisional):
        words.append("Hatched: ground truth is still coming.")
    words.append("Strip below: share of rows with ground truth.")
    if subject.scene.marks.reference is not None and subject.scene.marks.reference[1] > subject.scene.begin:
        words.append("Grey ground: the reference's period.")
    if subject.scene.marks.incidents:
        words.append("Tinted ground: an incident was open.")
    if estimated:
        words.append("Dotted: estimated from scores, which assumes that what they mean has not changed.")
    step = -(-len(subject.past.windows) // max(1, len(subject.picked)))
    if step > 1:
        words.append(f"Each point is the one farthest out of {step} windows.")
    return " ".join([*words, subject.look.clocks])
