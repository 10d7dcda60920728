"""What ``monitor status`` says below its table: what stands in a model's way, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from monitor.cli.visible import visible
from monitor.cli.wording import instant, length, minute, plural, window

if TYPE_CHECKING:
    from monitor.domain.delay_curve import DelayCurve
    from monitor.service.status.model import Fault, Status

CHORES = {"prepare": "looking at its log", "sweep": "looking for late rows", "retain": "removing what is too old"}


def notes(one: Status) -> Iterator[str]:
    """Yield the lines about one model, none when all is well; lines that go on with a note are indented."""
    name = visible(one.model)
    for note in (*_source(one), *_windows(one), *_key(one), *_truth(one)):
        first, *more = note.split("\n")
        yield f"{name}: {first}"
        yield from (f"  {line}" for line in more)


def _source(one: Status) -> Iterator[str]:
    if one.learning_until is not None:
        yield f"learning until {instant(one.learning_until)} UTC; its first 14 days become the reference"
    if one.state == "failing":
        since = one.source_since or one.source_checked_at
        seen = f" since {minute(since)} UTC" if since else ""
        tried = f"\nnext try at {minute(one.source_retry_at)} UTC" if one.source_retry_at else ""
        yield f"{visible(one.source_state or '')}{seen}: {_said(one.source_error)}{tried}"
    elif one.source_state == "clock_skew":
        yield _said(one.source_error)


def _windows(one: Status) -> Iterator[str]:
    if one.state == "new" and not one.waiting:
        yield "no window yet; `monitor run` evaluates what is due"
    due, leased = one.waiting.get("due", 0), one.waiting.get("leased", 0)
    if due:
        next_try = f", next try at {minute(one.next_attempt_at)} UTC" if one.next_attempt_at else ""
        oldest = f", the oldest ended {minute(one.oldest_due)} UTC" if one.oldest_due and due + leased > 1 else ""
        yield f"{plural(due, 'window')} due{oldest}{next_try}"
    if leased:
        yield f"{plural(leased, 'window')} being computed"
    if again := one.revisions.get("due", 0) + one.revisions.get("leased", 0):
        yield f"{plural(again, 'window')} to be measured again"
    for fault in one.faults:
        yield _fault(one, fault)
    if skipped := one.count("skipped"):
        yield f"{plural(skipped, 'window')} skipped by `catchup:`; `monitor retry --all` has them computed"


def _fault(one: Status, fault: Fault) -> str:
    said = f"{visible(fault.state or '')}: {_said(fault.error)}"
    if fault.window is None:
        return f"{CHORES.get(fault.what, fault.what)} fails: {said}"
    number = one.count(fault.what)
    at = window(fault.window.start, fault.window.end, one.zone)
    which = f" ({at})" if number == 1 else f", the newest {at}"
    kind = "in quarantine" if fault.what == "quarantined" else "failed"
    them = "it" if number == 1 else "them"
    return f"{plural(number, 'window')} {kind}{which}: {said}\n`monitor retry` has {them} tried again"


def _key(one: Status) -> Iterator[str]:
    if one.key is None and one.key_reason is not None:
        why = f"{visible(one.key_metric or '')} has no value: {visible(one.key_reason)}"
        yield f"{why}\n`monitor validate` tells whether the file fits the log"


def _truth(one: Status) -> Iterator[str]:
    if one.provisional:
        yield f"{one.provisional} of {one.windows} windows are provisional: their ground truth still comes"
    if one.label_delay is not None and (one.provisional or one.label_delay.final < 0.95):
        yield _delay(one.label_delay)
    if one.late_rows:
        yield f"{plural(one.late_rows, 'row')} came or changed after their window had closed; they are left out"


def _delay(curve: DelayCurve) -> str:
    if not curve.final:
        return "no row has got its ground truth so far"
    half, most = curve.within(0.5), curve.within(0.95)
    ever = f"{100 * curve.final:.0f} % of rows ever get it"
    if half is None:
        if not curve.ages:
            return f"how soon ground truth comes is not known yet; {ever}"
        return f"more than half of the ground truth comes later than {length(curve.ages[-1])}; {ever}"
    late = f", 95 % within {length(most)}" if most else ""
    return f"half of the ground truth comes within {length(half)}{late}; {ever}"


def _said(error: str | None) -> str:
    """Return a fault as one line, its cure on the next."""
    said, _, cure = (error or "").partition("\n")
    return f"{visible(said)}\n{visible(cure.strip())}" if cure else visible(said)
