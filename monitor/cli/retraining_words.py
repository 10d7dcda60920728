"""Recommendations to train anew, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from monitor.cli.visible import visible
from monitor.cli.wording import count, minute, number

if TYPE_CHECKING:
    from monitor.alerts.recommendation import Reason, Recommendation
    from monitor.service.training.outlook import Outlook


def state(found: Recommendation) -> str:
    """Return how it stands in a word or two."""
    if found.status == "open":
        return "due" if found.due else f"blocked: {', '.join(block.code for block in found.blocked_by)}"
    if found.status == "claimed" and found.claim is not None:
        return f"claimed by {found.claim.claimant}"
    return found.status


def why(found: Recommendation) -> str:
    """Return what has fallen."""
    return "; ".join(map(_reason, found.grounds.reasons))


def page(found: Recommendation) -> Iterator[str]:
    """Yield one recommendation in full."""
    grounds, held = found.grounds, found.claim
    yield f"{found.id}  {visible(found.model)}: {visible(state(found))}, since {minute(found.opened_at)} UTC"
    yield f"  why       {visible(why(found))}"
    training = f"{minute(grounds.training.start)} to {minute(grounds.training.end)} UTC"
    yield f"  train on  {training}: {count(grounds.rows)} rows, {count(grounds.labelled)} with ground truth"
    for block in found.blocked_by:
        yield f"  blocked   {visible(block.detail)}"
    if held is not None:
        version = f", version {held.model_version}" if held.model_version else ""
        said = f"{held.claimant}, run {held.run_id}, until {minute(held.expires_at)} UTC: {held.state}{version}"
        yield f"  claim     {visible(said)}"
    if found.cooldown_until is not None:
        yield f"  quiet     until {minute(found.cooldown_until)} UTC"


def outlook_lines(found: Iterable[Outlook]) -> Iterator[str]:
    """Yield a line about each model that is to be trained, is being, or was and lacks a reference of its own."""
    for one in found:
        name, live, done = visible(one.model), one.live, one.deployed
        if live is not None:
            yield f"{name}: training anew is recommended ({visible(state(live))}); `monitor retraining list`"
        if done is not None and done.claim is not None:
            what = f"version {done.claim.model_version}" if done.claim.model_version else "a new version"
            at = f"{minute(done.closed_at, one.zone)} {one.zone}"
            yield f"{name}: {visible(what)} was deployed {at}; give it a reference of its own: `monitor promote`"


def _reason(one: Reason) -> str:
    note = f" ({one.note})" if one.note else ""
    return f"{one.metric} {number(one.value)}, limit {number(one.limit)}{note}, {one.breaches} of {one.of} windows"
