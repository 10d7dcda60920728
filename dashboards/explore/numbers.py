"""Every number of both windows, and the shapes of a column in both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components.card import card, fact
from dashboards.components.chart import chart
from dashboards.components.grid import grid
from dashboards.components.icon import icon
from dashboards.components.instant import instant
from dashboards.components.metric_name import known_metric, label, measured, metric_name
from dashboards.components.number import change, count, digits
from dashboards.components.table import table
from dashboards.explore.choice import Choice
from dashboards.figures.bars import bars
from dashboards.figures.canvas import Look
from monitor.domain.window import Window
from monitor.service.view.contrast import Contrast, Pair
from monitor.service.view.distribution import distribution

TEXT = {"function": "(params.value || {}).text"}
SHOWN: dict[str, Any] = {"valueFormatter": TEXT, "comparator": {"function": "byOrder(valueA, valueB)"}}
COLUMNS = (
    {"field": "metric", "headerName": "Metric", "minWidth": 200, "flex": 2, "tooltipField": "meaning"},
    {"field": "column", "headerName": "Column", "minWidth": 140, "flex": 2},
    {"field": "group", "headerName": "Class", "minWidth": 90},
    {"field": "a", "headerName": "A", "type": "rightAligned", **SHOWN},
    {"field": "b", "headerName": "B", "type": "rightAligned", **SHOWN},
    {"field": "change", "headerName": "Change", "type": "rightAligned", **SHOWN},
    {"field": "n", "headerName": "Rows in A", "type": "rightAligned", **SHOWN},
)
FIRST, HEIGHT = 10, 480


def summary(chosen: Choice, found: Contrast) -> html.Div:
    """Return both windows with their rows, and the chosen metric on both sides."""
    one = next((pair for pair in found.pairs if _is(pair, chosen)), None)
    facts = [fact("Window A", _span(found.window), note=f"{count(found.rows)} rows")]
    beside: Any = _span(found.beside) if found.beside is not None else "the reference"
    standard = found.counts.standard
    if found.beside is None and standard.start is not None and standard.end is not None:
        beside = _span(Window(standard.start, standard.end))
    facts.append(fact("Window B" if found.beside else "The reference", beside, note=f"{count(found.rows_beside)} rows"))
    if one is not None:
        facts += [
            fact(
                [metric_name(one.metric), " in A"],
                html.Span(measured(one.metric, one.now.value), className="number"),
                note=_interval(one.now),
            ),
        ]
        if one.before is not None:
            facts.append(
                fact(
                    "in B",
                    html.Span(measured(one.metric, one.before.value), className="number"),
                    note=_interval(one.before),
                )
            )
            facts.append(fact("Change", html.Span(change(_moved(one)), className="number")))
    return html.Div(facts, className="facts")


def shapes(chosen: Choice, found: Contrast, look: Look) -> Any:
    """Return the distributions of the chosen column in both windows; None when no column is chosen."""
    column = chosen.series.column
    if column is None:
        return None
    label_of = (chosen.group or {}).get("class")
    made = distribution(found.counts, column, label_of)
    if made is None:
        return None
    figure = bars(made, look)
    if found.beside is not None:  # the figure knows a window and its reference only
        for note in figure["layout"]["annotations"]:
            note["text"] = note["text"].replace("reference", "window B").replace("this window", "window A")
        for row in (row for trace in figure["data"] for row in trace.get("customdata") or ()):
            row[2] = row[2].replace("the reference", "window B").replace("this window", "window A")
    return card(chart(figure, f"{column} in window A over window B"), heading=[html.Code(column), " in A over B"])


def numbers(found: Contrast) -> html.Section:
    """Return what changed most, and every number in a table that is drawn, and its library fetched, once opened."""
    pairs = sorted(found.pairs, key=_weight)
    take = html.Button([icon("download"), "CSV"], id="explore-numbers-csv", className="button", n_clicks=0)
    shown = _first([_row(pair) for pair in pairs[:FIRST]], [pair.metric for pair in pairs[:FIRST]])
    if len(pairs) <= FIRST:
        return card(shown, heading="Every number, A against B", aside=take)
    rows = [_row(pair) for pair in pairs]
    every = html.Details(
        [
            html.Summary(f"Every number, A against B ({count(len(pairs))}), to sort and to search"),
            grid("explore-numbers", COLUMNS, rows, height=HEIGHT, key="id"),
        ],
        id="explore-every",
        className="every",
    )
    return card(shown, every, heading="What moved most", aside=take)


def _first(rows: Sequence[dict[str, Any]], metrics: Sequence[str]) -> html.Div:
    """Return what moved most as a plain table, without the columns that nothing of it has."""
    texts = [name for name in ("column", "group") if any(row[name] for row in rows)]
    numbers = [name for name in ("a", "b", "change", "n") if any(row[name]["text"] for row in rows)]
    cells = [
        [
            metric_name(metric),
            *(html.Span(row[name], className="cut", title=row[name]) for name in texts),
            *(html.Span(row[name]["text"], className="number") for name in numbers),
        ]
        for row, metric in zip(rows, metrics, strict=True)
    ]
    titles = {str(one["field"]): str(one["headerName"]) for one in COLUMNS}
    right = [titles[name] for name in numbers]
    return table(["Metric", *(titles[name] for name in texts), *right], cells, right=right, name="What moved most")


def _is(pair: Pair, chosen: Choice) -> bool:
    return (pair.metric, pair.column, pair.group) == (chosen.series.metric, chosen.series.column, chosen.group)


def _moved(pair: Pair) -> float | None:
    if pair.before is None or pair.now.value is None or pair.before.value is None:
        return None
    return pair.now.value - pair.before.value


def _weight(pair: Pair) -> tuple[bool, float]:
    """Return what puts the strongest drift first, then what else there is."""
    strong = pair.now.value if pair.metric == "drift_effect" and pair.now.value is not None else None
    return strong is None, -(strong or 0.0)


def _row(pair: Pair) -> dict[str, Any]:
    known = known_metric(pair.metric)
    moved = _moved(pair)
    group = ", ".join(f"{value}" for value in (pair.group or {}).values())
    before = pair.before.value if pair.before is not None else None
    return {
        "id": f"{pair.metric}|{pair.column}|{group}",
        "metric": label(pair.metric),
        "meaning": known.title if known is not None else pair.metric,
        "column": pair.column or "",
        "group": group,
        "a": {"text": measured(pair.metric, pair.now.value), "by": pair.now.value},
        "b": {"text": measured(pair.metric, before) if pair.before is not None else "", "by": before},
        "change": {"text": change(moved) if moved is not None else "", "by": abs(moved) if moved is not None else None},
        "n": {"text": count(pair.now.n), "by": pair.now.n},
    }


def _interval(found: Any) -> str | None:
    return None if found.low is None or found.high is None else f"{digits(found.low)} to {digits(found.high)}"


def _span(window: Window) -> list[Any]:
    return [instant(window.start), " to ", instant(window.end)]
