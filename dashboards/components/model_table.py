"""All models in one table, for those who have many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dashboards.asking import link
from dashboards.components.grid import grid
from dashboards.components.metric_name import label
from dashboards.components.model_card import fresh_words
from dashboards.components.number import change, digits, percent
from dashboards.components.sparkline import drawing
from dashboards.components.state import GLYPHS, tone
from dashboards.components.verdict import against, sentence, urgency, verdict_state, verdict_word

if TYPE_CHECKING:
    from monitor.service.view.standing import Standing
    from monitor.service.view.trend import Point

# What a cell shows is not always what it is sorted by.
TEXT = {"function": "(params.value || {}).text"}
SHOWN: dict[str, Any] = {"valueFormatter": TEXT, "comparator": {"function": "byOrder(valueA, valueB)"}}
COLUMNS = (
    {"field": "model", "headerName": "Model", "cellRenderer": "Link", "pinned": "left", "minWidth": 150, **SHOWN},
    {"field": "state", "headerName": "State", "cellRenderer": "Badge", "minWidth": 150, **SHOWN},
    {"field": "key", "headerName": "Key metric", "minWidth": 150, **SHOWN},
    {"field": "moved", "headerName": "Change", "minWidth": 84, **SHOWN},
    {
        "field": "spark",
        "headerName": "Trend",
        "cellRenderer": "Spark",
        "sortable": False,
        "minWidth": 120,
        "valueFormatter": TEXT,
    },
    {"field": "drifted", "headerName": "Drifted", "minWidth": 88, **SHOWN},
    {"field": "labels", "headerName": "Labels", "minWidth": 84, **SHOWN},
    {"field": "fresh", "headerName": "Newest", "minWidth": 96, **SHOWN},
    {"field": "words", "headerName": "What", "minWidth": 200, "flex": 3, "tooltipField": "words", "sortable": False},
)
HIGH = 640


def model_table(found: Sequence[Standing], lines: Mapping[str, Sequence[Point]], now: datetime) -> Any:
    """Return the table of models, one a row."""
    rows = [_row(one, lines.get(one.model, ()), place, now) for place, one in enumerate(found)]
    return grid("overview-table", COLUMNS, rows, height=HIGH if len(rows) > HIGH // 40 else None, key="id")


def _row(one: Standing, points: Sequence[Point], place: int, now: datetime) -> dict[str, Any]:
    key, moved = one.performance, against(one.performance)
    value = key.measurement.value if key is not None else None
    name = label(key.measurement.metric) if key is not None else ""
    coverage = key.coverage if key is not None else None
    features, state = one.features, verdict_state(one)
    shape = {"tone": tone(state), "glyph": GLYPHS.get(state, "unknown")}
    drifted = f"{features.beyond} / {features.tested}" if features.tested else "–"
    return {
        "id": str(place) + one.model,
        "model": {"text": one.model, "href": link("models", one.model), "by": one.model.casefold()},
        "state": shape | {"text": verdict_word(one), "by": list(urgency(one))},
        "key": {"text": f"{digits(value)}  {name}" if name else "–", "by": value},
        "moved": {"text": change(moved, 2), "by": moved},
        "spark": _spark(points, name),
        "drifted": {"text": drifted, "by": features.beyond},
        "labels": {"text": percent(coverage), "by": coverage},
        "fresh": {"text": fresh_words(one, now), "by": one.window.end.timestamp() if one.window else None},
        "words": sentence(one, now),
    }  # fmt: skip


def _spark(points: Sequence[Point], name: str) -> dict[str, str]:
    if not any(point.value is not None for point in points):
        return {}
    return {"image": f'url("data:image/svg+xml,{quote(drawing(points))}")', "said": f"{name}, the last windows"}
