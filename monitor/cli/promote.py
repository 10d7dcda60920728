"""``monitor promote``: make a past interval the reference, list references, go back to the one before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from monitor.cli.options import DEFAULT, ConfigFile, From, Json, Models, Now, To

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.config import Config, ModelConfig
    from monitor.domain.window import Window
    from monitor.service.promote import Promoted, Standing
    from monitor.store.engine import Store

AWindow = Annotated[
    str | None, typer.Option("--window", metavar="TIME", help="The window that begins there, instead of an interval.")
]
Dry = Annotated[bool, typer.Option("--dry-run", help="Look at the rows, store nothing.")]
List = Annotated[bool, typer.Option("--list", help="Print every reference there was, newest first.")]
Undo = Annotated[bool, typer.Option("--undo", help="Go back to the reference before the present one.")]
TITLES = ("model", "version", "kind", "interval", "rows", "since (UTC)", "note")


def promote(
    *,
    config: ConfigFile = DEFAULT,
    model: Models = None,
    start: From = None,
    end: To = None,
    window: AWindow = None,
    dry_run: Dry = False,
    versions: List = False,
    undo: Undo = False,
    now: Now = None,
    json: Json = False,
) -> None:
    """Make [--from, --to) of one model's log the reference that windows are measured against from now on."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.opening import load_plugins, opened  # noqa: PLC0415

    loaded = load(config)
    chosen = asked.models(loaded, model)
    if sum((versions, undo, bool(start or end or window))) != 1:
        raise UsageError("one of --from and --to, --window, --list, --undo is needed", "`monitor promote --help`")
    if versions:
        _list(loaded, chosen, json=json)
        return
    [one] = chosen if len(chosen) == 1 else _refuse(chosen)
    clock = asked.now(now)
    period = None if undo else _period(one, start, end, window)
    load_plugins(loaded)
    with opened(loaded, writing=True) as store:
        done = (
            _undone(loaded, store, one, clock)
            if period is None
            else _promoted(loaded, store, one, period, clock, dry=dry_run)
        )
    if json:
        print_json([done.record()])
    else:
        _say(done, one)


def _refuse(chosen: list[ModelConfig]) -> NoReturn:
    from monitor.errors import UsageError  # noqa: PLC0415

    names = ", ".join(one.name for one in chosen)
    raise UsageError("one model is promoted at a time", f"add --model, one of {names}")


def _list(config: Config, chosen: list[ModelConfig], *, json: bool) -> None:
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.promote import history  # noqa: PLC0415

    with opened(config) as store:
        found = list(history(store, chosen))
    if json:
        print_json(one.record() for one in found)
    else:
        _print(found)


def _promoted(
    config: Config, store: Store, model: ModelConfig, period: Window, clock: datetime, *, dry: bool
) -> Promoted:
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.cli.progress import progress  # noqa: PLC0415
    from monitor.service import promote as promotion  # noqa: PLC0415

    with progress() as tell:
        return promotion.promote(
            config,
            store,
            model.name,
            period,
            clock,
            dry=dry,
            by=operator(),
            progress=lambda *at: tell(model.name, *at),
        )


def _undone(config: Config, store: Store, model: ModelConfig, clock: datetime) -> Promoted:
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.service import promote as promotion  # noqa: PLC0415

    return promotion.undo(config, store, model.name, clock, by=operator())


def _period(model: ModelConfig, start: str | None, end: str | None, window: str | None) -> Window:
    from monitor.domain.window import Window  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.promote import window_from  # noqa: PLC0415

    if window is not None:
        if start or end:
            raise UsageError("--window stands for --from and --to", "give either")
        return window_from(model, asked.moment(window, "--window", model.window_timezone))
    first, last = asked.span(start, end, model.window_timezone)
    if first is None or last is None:
        raise UsageError("an interval needs both --from and --to", "or name a window: --window 2013-03-01")
    return Window(first, last)


def _say(done: Promoted, model: ModelConfig) -> None:
    from monitor.cli import wording  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415

    name = visible(done.model)
    what = wording.window(done.period.start, done.period.end, model.window_timezone) if done.period else "a file"
    rows = wording.plural(done.rows, "row")
    if done.labelled is not None:
        rows += f", {wording.count(done.labelled)} with ground truth"
    if done.version is None:
        print(f"{name}  {what} would be the reference: {rows}; nothing was stored")
    elif done.restores is not None:
        print(f"{name}  reference {done.version} is {done.restores} again: {what}, {rows}")
    elif done.changed:
        print(f"{name}  reference {done.version} is {what}: {rows}")
    else:
        print(f"{name}  unchanged: reference {done.version} is {what} already")
    for remark in done.remarks:
        print(f"{' ' * len(name)}  note: {visible(remark)}")


def _print(found: Iterable[Standing]) -> None:
    from monitor.cli.table import table  # noqa: PLC0415

    rows = [_cells(one) for one in found]
    if not rows:
        print("No reference yet.")
        return
    for line in table(TITLES, rows, right=("version", "rows"), cuttable=("model", "note")):
        print(line)


def _cells(one: Standing) -> list[str]:
    from monitor.cli import wording  # noqa: PLC0415

    version = one.version
    interval = wording.NOTHING
    if version.start and version.end:
        interval = wording.window(version.start, version.end, one.zone)
    notes = ["in force"] if one.in_force else []
    notes += [f"{version.restores} again"] if version.restores else []
    return [
        one.model,
        str(version.version),
        version.kind,
        interval,
        wording.count(version.rows),
        wording.instant(version.created_at.replace(microsecond=0)),
        ", ".join(notes),
    ]
