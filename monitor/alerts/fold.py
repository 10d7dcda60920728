"""The fold: the state of an instance is a function of its verdicts, in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from monitor.alerts.fingerprint import fingerprint
from monitor.alerts.gravity import rank
from monitor.alerts.instance import Instance, Resolved
from monitor.alerts.step import Stepped, close, step
from monitor.alerts.transition import Transition
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window

_STATES = ("none", "ok", "mid", "breach")
Place = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class End:
    """That a rule or a model went: closes the instance after the windows that end by ``after``."""

    after: datetime
    reason: Resolved


@dataclass(frozen=True, slots=True)
class Folded:
    """An instance and all that happened to it on the way, oldest first."""

    instance: Instance
    transitions: tuple[Transition, ...] = ()


def blank(verdict: Verdict) -> Instance:
    """Return the instance that a verdict speaks of, before its first window."""
    return Instance(verdict.model, verdict.rule, dict(verdict.labels))


def fold(start: Instance, verdicts: Iterable[Verdict], ends: Iterable[End] = ()) -> Folded:
    """Return what an instance is after all of its verdicts.

    Windows are taken by their end, then their start; of each window and scale the latest revision counts. So the
    order in which verdicts came, doubles and superseded revisions make no difference.

    Parameters
    ----------
    start : Instance
        ``blank``, or what was saved: then only later windows than its last may follow.
    verdicts : iterable of Verdict
        All of one instance.
    ends : iterable of End
        When its rule or model went.
    """
    instance, told = start, list[Transition]()
    pending = sorted(ends, key=lambda end: (end.after, end.reason))
    for window, looks in in_order(verdicts):
        while pending and pending[0].after < window.end:
            instance, new = close(instance, pending.pop(0).reason)
            told += new
        instance, new = step(instance, window, looks)
        told += new
    for end in pending:
        instance, new = close(instance, end.reason)
        told += new
    return Folded(instance, tuple(told))


def advance(instance: Instance, verdicts: Iterable[Verdict]) -> Folded | None:
    """Return what an instance is after new verdicts, as the whole fold would; None when only that can tell.

    Windows after the last are taken, and older ones that have said nothing so far, with none after them that has: so
    performance whose ground truth comes late need not be folded anew. For anything else fold all verdicts again.
    ``transitions`` are the new ones.
    """
    told: list[Transition] = []
    for window, looks in in_order(verdicts):
        if _after(window, instance.last):
            instance, new = step(instance, window, looks)
        else:
            stepped = _late(instance, window, looks)
            if stepped is None:
                return None
            instance, new = stepped
        told += new
    return Folded(instance, tuple(told))


def _late(instance: Instance, window: Window, looks: Sequence[Verdict]) -> Stepped | None:
    """Return the instance after a revision of a window that had said nothing, None when it is not sure to be that."""
    superseding = min(verdict.revision for verdict in looks) > instance.bound
    if not _after(window, instance.settled) or not superseding:
        return None
    after, told = step(instance, window, looks)
    if window != instance.last:
        kept = max(instance.bound, after.bound)
        return replace(after, last=instance.last, unusable=instance.unusable, bound=kept), told
    return None if after.unusable else (after, told)


def _after(window: Window, other: Window | None) -> bool:
    return other is None or _place(window) > _place(other)


def fold_each(verdicts: Iterable[Verdict]) -> Mapping[str, Folded]:
    """Return, by fingerprint, the instances that verdicts of any rules and models speak of."""
    return {name: fold(blank(found[0]), found) for name, found in by_instance(verdicts).items()}


def advance_each(known: Mapping[str, Instance], verdicts: Iterable[Verdict]) -> Mapping[str, Folded] | None:
    """Return, by fingerprint, what the instances that new verdicts speak of are after them.

    None when one of the verdicts is of a window that its instance has seen, or that lies before those.
    """
    found = {}
    for name, new in by_instance(verdicts).items():
        folded = advance(known.get(name) or blank(new[0]), new)
        if folded is None:
            return None
        found[name] = folded
    return found


def by_instance(verdicts: Iterable[Verdict]) -> Mapping[str, list[Verdict]]:
    """Return the verdicts of each instance, by its fingerprint."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(fingerprint(verdict.model, verdict.rule, verdict.labels), []).append(verdict)
    return found


def in_order(verdicts: Iterable[Verdict]) -> Iterator[tuple[Window, list[Verdict]]]:
    """Yield windows by their end, each with its latest verdicts, one a scale."""
    latest: dict[tuple[Place, int], Verdict] = {}
    for verdict in verdicts:
        key = (_place(verdict.window), verdict.scale)
        if key not in latest or _precedence(verdict) > _precedence(latest[key]):
            latest[key] = verdict
    ordered = sorted(latest.items(), key=lambda item: item[0])
    for _, found in groupby(ordered, key=lambda item: item[0][0]):
        looks = [verdict for _, verdict in found]
        yield looks[0].window, looks


def _place(window: Window) -> Place:
    return window.end, window.start


def _precedence(verdict: Verdict) -> tuple[object, ...]:
    """Return what decides which of two verdicts on the same window counts.

    That is the revision. The rest only keeps two that contradict each other from being decided by who came first.
    """
    return (
        verdict.revision,
        _STATES.index(verdict.state),
        rank(verdict.severity),
        repr((verdict.reason, verdict.needed, verdict.of, verdict.clear_for, verdict.mature_at, verdict.evidence)),
    )
