"""``monitor demo``: five sample models, monitored over their whole history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import Now

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.service.demo.demo import Demo, Watched
    from monitor.service.demo.findings import Finding

Folder = Annotated[Path, typer.Option(metavar="DIR", help="Where everything is made.")]
NoServe = Annotated[bool, typer.Option("--no-serve", help="Do not serve the results afterwards.")]
HOME = Path(".demo")
TAKES = "All of it takes about a minute, more on a busy machine."


def demo(*, folder: Folder = HOME, no_serve: NoServe = False, now: Now = None) -> None:
    """Move five sample logs to the present, monitor them over their whole history, and print what was found."""
    from monitor.cli.demo_alarms import alarms  # noqa: PLC0415
    from monitor.cli.progress import progress  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.demo.demo import demo as show  # noqa: PLC0415

    print(f"Five sample logs, moved to the present, go to {visible(str(folder))}. {TAKES}", flush=True)
    at = asked.now(now)
    with progress() as tell:
        made = show(folder, at, tell, _print_watched)
    for line in (*_faults(made), *_seasons(made), *alarms(made), *_next(made)):
        print(line)
    if not no_serve:
        _serve(made.folder, at)
    if any(one.error for one in made.watched):
        raise typer.Exit(1)


def _serve(folder: Path, now: datetime) -> None:
    from monitor.cli.serve import serve  # noqa: PLC0415
    from monitor.service.demo.trickle import PACE, Clock  # noqa: PLC0415

    Clock(folder).start(now)
    print(f"\nServing it at http://127.0.0.1:8050/dash/ until Ctrl-C. It goes on there: {PACE}.", flush=True)
    serve(config=folder / "monitor.yaml")


def _print_watched(one: Watched) -> None:
    import sys  # noqa: PLC0415

    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.cli.wording import count  # noqa: PLC0415

    if one.error is not None:
        print(f"error: {one.model}: {visible(one.error)}", file=sys.stderr)
        return
    rows = "" if one.rows is None else f"{count(one.rows):>8} predictions, "
    new = f"{one.windows:>4} windows, {count(one.measurements):>8} measurements" if one.windows else "nothing new"
    print(f"  {one.model:16}{rows}{new}", flush=True)


def _faults(made: Demo) -> Iterator[str]:
    from monitor.cli.table import table  # noqa: PLC0415

    yield ""
    yield "What was planted, and what the stored measurements show of it (medians of daily windows):"
    yield ""
    rows: list[list[str]] = []
    for one in made.findings:
        if not rows or one.model not in [row[0] for row in rows]:
            rows.append([one.model, "", "", "", ""])
        rows.append(_row(one))
    yield from table(("fault", "seen in", "before", "during", "since"), rows, right=("before", "during"))
    yield ""
    yield f"{sum(one.shows for one in made.findings)} of {len(made.findings)} planted faults show."


def _row(one: Finding) -> list[str]:
    from monitor.cli.wording import instant, number  # noqa: PLC0415

    fault = one.fault
    column = "" if fault.column is None else f" of {fault.column}"
    within = "" if fault.group is None else f" in {', '.join(map(str, fault.group.values()))}"
    since = instant(one.since) if one.shows else "not seen"
    return [
        f"  {fault.name}",
        f"{fault.metric}{column}{within}",
        number(one.reference, 3),
        number(one.during, 3),
        since,
    ]


def _seasons(made: Demo) -> Iterator[str]:
    from monitor.cli.wording import instant, number  # noqa: PLC0415

    if not made.seasons:
        return
    yield ""
    yield "Nothing is planted in the flights of 2013; a model fitted in winter meets the rest of the year:"
    for one in made.seasons:
        when = f"{one.month:%B}, here from {instant(one.since.replace(hour=0, minute=0))}"
        yield f"  {one.metric:10} {number(one.reference):>7} in the reference, {number(one.value):>7} in {when}"


def _next(made: Demo) -> Iterator[str]:
    from monitor.cli.visible import visible  # noqa: PLC0415

    home = visible(str(made.folder))
    yield ""
    yield f"Done in {made.seconds:.0f} s. The logs, the file and the store are in {home}: monitor.yaml, monitor.db."
    yield "Try:"
    yield f"  monitor status -c {home}/monitor.yaml"
    yield f"  monitor incidents list --all -c {home}/monitor.yaml"
    yield f"  monitor measurements -c {home}/monitor.yaml --model fraud --metric unseen_rate --column merchant_category"
    yield f"  monitor run -c {home}/monitor.yaml --json    # nothing new: it is all there"
