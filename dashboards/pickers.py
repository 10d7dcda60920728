"""The pickers of a model's page: how far back, which version, which segment; all of it stands in the address."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboards.components.aria import aria
from dashboards.components.control import control
from dashboards.subject import RANGE, RANGES, Subject
from monitor.service.view.past import Past

SHORT = {"7d": "7 d", "30d": "30 d", "90d": "90 d", "1y": "1 y", "all": "all"}
MOST = 200


def pickers(subject: Subject) -> html.Div:
    """Return the pickers; those with nothing to choose are left out."""
    query = subject.asked.query
    ranges = [{"value": name, "label": SHORT[name]} for name in RANGES]
    found: list[Any] = [
        control(dmc.SegmentedControl, "range", query, default=RANGE, data=ranges, size="xs", **aria(label="Range"))
    ]
    past = subject.sight.past if subject.sight is not None else None
    versions = _versions(past) if past is not None else []
    if versions:
        data = [{"value": "", "label": "all versions"}, *({"value": v, "label": f"version {v}"} for v in versions)]
        found.append(control(dmc.Select, "version", query, data=data, size="xs", w=160, allowDeselect=False,
                             **aria(label="Version")))  # fmt: skip
    segments = _segments(past, subject) if past is not None else []
    if segments:
        data = [{"value": "", "label": "all rows"}, *({"value": s, "label": s} for s in segments)]
        found.append(control(dmc.Select, "segment", query, data=data, size="xs", w=200, searchable=True,
                             allowDeselect=False, **aria(label="Segment")))  # fmt: skip
    return html.Div(found, className="lens")


def _versions(past: Past) -> list[str]:
    return sorted({key.version for key in past.keys.values() if key.version is not None})[:MOST]


def _segments(past: Past, subject: Subject) -> list[str]:
    """Return the values of the attributes that rows are kept apart by, as ``attribute=value``."""
    known = {*subject.model.segments, *(names[0] for names in subject.model.groups if len(names) == 1)}
    found: dict[str, None] = {}
    for text in sorted({key.group for key in past.keys.values() if key.group is not None}):
        group = json.loads(text)
        name = next(iter(group))
        if len(group) == 1 and name in known and group[name] is not None:
            found[f"{name}={group[name]}"] = None
    return list(found)[:MOST]
