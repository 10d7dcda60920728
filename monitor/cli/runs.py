"""``monitor runs``: the ledger of windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, From, Json, Models, To

if TYPE_CHECKING:
    from monitor.service.ledger import Entry

Failed = Annotated[bool, typer.Option("--failed", help="Only what failed.")]
Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Newest windows of each model; 20 in a table, all with --json.")
]
TITLES = ("model", "window", "rev", "status", "rows", "labelled", "cause", "finished (UTC)", "note")
SHOWN = 20


def runs(
    *,
    config: ConfigFile = DEFAULT,
    model: Models = None,
    start: From = None,
    end: To = None,
    failed: Failed = False,
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Print which windows were evaluated, when, from how many rows, and what failed; newest first."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.ledger import ledger  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    chosen = asked.models(loaded, model)
    most = limit if limit is not None or json else SHOWN
    with opened(loaded) as store:
        found = ledger(store, chosen, start=start, end=end, failed=failed, limit=most)
        if json:
            print_json(entry.record() for entry in found)
        else:
            _print(found)


def _print(found: Iterable[Entry]) -> None:
    from monitor.cli.table import table  # noqa: PLC0415

    rows = [_cells(entry) for entry in found]
    if not rows:
        print("No run that fits.")
        return
    for line in table(TITLES, rows, right=("rev", "rows", "labelled"), cuttable=("model", "note")):
        print(line)


def _cells(entry: Entry) -> list[str]:
    from monitor.cli import wording  # noqa: PLC0415

    outcome = entry.run.outcome if entry.run else None
    notes = [entry.error_state, entry.error] if entry.error else []
    if outcome is not None:
        notes += ["provisional"] if outcome.provisional else []
        notes += ["in reference"] if outcome.in_reference else []
    finished = entry.at.replace(microsecond=0) if entry.at else None
    return [
        entry.model,
        wording.window(entry.window.start, entry.window.end, entry.zone) if entry.window else wording.NOTHING,
        wording.NOTHING if entry.run is None else str(entry.run.revision),
        entry.status,
        wording.count(outcome.rows if outcome else None),
        wording.count(outcome.labelled if outcome else None),
        (outcome.cause if outcome else None) or wording.NOTHING,
        wording.instant(finished),
        ", ".join(filter(None, notes)),
    ]
