"""The policy: when training a model anew is recommended, and what speaks against doing it now.

A fall of performance that stays: of the last three windows whose ground truth is there, two lie beyond what chance and
the rule's limit allow. While the data are broken nobody should learn from them; that, too, is an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerts.kind import is_no_data, kind_of
from monitor.alerts.member import Member
from monitor.alerts.recommendation import Block, Event, Grounds, Moved, Reason, Recommendation
from monitor.alerts.retraining import end
from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.rules.rule import metric_named

NEEDED, OF = 2, 3
LEAST_LABELLED = 200
"""Rows with ground truth since the fall began, below which there is too little to learn from."""

_WHOLE = frozenset({"metric"})


@dataclass(frozen=True, slots=True)
class Fall:
    """A measure of performance that fires: what its rule said of the last windows that it could judge."""

    member: Member
    looks: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a model at a moment.

    ``falling`` are the measures of performance that fire now. ``since`` is from when on windows are the present
    model's, beside the present reference. Until ``quiet_until`` nobody wants to hear of it. ``closed_by`` is who has
    resolved an incident with a fall by hand, None while one is open or when it went by itself.
    """

    model: str
    falling: tuple[Member, ...] = ()
    blocks: tuple[Block, ...] = ()
    since: datetime | None = None
    quiet_until: datetime | None = None
    closed_by: str | None = None


def is_fall(member: Member) -> bool:
    """Tell whether a member is about the whole model's performance as ground truth shows it, and fires.

    Groups, segments and versions are not the whole model; estimates are not ground truth; a base rate is neither good
    nor bad.
    """
    name = str(member.labels.get("metric") or "")
    metric = metric_named(name)
    if metric is None or name.startswith("estimated_") or not _WHOLE.issuperset(member.labels):
        return False
    return member.firing and metric.kind in ("performance", "ranking") and metric.worse != "neither"


def faults(members: Iterable[Member]) -> tuple[Block, ...]:
    """Return what is wrong with a model's data, from the members of its open incidents."""
    missing: dict[str, None] = {}
    broken: dict[str, None] = {}
    for member in members:
        kind = kind_of(member.labels)
        if not member.held:
            continue
        if kind == "quality":
            broken[_named(member)] = None
        elif is_no_data(member.labels):
            missing[kind] = None
    found = [Block("no_data", f"do not retrain, data are missing: {', '.join(missing)}")] if missing else []
    found += [Block("data_quality", f"do not retrain, the data are broken: {', '.join(broken)}")] if broken else []
    return tuple(found)


def may_stay(member: Member, since: datetime | None = None) -> bool:
    """Tell whether a fall may stay, as far as can be told without what its rule said of each window."""
    if member.phase != "firing" or member.started == member.last_breach:
        return False
    return since is None or member.last_breach.start >= since


def grounds_of(falls: Sequence[Fall], since: datetime | None = None) -> Grounds | None:
    """Return what a recommendation would rest on, rows not counted yet; None when no fall stays."""
    firing = (fall for fall in falls if fall.member.phase == "firing")
    staying = [(fall, looks) for fall in firing if (looks := _last(fall, since)) and len(_bad(looks)) >= NEEDED]
    if not staying:
        return None
    windows = sorted({look.window for _, looks in staying for look in _bad(looks)}, key=_place)
    began = min(min(fall.member.started.start, windows[0].start) for fall, _ in staying)
    training = Window(
        max(began, since) if since else began, max(look.window.end for _, looks in staying for look in looks)
    )
    sure = any(len(_bad(looks)) == OF for _, looks in staying)
    reasons = tuple(_reason(fall, looks) for fall, looks in staying)
    return Grounds(reasons, tuple(windows), training, confidence="high" if sure else "medium")


def too_few(grounds: Grounds) -> tuple[Block, ...]:
    """Return the block of a recommendation that has too little to learn from, if it has."""
    if grounds.labelled >= LEAST_LABELLED:
        return ()
    said = f"{grounds.labelled} rows since the fall began have their ground truth; {LEAST_LABELLED} are needed"
    return (Block("too_few_labels", said),)


def fresh(number: str, case: Case, grounds: Grounds, at: datetime) -> Moved | None:
    """Return a new recommendation; None when nobody wants to hear of it yet."""
    if case.quiet_until is not None and at < case.quiet_until:
        return None
    blocks = (*case.blocks, *too_few(grounds))
    opened = Recommendation(number, case.model, "open", 1, at, grounds, blocks)
    return Moved(opened, (Event(at, "opened", note=_said(blocks)),))


def reviewed(known: Recommendation, case: Case, grounds: Grounds | None, at: datetime) -> Moved:
    """Return a recommendation that is not over after another look at the model.

    It ends when performance is back, or the model or its reference was replaced, unless somebody is at it.
    """
    if case.since is not None and case.since > known.opened_at and known.status == "open":
        return end(known, "superseded", at, "the model or its reference has been replaced")
    if not case.falling and known.status == "open":
        told = "no fall of performance is open any more"
        return end(known, "expired", at, f"{told}: resolved by {case.closed_by}" if case.closed_by else told)
    now = replace(known, grounds=grounds or known.grounds)
    blocks = (*case.blocks, *too_few(now.grounds))
    gone = {block.code for block in known.blocks} - {block.code for block in blocks}
    waived = tuple(code for code in known.waived if code not in gone)
    now = replace(now, blocks=blocks, waived=waived)
    before, after = ({b.code for b in one.blocked_by} for one in (known, now))
    if before == after:
        return Moved(now)
    kind = Event(at, "blocked", note=_said(now.blocked_by)) if after else Event(at, "due")
    return Moved(replace(now, version=now.version + 1), (kind,))


def _last(fall: Fall, since: datetime | None) -> list[Verdict]:
    """Return the last windows that were judged once their ground truth was there."""
    usable = [look for look in fall.looks if look.state != "none" and look.mature_at is not None]
    return [look for look in usable if since is None or look.window.start >= since][-OF:]


def _bad(looks: Iterable[Verdict]) -> list[Verdict]:
    return [look for look in looks if look.state == "breach"]


def _reason(fall: Fall, looks: Sequence[Verdict]) -> Reason:
    bad = _bad(looks)
    shown = bad[-1].evidence or Evidence(str(fall.member.labels.get("metric")))
    return Reason(
        fall.member.rule,
        shown.metric,
        fall.member.severity,
        shown.value,
        shown.limit,
        shown.n,
        len(bad),
        len(looks),
        shown.note,
    )


def _named(member: Member) -> str:
    metric, column = member.labels.get("metric"), member.labels.get("column")
    return f"{metric} of {column}" if column else str(metric or member.rule)


def _place(window: Window) -> tuple[datetime, datetime]:
    return window.end, window.start


def _said(blocks: Iterable[Block]) -> str | None:
    return "; ".join(block.detail for block in blocks) or None
