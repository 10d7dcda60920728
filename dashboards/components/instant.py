"""Instants: in the viewer's zone, UTC when the pointer rests on them; lengths of time in one unit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from dash import html

from dashboards.components.aria import data

Form = Literal["minute", "day", "ago"]


def instant(at: datetime | None, form: Form = "minute", *, now: datetime | None = None) -> html.Time | html.Span:
    """Return an instant; ``assets/instants.js`` puts it into the viewer's zone.

    Parameters
    ----------
    form : str
        ``minute``: date and time; ``day``: the date; ``ago``: how long ago, which needs ``now``.
    """
    if at is None:
        return html.Span("–", className="muted")
    utc = at.astimezone(UTC)
    if form == "ago" and now is not None:
        said = ago(now - at)
    else:
        said = f"{utc:%-d %b %Y}" if form == "day" else f"{utc:%-d %b %H:%M}"
    return html.Time(
        said,
        className="instant",
        dateTime=utc.isoformat().replace("+00:00", "Z"),
        title=f"{utc:%Y-%m-%d %H:%M} UTC",
        **data(form=form),
    )


def length(value: timedelta | None) -> str:
    """Return a length of time in one unit, rounded down.

    Examples
    --------
    >>> length(timedelta(minutes=5, seconds=9)), length(timedelta(hours=50)), length(timedelta(seconds=3)), length(None)
    ('5 min', '2 d', '3 s', '–')
    """
    if value is None:
        return "–"
    seconds = max(0, int(value.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def ago(value: timedelta) -> str:
    """Return how long ago something was, or how far ahead it lies.

    Examples
    --------
    >>> ago(timedelta(hours=3)), ago(timedelta(seconds=9)), ago(-timedelta(days=2))
    ('3 h ago', 'just now', 'in 2 d')
    """
    if value < timedelta(0):
        return f"in {length(-value)}"
    return "just now" if value < timedelta(minutes=1) else f"{length(value)} ago"
