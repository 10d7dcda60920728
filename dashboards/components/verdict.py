"""A model's standing in words: which pile it belongs to, its badge, and one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from dash import html

from dashboards.components.instant import length
from dashboards.components.metric_name import label
from dashboards.components.number import change, plural
from dashboards.components.state import badge
from dashboards.components.words import capital

if TYPE_CHECKING:
    from monitor.service.view.standing import Key, Standing

Pile = Literal["care", "unknown", "learning", "ok"]
PILES: dict[Pile, str] = {"care": "needs care", "unknown": "unknown", "learning": "learning", "ok": "ok"}
WORDS = {
    "overdue": "a window is overdue",
    "no_rows": "no rows arrive",
    "too_few_rows": "too few rows arrive",
    "labels_overdue": "ground truth is overdue",
    "source_error": "its log cannot be read",
    "schema_changed": "its log has other columns",
    "quality": "data quality fell",
}


def pile(one: Standing) -> Pile:
    """Return which pile a model belongs to: needs care, unknown, learning or ok."""
    if one.severity in ("warning", "critical") or one.verdict == "drift":
        return "care"
    if one.state in ("learning", "new"):
        return "learning"
    return "ok" if one.verdict == "ok" else "unknown"


def urgency(one: Standing) -> tuple[int, int, int]:
    """Return what sorts the gravest first: the severity, the pile, the columns beyond their limits."""
    grave = {"critical": 0, "warning": 1, "info": 2}.get(one.severity or "", 3)
    return grave, list(PILES).index(pile(one)), -one.features.beyond


def verdict_badge(one: Standing) -> html.Span:
    """Return the badge of a model: how grave it is, and what it is about."""
    since = f"since {one.since:%Y-%m-%d %H:%M} UTC" if one.since is not None else None
    return badge(verdict_state(one), verdict_word(one), title=since)


def verdict_state(one: Standing) -> str:
    """Return the state that gives the badge its colour and glyph."""
    if pile(one) == "care":
        return one.severity if one.severity in ("warning", "critical") else "warning"
    return one.state if one.state in ("late", "failing", "ended", "learning", "new") else one.verdict


def verdict_word(one: Standing) -> str:
    """Return the badge's word, such as ``Drift · critical``."""
    state = verdict_state(one)
    if pile(one) != "care":
        return "OK" if state == "ok" else state.capitalize()
    word = "Drift" if one.verdict == "drift" else "Data" if one.data_incident or one.problems else "Alarm"
    return f"{word} · {state}"


def sentence(one: Standing, now: datetime) -> str:
    """Return what is to be said of a model in one plain sentence.

    Parameters
    ----------
    now : datetime
        The present.
    """
    if one.state == "new":
        return "Waiting for its first window."
    if one.state == "learning":
        return "Learning what is normal: its reference is not complete yet."
    said = list(_found(one))
    if one.state == "late" and one.expected_at is not None:
        said.append(f"a window is {length(now - one.expected_at)} overdue")
    if one.state == "failing" and "source_error" not in one.problems:
        said.append("its log cannot be read")
    if not said:
        return "Its log has ended." if one.state == "ended" else _calm(one)
    text = "; ".join(dict.fromkeys(said)) + "."
    return text if one.features.beyond else capital(text)  # a column is called as it is written


def named(names: Sequence[str], total: int, most: int = 2) -> str:
    """Return some names and how many more there are.

    Examples
    --------
    >>> named(["carrier"], 1), named(["a", "b"], 2), named(["a", "b", "c"], 9)
    ('carrier', 'a and b', 'a, b and 7 more')
    """
    shown = list(names[:most])
    if total > len(shown):
        return f"{', '.join(shown)} and {total - len(shown)} more" if shown else str(total)
    return " and ".join(shown)


def against(key: Key | None) -> float | None:
    """Return by how much the key metric differs from the reference's; None when either has no value."""
    if key is None or key.measurement.value is None or key.baseline is None or key.baseline.value is None:
        return None
    return key.measurement.value - key.baseline.value


def _found(one: Standing) -> list[str]:
    said = []
    columns = [found.name for found in one.features.top if found.name]
    if one.features.beyond:
        said.append(f"{named(columns, one.features.beyond)} moved")
    groups = [found.name for found in one.fairness.top if found.name]
    if one.fairness.beyond:
        said.append(f"groups of {named(groups, one.fairness.beyond)} fare differently")
    moved = against(one.performance)
    if one.verdict == "drift" and one.performance is not None and moved is not None:
        said.append(f"{label(one.performance.measurement.metric)} {change(moved, 2)} against the reference")
    said += [WORDS.get(problem, problem) for problem in one.problems]
    return said


def _calm(one: Standing) -> str:
    if one.verdict == "unknown":
        return "Nothing is known of the present."
    if one.features.tested:
        return f"{plural(one.features.tested, 'column')} as in the reference."
    return "Nothing is beyond its limit."
