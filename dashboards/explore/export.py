"""Files to take away: comma-separated, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from dashboards.explore.choice import Choice
from dashboards.explore.line import trail
from monitor.service.record import instant
from monitor.service.view.contrast import Contrast

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
SERIES = (
    "model",
    "window_start",
    "window_end",
    "revision",
    "metric",
    "column",
    "group",
    "version",
    "value",
    "low",
    "high",
    "n",
    "provisional",
    "reason",
)
NUMBERS = ("model", "metric", "column", "group", "a", "a_low", "a_high", "a_n", "b", "b_low", "b_high", "b_n")


def safe(cell: Any) -> Any:
    r"""Return a cell that no spreadsheet takes for a formula: texts that begin like one get an apostrophe.

    Examples
    --------
    >>> safe("=1+1"), safe("-x"), safe("JFK"), safe(-0.5), safe(None)
    ("'=1+1", "'-x", 'JFK', -0.5, '')
    """
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS) else cell


def written(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as the text of a file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def series(chosen: Choice) -> str:
    """Return the chosen series over all its windows."""
    known = trail(chosen)
    if known is None:
        return written(SERIES, ())
    past, one = known
    group = None if one.group is None else json.dumps(one.group, ensure_ascii=False)
    rows = []
    for p, run in enumerate(past.windows):
        window = (instant(run.window.start), instant(run.window.end), run.revision)
        value = (one.value[p], one.low[p], one.high[p], one.n[p], run.outcome.provisional, one.reason[p])
        rows.append((chosen.model.name, *window, one.metric, one.column, group, one.version, *value))
    return written(SERIES, rows)


def numbers(model: str, found: Contrast) -> str:
    """Return every number of both windows."""
    rows = []
    for one in found.pairs:
        group = None if one.group is None else json.dumps(dict(one.group), ensure_ascii=False)
        now, before = one.now, one.before
        other = (before.value, before.low, before.high, before.n) if before is not None else (None,) * 4
        rows.append((model, one.metric, one.column, group, now.value, now.low, now.high, now.n, *other))
    return written(NUMBERS, rows)
