"""One window more: how an instance goes on when the verdicts of its next window are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.alerts.flapping import turned, weighed
from monitor.alerts.gravity import gravest, lighter, rank
from monitor.alerts.instance import Instance, Look, Phase, Resolved
from monitor.alerts.transition import Happened, Transition
from monitor.domain.verdict import Severity, Verdict
from monitor.domain.window import Window

Stepped = tuple[Instance, tuple[Transition, ...]]


def step(instance: Instance, window: Window, verdicts: Sequence[Verdict]) -> Stepped:
    """Return the instance after one window, and what happened to it there.

    Sums that reach back before the last resolve say nothing. A window whose verdicts are all ``none`` freezes it: only
    ``last``, ``unusable`` and ``bound`` change.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Those of that window and instance, one a scale, at least one.
    """
    usable = {v.scale: v for v in verdicts if v.state != "none" and not _reaches_back(instance, v)}
    if not usable:
        reasons = sorted(verdict.reason or "none" for verdict in verdicts)
        bound = max(instance.bound, *(verdict.revision for verdict in verdicts))
        return replace(instance, last=window, unusable=reasons[0], bound=bound), ()
    before = instance
    instance = replace(
        instance,
        last=window,
        unusable=None,
        settled=window,
        bound=0,
        ordinal=before.ordinal + 1,
        recent=_remembered(before, usable),
    )
    reached = _reached(instance, usable)
    instance = _go_on(instance, usable, reached) if before.active else _wait(instance, usable, reached)
    if before.active != instance.active:
        instance = turned(instance)
    instance = weighed(instance)
    return instance, happened(before, instance, window)


def _reaches_back(instance: Instance, verdict: Verdict) -> bool:
    """Tell whether a sum holds windows from before the last resolve: a fault that is over is not found again."""
    ended = instance.resolved
    return ended is not None and verdict.since is not None and verdict.since < ended.end


def close(instance: Instance, reason: Resolved) -> Stepped:
    """Return the instance ended from outside, because its rule or model went, at the last window it saw."""
    if instance.last is None:
        return instance, ()
    ended = _resolved(instance, reason) if instance.active else replace(instance, phase="inactive", recent={})
    ended = replace(ended, turns=(), flapping=False, settled=instance.last, bound=0)
    return ended, happened(instance, ended, instance.last)


def happened(before: Instance, after: Instance, window: Window) -> tuple[Transition, ...]:
    """Return what is different after a window from what was before it."""
    kinds: list[Happened] = []
    if after.active and not before.active:
        kinds.append("fired")
    elif before.active and not after.active:
        kinds.append("resolved")
    elif after.active and rank(after.severity) > rank(before.severity):
        kinds.append("severity_up")
    if after.flapping != before.flapping:
        kinds.append("flapping" if after.flapping else "settled")
    return tuple(
        Transition(kind, window, after.severity, after.reason if kind == "resolved" else None) for kind in kinds
    )


def _remembered(instance: Instance, usable: Mapping[int, Verdict]) -> dict[int, tuple[Look, ...]]:
    kept = dict(instance.recent)
    for scale, verdict in usable.items():
        look = Look(verdict.state, verdict.severity, verdict.window)
        kept[scale] = (*kept.get(scale, ()), look)[-verdict.of :]
    return kept


def _reached(instance: Instance, usable: Mapping[int, Verdict]) -> dict[int, tuple[Severity, Window]]:
    """Return, for each scale that breaches M of N now, how grave, and the first window of its breach run.

    A severity needs its M windows as the breach itself does: of breaches with different severities the M-th gravest
    counts, no graver than this window's.
    """
    reached = {}
    for scale, verdict in usable.items():
        breaches = [look for look in instance.recent[scale] if look.state == "breach"]
        if verdict.state == "breach" and len(breaches) >= verdict.needed:
            by_gravity = sorted((look.severity for look in breaches), key=rank, reverse=True)
            reached[scale] = (lighter(by_gravity[verdict.needed - 1], verdict.severity), breaches[0].window)
    return reached


def _wait(
    instance: Instance, usable: Mapping[int, Verdict], reached: Mapping[int, tuple[Severity, Window]]
) -> Instance:
    if not reached:
        breached = any(look.state == "breach" for looks in instance.recent.values() for look in looks)
        phase: Phase = "pending" if breached else "inactive"
        return replace(instance, phase=phase)
    shortest = min(reached)
    fired = replace(
        instance,
        phase="firing",
        scale=shortest,
        severity=gravest(severity for severity, _ in reached.values()),
        started=min((start for _, start in reached.values()), key=lambda window: (window.end, window.start)),
        fired=instance.last,
        resolved=None,
        reason=None,
    )
    return _breached(fired, usable[shortest])


def _go_on(
    instance: Instance, usable: Mapping[int, Verdict], reached: Mapping[int, tuple[Severity, Window]]
) -> Instance:
    scale = min([*reached, *([instance.scale] if instance.scale is not None else [])])
    severities = [severity for severity, _ in reached.values()]
    severity = gravest([*severities, *([instance.severity] if instance.severity else [])])
    instance = replace(instance, scale=scale, severity=severity)
    verdict = usable.get(scale)
    if verdict is None or verdict.state == "mid":
        return instance
    if verdict.state == "breach":
        return _breached(instance, verdict)
    if instance.oks + 1 >= verdict.clear_for:
        return _resolved(instance, "recovered")
    return replace(instance, phase="recovering", oks=instance.oks + 1)


def _breached(instance: Instance, verdict: Verdict) -> Instance:
    return replace(
        instance,
        phase="firing",
        oks=0,
        last_breach=verdict.window,
        evidence=verdict.evidence,
        mature_at=verdict.mature_at,
    )


def _resolved(instance: Instance, reason: Resolved) -> Instance:
    """Return it resolved; windows before a resolve count no more towards the next alarm."""
    return replace(instance, phase="inactive", recent={}, scale=None, oks=0, resolved=instance.last, reason=reason)
