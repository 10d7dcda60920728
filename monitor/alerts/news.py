"""What is news to a receiver that was told of an incident before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts.gravity import gravest, rank
from monitor.alerts.hearing import Hearing
from monitor.alerts.incident import Incident
from monitor.alerts.inhibit import folded
from monitor.alerts.ledger import Ledger, NoticeKind
from monitor.alerts.member import Member
from monitor.alerts.send_policy import SendPolicy


@dataclass(frozen=True, slots=True)
class Case:
    """An incident, what of it may be heard, and what one receiver was told, at one instant.

    ``routed`` says whether the routes lead to the receiver, ``step`` the last step of escalation that does, or 0.
    """

    incident: Incident
    hearing: Hearing
    ledger: Ledger
    now: datetime
    policy: SendPolicy
    routed: bool
    step: int

    @property
    def fresh(self) -> tuple[Member, ...]:
        """The audible members that are not too old to page."""
        return tuple(m for m in self.hearing.audible if self.now - m.judged_at <= self.policy.max_age)

    @property
    def unacknowledged(self) -> bool:
        """Whether repeats and escalation go on, for this receiver."""
        return self.incident.state == "open" and (self.routed or self.step > 0)


def news(case: Case) -> tuple[NoticeKind | None, str | None]:
    """Return the first news there is and why, the gravest kind first; None when there is none."""
    if not case.hearing.audible:
        return None, None
    return next(((kind, reason) for kind, is_news, reason in _NEWS if is_news(case)), (None, None))


def _graver(case: Case) -> bool:
    firing = gravest(member.severity for member in case.fresh if member.firing)
    return rank(firing) > rank(case.ledger.severity)


def _ack_expired(case: Case) -> bool:
    return case.unacknowledged and case.incident.ack_expirations > case.ledger.ack_expirations


def _escalated(case: Case) -> bool:
    known = case.ledger.step if case.ledger.escalated_since == case.incident.unacked_since else 0
    return case.step > known


def _flapping(case: Case) -> bool:
    return any(member.flapping and member.fingerprint not in case.ledger.flapping for member in case.fresh)


def _settled(case: Case) -> bool:
    known = {member.fingerprint: member for member in case.incident.members}
    return any(name in known and known[name].firing and not known[name].flapping for name in case.ledger.flapping)


def _updated(case: Case) -> bool:
    ledger = case.ledger
    if ledger.told_at is not None and case.now - ledger.told_at < case.policy.update_interval:
        return False
    loud = {m.fingerprint for m in case.fresh} - folded(case.hearing.audible)
    return not (loud <= ledger.members <= {member.fingerprint for member in case.incident.held})


def _silence_ended(case: Case) -> bool:
    return case.unacknowledged and case.ledger.hushed


def _repeated(case: Case) -> bool:
    paged_at = case.ledger.paged_at
    due = paged_at is None or case.now - paged_at >= case.policy.repeat(case.incident.severity)
    return case.unacknowledged and due


_NEWS: tuple[tuple[NoticeKind, Callable[[Case], bool], str | None], ...] = (
    ("severity_up", _graver, None),
    ("ack_expired", _ack_expired, None),
    ("escalated", _escalated, None),
    ("flapping", _flapping, None),
    ("updated", _settled, "settled"),
    ("updated", _updated, None),
    ("repeated", _silence_ended, "silence_ended"),
    ("repeated", _repeated, None),
)
