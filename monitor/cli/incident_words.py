"""Incidents in words: what one is about, its members, its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.cli.visible import visible
from monitor.cli.wording import count, number
from monitor.service.incident_words import HAPPENED, REASONS, about, member, some

if TYPE_CHECKING:
    from monitor.alerts.entry import Entry
    from monitor.domain.evidence import Evidence
    from monitor.service.incidents import Seen

__all__ = ["REASONS", "about", "chance_text", "happened", "how_sure", "member", "short", "state"]


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


def how_sure(name: str, found: Evidence) -> str:
    """Return in sentences what a breach rests on, as far as the evidence says."""
    said = f"{name} is {number(found.value)}"
    said += f", the limit {number(found.limit)}" if found.limit is not None else ""
    said += f", on {_count(found.n, found.n_reference)}." if found.n is not None else "."
    chance = found.p_corrected if found.p_corrected is not None else found.p_value
    if chance is not None:
        corrected = " after correction for all tests of the window" if found.p_corrected is not None else ""
        level = f", where {number(found.level, 2)} was asked for" if found.level is not None else ""
        said += f" By chance alone: p {chance_text(chance)}{corrected}{level}."
    if found.reference_high is not None or found.reference_low is not None:
        said += f" The reference itself shows {number(found.reference_low)} to {number(found.reference_high)}."
    if found.scale > 1:
        said += f" {found.scale} windows were looked at together."
    if found.season:
        said += f" Compared with {found.season}."
    return f"{said} {found.note.rstrip('.')}." if found.note else said


def chance_text(value: float | None) -> str:
    """Return a p-value as people read it.

    Examples
    --------
    >>> chance_text(0.0), chance_text(0.00042), chance_text(None)
    ('< 1e-300', '0.00042', '-')
    """
    return "< 1e-300" if value == 0 else number(value, 2)


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


def _count(rows: int | None, reference: int | None) -> str:
    beside = f" beside {count(reference)} of the reference" if reference is not None else ""
    return f"{count(rows)} rows{beside}"
