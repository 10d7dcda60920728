"""The page of one incident: what, since when, how sure, its members, its timeline, who was told, what to do."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli.incident_words import REASONS, about, happened, member, short
from monitor.cli.options import DEFAULT
from monitor.cli.table import NARROW, table
from monitor.cli.visible import visible
from monitor.cli.wording import NOTHING, count, minute, number, plural
from monitor.service.oncall.certainty import chance, how_sure

if TYPE_CHECKING:
    from monitor.alerts.entry import Entry
    from monitor.alerts.member import Member
    from monitor.service.notices.deliveries import Delivery
    from monitor.service.oncall.story import Story

MEMBERS = ("what", "now", "value", "limit", "p", "n", "last window")
NOTICES = ("decided", "receiver", "what", "state", "attempts", "fault")
PASSING = ("joined", "left", "severity_up", "severity_down", "flapping", "settled")  # what members do
MOST = 20
INDENT = " " * 13


def page(found: Story, config: Path = DEFAULT) -> Iterator[str]:
    """Yield the lines about one incident, in the time zone of its model.

    Parameters
    ----------
    config : Path
        The file to be named in the commands that are proposed.
    """
    yield from _head(found)
    yield from _members(found)
    yield ""
    yield from _timeline(found)
    yield from _notices(found)
    yield ""
    yield "What to do"
    for command, why in _next(found, config):
        yield f"  {command}"
        yield f"      {why}"


def _head(found: Story) -> Iterator[str]:
    seen, incident = found.seen, found.seen.incident
    yield f"{seen.id}  version {incident.version}"
    yield from textwrap.wrap(visible(f"{incident.model}: {about(seen)}"), NARROW)
    yield ""
    yield from _fact("State", f"{incident.severity}, {_state(found)}")
    yield from _fact("Since", f"the window that began {minute(incident.started_at, seen.zone)}")
    if incident.acknowledgement is not None:
        taken = incident.acknowledgement
        note = f': "{taken.note}"' if taken.note else ""
        yield from _fact("Looked after", f"by {taken.actor} until {minute(taken.expires_at, seen.zone)}{note}")
    for one in found.silences:
        until = f"until {minute(one.ends_at, seen.zone)} by {one.author}: {one.reason}"
        yield from _fact("Silenced" if seen.silenced else "Partly quiet", f"{until} ({short(one.id)})")
    worst = found.seen.members[0]
    if worst.evidence is not None:
        yield from _fact("How sure", how_sure(member(worst), worst.evidence, number, count))
    yield from _fact("Where to look", found.cause)
    for name, link in (("Runbook", found.runbook), ("Dashboard", found.link)):
        if link:
            yield f"{name.ljust(len(INDENT) + 2)}{visible(link)}"


def _state(found: Story) -> str:
    seen, incident = found.seen, found.seen.incident
    at = minute(incident.resolved_at or incident.reopened_at or incident.opened_at, seen.zone)
    if incident.state == "resolved":
        why = REASONS.get(incident.reason or "", incident.reason or "")
        by = f" by {incident.resolved_by}" if incident.resolved_by else ""
        return f"resolved {at} {seen.zone}" + (by or (f" ({why})" if why else ""))
    word = "acknowledged, open" if incident.state == "acknowledged" else "open"
    again = f" (for the {incident.reopen_count + 1}. time)" if incident.reopen_count else ""
    return f"{word} since {at} {seen.zone}{again}"


def _members(found: Story) -> Iterator[str]:
    held = [one for _, one in found.seen.by_kind]
    rows = [_member(one, found.seen.zone) for one in held[:MOST]]
    kept = [i for i, title in enumerate(MEMBERS) if title != "p" or any(row[i] != NOTHING for row in rows)]
    yield ""
    yield from table(
        [MEMBERS[i] for i in kept],
        ([row[i] for i in kept] for row in rows),
        right=("value", "limit", "p", "n"),
        cuttable=("what",),
        widest=NARROW,
    )
    if len(held) > MOST:
        yield f"and {len(held) - MOST} more; --json has all"
    if gone := len(found.seen.members) - len(held):
        yield f"{plural(gone, 'other')} {'is' if gone == 1 else 'are'} well again"


def _timeline(found: Story) -> Iterator[str]:
    """Yield what happened, members to whom the same happened at once in one line; of very much the last."""
    zone = found.seen.zone
    known = {one.fingerprint: member(one) for one in found.seen.members}
    lines: dict[tuple[object, ...], tuple[Entry, list[str]]] = {}
    for entry in found.entries:
        own = entry.fingerprint is None or None
        _, names = lines.setdefault((entry.at, entry.kind, entry.reason, own and len(lines)), (entry, []))
        names += [known[entry.fingerprint]] if entry.fingerprint in known else []
    told = list(lines.values())
    late = told[-MOST:]
    early = [line for line in told[:-MOST] if line[0].kind not in PASSING]
    yield f"Timeline ({zone})"
    for entry, names in early[-MOST:]:
        yield from _folded(minute(entry.at, zone), happened(entry, names), " " * 18)
    if left := len(told) - len(late) - len(early[-MOST:]):
        yield f"({plural(left, 'more line')} up to here, of members that came and went; --json has all)"
    for entry, names in late:
        yield from _folded(minute(entry.at, zone), happened(entry, names), " " * 18)


def _member(one: Member, zone: str) -> list[str]:
    evidence = one.evidence
    calm = {"recovering": "recovering", "inactive": "resolved", "pending": "resolved"}
    return [
        member(one),
        "unsteady" if one.flapping else calm.get(one.phase, one.severity),
        number(evidence.value if evidence else None, 3),
        number(evidence.limit if evidence else None, 3),
        chance(evidence.chance if evidence else None, number),
        count(evidence.n if evidence else None),
        minute(one.last_breach.start, zone),
    ]


def _notices(found: Story) -> Iterator[str]:
    yield ""
    if not found.notices:
        yield "Nobody has been told." if found.receivers else "Nobody is told: monitor.yaml has no `receivers:`."
        return
    yield f"Notices ({found.seen.zone})"
    rows = (_notice(one, found.seen.zone) for one in found.notices[-MOST:])
    yield from table(NOTICES, rows, right=("attempts",), cuttable=("receiver", "fault"), widest=NARROW)
    if len(found.notices) > MOST:
        yield f"and {len(found.notices) - MOST} before; --json has all"


def _notice(one: Delivery, zone: str) -> list[str]:
    fault = "" if one.state == "delivered" else one.error or ""
    return [minute(one.created_at, zone), one.receiver, one.kind, one.state, count(one.attempts), fault]


def _next(found: Story, config: Path) -> Iterator[tuple[str, str]]:
    """Yield commands that help now, each with what it does."""
    seen, incident = found.seen, found.seen.incident
    number_, model = short(seen.id), shlex.quote(incident.model)
    file = "" if config == DEFAULT else f" -c {shlex.quote(str(config))}"
    if incident.no_data:
        yield f"monitor status{file} --model {model}", "what stands in the way of its windows"
    else:
        worst = found.seen.members[0]
        metric = worst.labels.get("metric")
        chosen = f" --metric {shlex.quote(metric)}" if metric else ""
        column = worst.labels.get("column")
        chosen += f" --column {shlex.quote(column)}" if column and column.isprintable() else ""
        yield f"monitor measurements{file} --model {model}{chosen}", "how the number went"
    if incident.state == "open":
        yield f"monitor incidents ack{file} {number_} --note TEXT", "take it on: repeats and escalation stop for 24h"
    if incident.open:
        matcher = shlex.quote(f"model={incident.model}")
        yield f"monitor silences add{file} --match {matcher} --for 2h --reason TEXT", "hear nothing of this model"
        yield f"monitor incidents resolve{file} {number_} --note TEXT", "close it; the next breach opens it again"


def _fact(name: str, text: str) -> Iterator[str]:
    return _folded(name, visible(text), INDENT + "  ")


def _folded(name: str, text: str, indent: str) -> Iterator[str]:
    first, *more = textwrap.wrap(text, NARROW - len(indent)) or [""]
    yield f"{name.ljust(len(indent))}{first}"
    yield from (f"{indent}{line}" for line in more)
