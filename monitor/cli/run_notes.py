"""What ``monitor runs`` says of an entry beyond its numbers, and what lifts those that were given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from monitor.cli.visible import visible
from monitor.cli.wording import minute

if TYPE_CHECKING:
    from monitor.service.windows.ledger import Entry

CAUSES = {
    "late_rows": "rows came late",
    "corrected": "ground truth was corrected",
    "coverage": "more ground truth",
    "closed": "ground truth is closed",
    "restated": "restated",
    "catchup": "left out by `catchup:`",
}
REMEDIES = {
    "failed": "failed: given up after four attempts; `monitor retry` makes it due again, an answering source too",
    "quarantined": "quarantined: what computed it died three times; mend the cause, then `monitor retry`",
    "skipped": "skipped: left out by `catchup:`; `monitor retry --all` has it computed",
}
MOST_FAULTS = 5


def note(entry: Entry) -> str:
    """Return what is to be known of one entry: who has it, when it is tried again, what went wrong."""
    run, parts = entry.run, [entry.error_state] if entry.error else []
    if run is not None:
        cause = run.outcome.cause
        parts += [CAUSES.get(cause, cause)] if cause else []
        if run.status == "leased":
            parts.append(f"with {run.owner} until {minute(run.lease_until)}")
        if run.status == "due" and run.next_attempt_at is not None:
            parts.append(f"next try {minute(run.next_attempt_at)}")
        parts += ["provisional"] if run.outcome.provisional else []
        parts += ["in reference"] if run.outcome.in_reference else []
    return ", ".join(filter(None, parts))


def faults(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield each fault that the entries name, in full, the newest first; of very many the first few."""
    said = dict.fromkeys((visible(entry.error_state or ""), entry.error) for entry in entries if entry.error)
    for state, error in list(said)[:MOST_FAULTS]:
        text, _, cure = error.partition("\n")
        yield f"{state}: {visible(text)}"
        if cure:
            yield f"  {visible(cure.strip())}"
    if len(said) > MOST_FAULTS:
        yield f"and {len(said) - MOST_FAULTS} other faults; --json has all"


def remedies(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield, for each kind of entry that nobody will compute by itself, why and what has it computed."""
    there = {entry.status for entry in entries if entry.window is not None}
    yield from (words for status, words in REMEDIES.items() if status in there)
