"""What is explored: read from the address, filled up with what makes sense, refused where it makes none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboards.asking import Asked, MissingError
from monitor.config import ModelConfig
from monitor.domain.measurement import Group
from monitor.service.key_metric import key_metric
from monitor.service.view.past import Lens, Past, past
from monitor.store.series import SeriesKey

OURS = {"last": "newest window", "7d": "last 7 days", "30d": "last 30 days", "custom": "from … to …"}
THEIRS = {
    "reference": "the reference",
    "before": "the time before it",
    "week": "a week earlier",
    "custom": "from … to …",
}
LENGTHS = {"7d": timedelta(days=7), "30d": timedelta(days=30)}
VERSION = "version:"


@dataclass(frozen=True, eq=False)
class Choice:
    """What the address asks for: a model, one of its series, window A, and what that is put beside.

    ``theirs`` is None for the reference. ``past`` is None before the model's first window.
    """

    asked: Asked
    model: ModelConfig
    past: Past | None
    series: SeriesKey
    ours: Lens
    theirs: Lens | None
    wrong: str | None = None

    @property
    def group(self) -> Group | None:
        """The group whose numbers are looked at."""
        return None if self.series.group is None else json.loads(self.series.group)


def choice(asked: Asked) -> Choice:
    """Return what the address asks for.

    Raises
    ------
    MissingError
        No model may be seen, or not that one.
    """
    names = asked.visible()
    name = asked.query.get("model") or next(iter(names), "")
    model = asked.config.model(name)
    if model is None or name not in names:
        raise MissingError(
            f"There is no model {name}." if name else "No model is monitored yet.", "the overview shows all"
        )
    with asked.store.read() as conn:
        found = past(conn, Lens(name))
    query = asked.query
    series = _series(model, found, query)
    try:
        ours = _ours(model, found, query)
        theirs = _theirs(model, ours, query)
    except ValueError as error:
        return Choice(asked, model, found, series, Lens(name), None, str(error))
    return Choice(asked, model, found, series, ours, theirs)


def _series(model: ModelConfig, found: Past | None, query: Mapping[str, str]) -> SeriesKey:
    """Return the series asked for; where there is none of that name the nearest that there is."""
    wanted = SeriesKey(
        query.get("version") or None, query.get("metric") or key_metric(model), query.get("column") or None,
        query.get("group") or None,
    )  # fmt: skip
    keys = list(found.keys.values()) if found is not None else []
    known = [key for key in keys if key.metric == wanted.metric and key.version == wanted.version]
    if not known:
        known = [key for key in keys if key.metric == key_metric(model) and key.version == wanted.version]
    if wanted in known or not known:
        return wanted

    def far(key: SeriesKey) -> tuple[bool, bool, bool, str]:
        return key.column != wanted.column, key.group is not None, key.column is not None, key.column or ""

    return min(known, key=far)


def _ours(model: ModelConfig, found: Past | None, query: Mapping[str, str]) -> Lens:
    version, wanted = query.get("version") or None, query.get("a", "7d")
    full = [run for run in found.windows if run.outcome.rows] if found is not None else []
    if not full:
        return Lens(model.name, version=version)
    last = full[-1].window
    if wanted == "custom":
        start, end = _dates(model, query, "a")
        return Lens(model.name, start, end, version)
    start = last.start if wanted == "last" else last.end - LENGTHS.get(wanted, LENGTHS["7d"])
    return Lens(model.name, start, last.end, version)


def _theirs(model: ModelConfig, ours: Lens, query: Mapping[str, str]) -> Lens | None:
    wanted = query.get("b", "reference")
    if wanted.startswith(VERSION):
        return Lens(model.name, ours.start, ours.end, wanted.removeprefix(VERSION))
    if wanted == "custom":
        start, end = _dates(model, query, "b")
        return Lens(model.name, start, end, ours.version)
    if wanted not in ("before", "week") or ours.start is None or ours.end is None:
        return None
    back = ours.end - ours.start if wanted == "before" else timedelta(days=7)
    return Lens(model.name, ours.start - back, ours.end - back, ours.version)


def _dates(model: ModelConfig, query: Mapping[str, str], side: str) -> tuple[datetime, datetime]:
    """Return the days chosen, both included, by the clocks of the model."""
    first, last = query.get(f"{side}_from", ""), query.get(f"{side}_to", "")
    if not first or not last:
        raise ValueError(f"Choose the first and the last day of window {side.upper()}.")
    zone = ZoneInfo(model.window_timezone)
    try:
        days = date.fromisoformat(first[:10]), date.fromisoformat(last[:10]) + timedelta(days=1)
        found = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    except (ValueError, OverflowError):
        raise ValueError(f"The days of window {side.upper()} are no dates: write 2026-01-31.") from None
    if found[1] <= found[0]:
        raise ValueError(f"Window {side.upper()} ends before it begins.")
    return found[0], found[1]
