"""The send decision: whether one receiver is told of one incident now, and what for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerts.gravity import gravest, lighter, rank
from monitor.alerts.hearing import Hearing
from monitor.alerts.incident import Incident
from monitor.alerts.kind import kind_of
from monitor.alerts.ledger import Ledger, NoticeKind
from monitor.alerts.member import Member
from monitor.alerts.news import Case, news
from monitor.alerts.send_policy import SendPolicy


@dataclass(frozen=True, slots=True)
class Moment:
    """The present of a run; ``final`` is False for all but the last window that is caught up, ``late`` while it is."""

    now: datetime
    final: bool = True
    late: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """At most one notice, and the ledger as it is then.

    ``kind`` None is no notice. ``withheld`` says why something that fired was and will not be told, once: ``too_old``,
    or ``over`` before anybody heard of it; it belongs into the digest. Save the ledger in either case.
    """

    kind: NoticeKind | None
    ledger: Ledger
    reason: str | None = None
    late: bool = False
    withheld: str | None = None


def decide(
    incident: Incident,
    hearing: Hearing,
    receiver: str,
    ledger: Ledger,
    moment: Moment,
    policy: SendPolicy,
    *,
    send_resolved: bool = True,
) -> Decision:
    """Return what a receiver is told of an incident in this run: one thing or nothing.

    A resolve is told if and only if the receiver was told of the incident, silenced or not; in a mute time it waits,
    as everything does. Everything else needs a member that may be heard. What the receiver was told decides what is
    news, so nothing is lost by not being told at once.

    Parameters
    ----------
    ledger : Ledger
        What it was told before; an empty one if nothing.
    send_resolved : bool
        Whether it wants to hear of resolves; if not, the ledger knows of them all the same.
    """
    if not moment.final:
        return Decision(None, ledger)
    routed = receiver in hearing.receivers
    case = Case(incident, hearing, ledger, moment.now, policy, routed, hearing.escalated.get(receiver, 0))
    if not incident.open:
        return _close(case, moment, send_resolved)
    if hearing.muted:
        return Decision(None, ledger)
    case = replace(case, ledger=_synced(case))
    kind, reason = news(case) if ledger.told == "open" else _untold(case)
    if kind is None:
        return _nothing(case)
    return Decision(kind, _entered(case, kind), _reason(incident, reason), moment.late)


def _close(case: Case, moment: Moment, send_resolved: bool) -> Decision:
    ledger, incident = case.ledger, case.incident
    if ledger.told != "open":
        missed = case.routed and ledger.episode <= incident.reopen_count
        listed = replace(ledger, episode=incident.reopen_count + 1) if missed else ledger
        return Decision(None, listed, withheld="over" if missed else None)
    if case.hearing.muted:
        return Decision(None, ledger)
    closed = replace(
        ledger,
        told="resolved",
        severity=None,
        members=frozenset(),
        flapping=frozenset(),
        hushed=False,
        told_at=case.now,
        seq=ledger.seq + send_resolved,
    )
    return Decision("resolved" if send_resolved else None, closed, _reason(incident, incident.reason), moment.late)


def _synced(case: Case) -> Ledger:
    """Return the ledger with what needs no notice: a fallen severity, a new acknowledgement, a silence's beginning."""
    ledger, incident = case.ledger, case.incident
    if ledger.told == "open" and ledger.severity is not None:
        ledger = replace(ledger, severity=lighter(ledger.severity, incident.severity))
    if incident.state == "acknowledged":
        ledger = replace(ledger, ack_expirations=incident.ack_expirations)
        if case.hearing.audible:
            ledger = replace(ledger, hushed=False)
    if case.hearing.silenced and not case.hearing.audible:
        ledger = replace(ledger, hushed=True)
    return ledger


def _untold(case: Case) -> tuple[NoticeKind | None, str | None]:
    firing = [member for member in case.fresh if member.firing]
    if not firing or not (case.routed or case.step):
        return None, None
    if not case.routed:
        return "escalated", case.incident.reason
    if case.ledger.told == "nothing":
        return "opened", case.incident.reason
    return ("flapping" if any(member.flapping for member in firing) else "reopened"), case.incident.reason


def _entered(case: Case, kind: NoticeKind) -> Ledger:
    """Return the ledger after a notice, which tells all that is audible."""
    audible, incident = case.hearing.audible, case.incident
    return replace(
        case.ledger,
        told="open",
        seq=case.ledger.seq + 1,
        severity=gravest(member.severity for member in audible),
        members=frozenset(member.fingerprint for member in audible) | _unheard(case),
        flapping=frozenset(member.fingerprint for member in audible if member.flapping),
        told_at=case.now,
        paged_at=case.ledger.paged_at if kind == "updated" else case.now,
        ack_expirations=incident.ack_expirations,
        escalated_since=incident.unacked_since,
        step=case.step,
        hushed=False,
        episode=incident.reopen_count + 1,
    )


def _unheard(case: Case) -> frozenset[str]:
    """Return members told before that are hidden now but still there: hiding is no leaving."""
    hidden = {member.fingerprint for member in (*case.hearing.silenced, *case.hearing.inhibited)}
    return case.ledger.members & hidden


def _nothing(case: Case) -> Decision:
    """Return no notice; what is only too old is listed once."""
    ledger, episode = case.ledger, case.incident.reopen_count + 1
    stale = ledger.told != "open" and case.routed and case.hearing.audible and not case.fresh
    if stale and ledger.episode < episode:
        return Decision(None, replace(ledger, episode=episode), withheld="too_old")
    return Decision(None, ledger)


def _reason(incident: Incident, reason: str | None) -> str | None:
    """Return why, which for missing data is what kind of missing."""
    if not incident.no_data:
        return reason
    first = next(_by_gravity(incident), None)
    return reason if first is None else kind_of(first.labels)


def _by_gravity(incident: Incident) -> Iterator[Member]:
    return iter(sorted(incident.held or incident.members, key=lambda member: rank(member.severity), reverse=True))
