"""Recommendations and claims as flat records, the one form in which machines read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from monitor.alerts.recommendation import Block, Claim, Event, Grounds, Reason, Recommendation
from monitor.service.record import instant, instant_or_none


def record(found: Recommendation) -> dict[str, Any]:
    """Return a recommendation as JSON knows it; who has claimed it, but not what proves that he has."""
    held = found.claim
    return {
        "id": found.id,
        "model": found.model,
        "status": found.status,
        "due": found.due,
        "version": found.version,
        "opened_at": instant(found.opened_at),
        "closed_at": instant_or_none(found.closed_at),
        **_grounds(found.grounds),
        "blocked_by": [_block(block) for block in found.blocked_by],
        "attempts": found.attempts,
        "needs_human": found.needs_human,
        "approved_by": found.approved_by,
        "claim": None if held is None else _claim(held),
        "cooldown_until": instant_or_none(found.cooldown_until),
    }


def history(events: Iterable[tuple[int, Event]]) -> list[dict[str, Any]]:
    """Return what has happened to a recommendation, oldest first."""
    return [
        {"version": version, "at": instant(one.at), "kind": one.kind, "actor": one.actor, "note": one.note}
        for version, one in events
    ]


def ticket(found: Recommendation) -> dict[str, Any]:
    """Return what a claimant needs to report on its claim.

    Raises
    ------
    ValueError
        Nobody has claimed it.
    """
    if found.claim is None:
        raise ValueError(f"{found.id} has no claim")
    return {
        "claim_id": found.claim.id,
        "fence": found.claim.fence,
        "expires_at": instant(found.claim.expires_at),
        "state": found.claim.state,
        "recommendation": record(found),
    }


def _grounds(found: Grounds) -> dict[str, Any]:
    return {
        "reasons": [_reason(one) for one in found.reasons],
        "evidence": [{"start": instant(one.start), "end": instant(one.end)} for one in found.windows],
        "training": {
            "start": instant(found.training.start),
            "end": instant(found.training.end),
            "rows": found.rows,
            "labelled": found.labelled,
        },
        "label_coverage": found.coverage,
        "confidence": found.confidence,
    }


def _reason(found: Reason) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "metric": found.metric,
        "severity": found.severity,
        "value": found.value,
        "limit": found.limit,
        "n": found.n,
        "breaches": found.breaches,
        "of": found.of,
        "note": found.note,
    }


def _block(found: Block) -> dict[str, Any]:
    return {"code": found.code, "detail": found.detail, "until": instant_or_none(found.until)}


def _claim(found: Claim) -> dict[str, Any]:
    return {
        "claimant": found.claimant,
        "run_id": found.run_id,
        "state": found.state,
        "claimed_at": instant(found.claimed_at),
        "expires_at": instant(found.expires_at),
        "ended_at": instant_or_none(found.ended_at),
        "model_version": found.model_version,
    }
