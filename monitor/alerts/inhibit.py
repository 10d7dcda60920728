"""Inhibition: what is not told because something else explains it."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.alerts.kind import kind_of
from monitor.alerts.member import Member
from monitor.domain.window import Window

_JUDGED_BY_LABELS = ("performance", "ranking", "fairness")
_PERFORMANCE = ("performance", "ranking")


def inhibited(member: Member, no_data: Iterable[Member]) -> bool:
    """Tell whether a member fired in windows in which the model's data themselves are at fault.

    That mutes drift and performance; ground truth that is overdue mutes performance alone. A member that was confirmed
    before the fault began, or has breached after its last window, is told.

    Parameters
    ----------
    no_data : iterable of Member
        Those of the model's no-data incident.
    """
    kind = kind_of(member.labels)
    if kind != "drift" and kind not in _JUDGED_BY_LABELS:
        return False
    return any(
        _same_windows(member, fault)
        for fault in no_data
        if fault.held and (kind != "drift" or kind_of(fault.labels) != "labels_overdue")
    )


def _same_windows(member: Member, fault: Member) -> bool:
    span = Window(fault.started.start, max(fault.last_breach.end, fault.started.start))
    return span.overlaps(member.fired) and member.last_breach.end <= span.end


def folded(members: Iterable[Member]) -> frozenset[str]:
    """Return the fingerprints of members that come and go without a notice of their own.

    While performance is critical, drift that only warns stands in its notice.
    """
    known = [(member, kind_of(member.labels)) for member in members if member.held]
    if not any(kind in _PERFORMANCE and member.severity == "critical" for member, kind in known):
        return frozenset()
    return frozenset(member.fingerprint for member, kind in known if kind == "drift" and member.severity != "critical")
