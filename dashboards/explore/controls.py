"""The controls of the page: each writes into the address and offers what there is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboards.components.aria import aria
from dashboards.components.control import control
from dashboards.components.icon import icon
from dashboards.components.metric_name import label
from dashboards.explore.choice import OURS, THEIRS, VERSION, Choice
from monitor.service.key_metric import key_metric

MOST = 500


def controls(chosen: Choice) -> list[Any]:
    """Return the two rows of controls: what is looked at, and what against what."""
    return [html.Div(_what(chosen), className="tools"), html.Div(_when(chosen), className="tools against")]


def _what(chosen: Choice) -> list[Any]:
    query, series, names = chosen.asked.query, chosen.series, chosen.asked.visible()
    keys = list(chosen.past.keys.values()) if chosen.past is not None else []
    same = [key for key in keys if key.metric == series.metric]
    columns = [(name, name) for name in sorted({key.column for key in same if key.column is not None})]
    if any(key.column is None for key in same):
        columns.insert(0, ("", "no column"))
    here = sorted({key.group for key in same if key.group is not None and key.column == series.column})
    groups = [("", "all rows"), *((text, _group(text)) for text in here)]
    versions = [("", "all versions"), *((one, f"version {one}") for one in _versions(chosen))]
    metrics = [(name, label(name)) for name in sorted({key.metric for key in keys})]
    found = [
        _select("model", "Model", [(name, name) for name in names], query, names[0], 180, chosen.model.name),
        _select("metric", "Metric", metrics, query, key_metric(chosen.model), 220, series.metric),
    ]
    if len(columns) > 1 or series.column is not None:
        found.append(_select("column", "Column", columns, query, "", 180, series.column or ""))
    if len(groups) > 1:
        found.append(_select("group", "Group", groups, query, "", 200, series.group or ""))
    if len(versions) > 1:
        found.append(_select("version", "Version", versions, query, "", 150, series.version or ""))
    return found


def _versions(chosen: Choice) -> list[str]:
    keys = chosen.past.keys.values() if chosen.past is not None else ()
    return sorted({key.version for key in keys if key.version is not None})


def _when(chosen: Choice) -> list[Any]:
    query = chosen.asked.query
    beside = [*THEIRS.items(), *((VERSION + one, f"version {one}, same time") for one in _versions(chosen))]
    found: list[Any] = [
        html.Span("A", className="side side-a"),
        _select("a", "Window A", OURS.items(), query, "7d", 150),
    ]
    found += _days("a", query) if query.get("a") == "custom" else []
    found += [html.Span("against", className="muted"), html.Span("B", className="side side-b")]
    found.append(_select("b", "Window B", beside, query, "reference", 200))
    found += _days("b", query) if query.get("b") == "custom" else []
    found.append(
        html.Div(
            [
                html.Button(
                    [icon("download"), "CSV"],
                    id="explore-csv",
                    className="button",
                    n_clicks=0,
                    title="The line as a file",
                ),
                html.Button(
                    [icon("image"), "PNG"],
                    id="explore-png",
                    className="button",
                    n_clicks=0,
                    title="The chart as a picture",
                ),
                html.Button(
                    [icon("link"), html.Span("Copy link", id="explore-copied")],
                    id="explore-link",
                    className="button",
                    n_clicks=0,
                ),
            ],
            className="actions push",
        )
    )
    return found


def _select(
    name: str,
    words: str,
    choices: Iterable[tuple[str, str]],
    query: Mapping[str, str],
    default: str,
    width: int,
    shown: str | None = None,
) -> Any:
    data = [{"value": value, "label": text} for value, text in list(choices)[:MOST]]
    given = query.get(name, default) if shown is None else shown
    if given not in {one["value"] for one in data}:
        data.insert(0, {"value": given, "label": given or "choose"})
    return control(
        dmc.Select, name, {name: given}, default=default, data=data, size="sm", w=width, allowDeselect=False,
        searchable=len(data) > 8, **aria(label=words),
    )  # fmt: skip


def _days(side: str, query: Mapping[str, str]) -> list[Any]:
    made = []
    for end, words in (("from", "first day"), ("to", "last day")):
        made.append(
            control(
                dmc.DateInput,
                f"{side}_{end}",
                query,
                size="sm",
                w=140,
                valueFormat="D MMM YYYY",
                placeholder=words,
                clearable=False,
                **aria(label=f"Window {side.upper()}, {words}"),
            )
        )
    return made


def _group(text: str) -> str:
    return ", ".join(f"{key} = {'missing' if value is None else value}" for key, value in json.loads(text).items())
