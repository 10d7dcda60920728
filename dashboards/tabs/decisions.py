"""The decisions behind the numbers: confusion, calibration and curves of the newest windows, beside the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import dash_mantine_components as dmc
from dash import html

from dashboards.components.card import card
from dashboards.components.chart import chart, empty_chart
from dashboards.components.control import control
from dashboards.components.instant import instant
from dashboards.components.number import count, plural
from dashboards.figures.squares import calibrated, confusion, curves, sizes
from dashboards.subject import Subject, instant_of
from monitor.service.view.counts import Counts, counts, together
from monitor.service.view.curve import (
    Matrix,
    calibration,
    errors,
    matrix,
    precision_recall,
    receiver_operating,
    scores_of,
)

if TYPE_CHECKING:
    from monitor.profile.scores import Scores

T = TypeVar("T")


def decisions(subject: Subject) -> Any:
    """Return the card; nothing for a task whose decisions have no such shape."""
    if subject.model.task == "ranking":
        return None
    found = seen(subject)
    if found is None or found.current is None:
        return card(empty_chart("No window within this range has ground truth yet."), heading="Decisions")
    drawn = _errors(subject, found) if subject.model.task == "regression" else _classes(subject, found)
    labelled = found.current.rows.labelled
    words = [
        f"{plural(found.windows, 'window')} together, ",
        instant(found.window.start), " to ", instant(found.window.end), f", {count(labelled)} rows with ground truth",
        "; grey: the reference" if found.reference is not None else "",
    ]  # fmt: skip
    return card(
        html.P(words, className="note"),
        html.Div(drawn, className="squares"),
        heading="Decisions",
        aside=_class_choice(subject, found),
    )


def seen(subject: Subject) -> Counts | None:
    """Return the counts of the newest windows that have ground truth, up to the one asked for."""
    until = instant_of(subject.asked.query.get("window"))
    windows = [run for run in subject.past.windows if until is None or run.window.start <= until]
    return counts(subject.store, subject.model, subject.lens, together(windows, labelled=True))


def _classes(subject: Subject, found: Counts) -> list[Any]:
    name = _class(subject, found)
    now, before = scores_of(found.current, name), scores_of(found.reference, name)
    rows, look = matrix(found.current), subject.look
    drawn = [] if rows is None else [_square("Confusion", confusion(rows, look), _said(rows))]
    if now is not None and now.probabilities:
        figure = calibrated(calibration(now), _of(before, calibration), look)
        drawn.append(_square("Calibration", figure, "Mean score against the share that came true"))
    if now is not None:
        figure = curves(
            receiver_operating(now), _of(before, receiver_operating), look,
            x="false positive rate", y="true positive rate", diagonal=True,
        )  # fmt: skip
        drawn.append(_square("ROC curve", figure, "True positive rate against false positive rate"))
        figure = curves(precision_recall(now), _of(before, precision_recall), look, x="recall", y="precision")
        drawn.append(_square("Precision and recall", figure, "Precision against recall"))
    return drawn


def _of(side: Scores | None, shape: Callable[[Scores], T | None]) -> T | None:
    return None if side is None else shape(side)


def _errors(subject: Subject, found: Counts) -> list[Any]:
    now, before = errors(found.current, found.reference)
    return [_square("Sizes of errors", sizes(now, before, subject.look, ""), "Shares of rows by size of their error")]


def _square(title: str, figure: dict[str, Any], words: str) -> html.Div:
    return html.Div([html.H3(title), chart(figure, words)], className="square")


def _said(rows: Matrix) -> str:
    right = sum(row[i] for i, row in enumerate(rows.rows))
    return f"Confusion of {len(rows.classes)} classes: {right} of {sum(map(sum, rows.rows))} rows predicted right"


def _class(subject: Subject, found: Counts) -> str | None:
    names = found.standard.layout.model.score_classes
    wanted = subject.asked.query.get("class")
    return None if not names else wanted if wanted in names else names[0]


def _class_choice(subject: Subject, found: Counts) -> Any:
    names = found.standard.layout.model.score_classes
    if not names:
        return None
    data = [{"value": name, "label": name} for name in names]
    return control(
        dmc.Select, "class", subject.asked.query, default=names[0], data=data, allowDeselect=False, size="xs", w=180,
        **{"aria-label": "Class"},
    )  # fmt: skip
