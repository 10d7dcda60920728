"""``monitor runs``: the ledger of windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, AsOf, ConfigFile, From, Json, Models, To

if TYPE_CHECKING:
    from monitor.service.windows.ledger import Entry

Failed = Annotated[bool, typer.Option("--failed", help="Only what was given up: failed or quarantined.")]
Status = Annotated[
    list[str] | None,
    typer.Option(
        "--status",
        metavar="WORD",
        help="Only these: due, leased, done, failed, skipped, quarantined; may be given several times.",
    ),
]
Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Newest windows of each model; 20 in a table, all with --json.")
]
TITLES = ("model", "window", "rev", "status", "rows", "labelled", "finished (UTC)", "note")
SHOWN = 20


def runs(
    *,
    config: ConfigFile = DEFAULT,
    model: Models = None,
    start: From = None,
    end: To = None,
    status: Status = None,
    failed: Failed = False,
    limit: Limit = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Print which windows were evaluated, when, from how many rows, and what failed; newest first."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.windows.ledger import ledger  # noqa: PLC0415

    loaded = load(config)
    chosen = asked.models(loaded, model)
    most = limit if limit is not None or json else SHOWN
    then, wanted = asked.instant(as_of, "--as-of"), _wanted(status, failed=failed)
    with opened(loaded) as store:
        found = ledger(store, chosen, start=start, end=end, statuses=wanted, limit=most, as_of=then)
        if json:
            print_json(entry.record() for entry in found)
        else:
            _print(found)


def _wanted(status: list[str] | None, *, failed: bool) -> list[str]:
    from monitor.config.near import cure  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service.windows.ledger import STATUSES  # noqa: PLC0415

    for word in status or ():
        if word not in STATUSES:
            raise UsageError(f"--status: {word!r} is no status", cure(word, STATUSES, f"one of {', '.join(STATUSES)}"))
    return [*(status or ()), *(("failed", "quarantined") if failed else ())]


def _print(found: Iterable[Entry]) -> None:
    from monitor.cli.run_notes import faults, note, remedies  # noqa: PLC0415
    from monitor.cli.table import table  # noqa: PLC0415

    entries = list(found)
    if not entries:
        print("No run that fits.")
        return
    rows = [[*_cells(entry), note(entry)] for entry in entries]
    for line in table(TITLES, rows, right=("rev", "rows", "labelled"), cuttable=("model", "note")):
        print(line)
    below = [*faults(entries), *remedies(entries)]
    for line in ["", *below] if below else []:
        print(line)


def _cells(entry: Entry) -> list[str]:
    from monitor.cli import wording  # noqa: PLC0415

    outcome = entry.run.outcome if entry.run else None
    return [
        entry.model,
        wording.window(entry.window.start, entry.window.end, entry.zone) if entry.window else wording.NOTHING,
        wording.NOTHING if entry.run is None else str(entry.run.revision),
        entry.status,
        wording.count(outcome.rows if outcome else None),
        wording.count(outcome.labelled if outcome else None),
        wording.minute(entry.at),
    ]
