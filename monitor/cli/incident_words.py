"""Incidents in words: what one is about, its members, its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.cli.visible import visible
from monitor.service.oncall.words import HAPPENED, REASONS, about, member, some

if TYPE_CHECKING:
    from monitor.alerts.entry import Entry
    from monitor.service.oncall.incidents import Seen

__all__ = ["REASONS", "about", "happened", "member", "short", "state"]


def short(number: str, others: Sequence[str] = ()) -> str:
    """Return the beginning of an incident's or silence's number that tells it from the others.

    Examples
    --------
    >>> short("inc_0123456789ab", ["inc_0123456777cd"]), short("inc_0123456789ab")
    ('inc_012345678', 'inc_01234567')
    """
    size = 12
    while size < len(number) and any(other != number and other.startswith(number[:size]) for other in others):
        size += 1
    return number[:size]


def state(seen: Seen) -> str:
    """Return how grave an incident is and whether somebody has taken care of it, or that it is over."""
    if not seen.incident.open:
        return "resolved"
    hushed = ["acked"] * (seen.incident.state == "acknowledged") + ["silenced"] * seen.silenced
    return ", ".join([seen.incident.severity, *hushed[:1]])


def happened(entry: Entry, names: Sequence[str] = ()) -> str:
    """Return a line of a timeline in words; what people wrote stands in quotes.

    Parameters
    ----------
    names : sequence of str
        The members whom it is about, when there are any.
    """
    said = HAPPENED.get(entry.kind, entry.kind)
    if entry.severity and entry.kind in ("opened", "reopened", "severity_up", "severity_down"):
        said += f", {entry.severity}"
    if entry.reason:
        said += f", {REASONS.get(entry.reason, entry.reason)}"
    if entry.actor:
        said += f", {entry.actor}"
    said += f': "{entry.note}"' if entry.note else ""
    return visible(said + (f": {some(names, 6)}" if names else ""))
