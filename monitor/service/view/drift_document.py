"""The drift document: what a machine is told that asks whether a model drifts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.domain.window import Window
from monitor.service.record import instant, instant_or_none
from monitor.service.view.standing import Found, Key, Standing, Tested
from monitor.service.windows.catch_up import PUNCTUAL


def drift_document(one: Standing, now: datetime) -> dict[str, Any]:
    """Return the document of a model's standing at an instant."""
    advice = one.recommendation
    return {
        "model": one.model,
        "as_of": instant(now.replace(microsecond=0)),
        "window": None if one.window is None else _window(one.window) | {"revision": one.revision},
        "freshness": {
            "state": one.freshness,
            "reason": _reason(one),
            "next_expected_at": instant_or_none(one.expected_at),
        },
        "verdict": one.verdict,
        "severity": one.severity,
        "since": instant_or_none(one.since),
        "performance": _key(one.performance),
        "estimated_performance": _key(one.estimated),
        "features": _tested(one.features),
        "fairness": _tested(one.fairness),
        "data_quality": {"state": one.quality, "problems": list(one.problems), "incident": one.data_incident},
        "incident": one.incident,
        "recommendation": None if advice is None else {"id": advice.id, "status": advice.status},
    }


def holds_until(one: Standing, now: datetime) -> datetime | None:
    """Return when the clock alone will make the document another one."""
    if one.expected_at is None:
        return None
    return next((at for at in (one.expected_at, one.expected_at + PUNCTUAL) if at > now), None)


def _reason(one: Standing) -> str | None:
    return None if one.state == "ok" else one.state


def _window(window: Window) -> dict[str, Any]:
    return {"start": instant(window.start), "end": instant(window.end)}


def _key(key: Key | None) -> dict[str, Any] | None:
    if key is None:
        return None
    found, baseline = key.measurement, key.baseline
    return {
        "metric": found.metric,
        "value": found.value,
        "ci": None if found.low is None or found.high is None else [found.low, found.high],
        "baseline": None if baseline is None else baseline.value,
        "n": found.n,
        "label_coverage": key.coverage,
        "final": key.final,
        "window": _window(Window(found.window_start, found.window_end)),
    }


def _tested(found: Tested) -> dict[str, Any]:
    return {"tested": found.tested, "drifted": found.beyond, "top": [_found(one) for one in found.top]}


def _found(one: Found) -> dict[str, Any]:
    return {
        "name": one.name,
        "method": one.metric,
        "value": one.value,
        "limit": one.limit,
        "p_value": one.p_value,
        "severity": one.severity,
        "group": dict(one.group) or None,
    }
