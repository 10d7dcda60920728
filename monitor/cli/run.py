"""``monitor run``: evaluate what is due, now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, From, Json, Models, Now, To

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.config import Config
    from monitor.service.run import ModelRun
    from monitor.store.engine import Store

Single = Annotated[bool, typer.Option("--single", help="Evaluate [--from, --to) as one window.")]
Restate = Annotated[
    bool,
    typer.Option(
        "--restate", help="Measure [--from, --to) again by the configuration and reference in force now, done or not."
    ),
]
ALERT = 3
FailOnAlert = Annotated[
    bool,
    typer.Option(
        "--fail-on-alert", help="Exit 3 when an incident of these models is open at the end, silenced or not."
    ),
]


def run(
    *,
    config: ConfigFile = DEFAULT,
    model: Models = None,
    start: From = None,
    end: To = None,
    single: Single = False,
    restate: Restate = False,
    now: Now = None,
    json: Json = False,
    fail_on_alert: FailOnAlert = False,
) -> None:
    """Evaluate every window that is due, or those inside [--from, --to), store what is found and tell of alarms."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.open_incidents import lines, still_open  # noqa: PLC0415
    from monitor.cli.saying import note, said  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked, read  # noqa: PLC0415
    from monitor.service.opening import load_plugins, opened  # noqa: PLC0415
    from monitor.service.record import record  # noqa: PLC0415
    from monitor.service.sending.telling import tell  # noqa: PLC0415

    loaded = load(config)
    clock = asked.instant(now, "--now")
    load_plugins(loaded)
    with opened(loaded, writing=True) as store:
        done = list(_models(loaded, store, model, (start, end), single=single, restate=restate, now=clock, quiet=json))
        if json:
            print_json(map(record, read.stored(store, [number for one in done for number in one.run_ids])))
        tell(loaded, store, names=model, now=clock)
        alarms = still_open(loaded, store, asked.models(loaded, model)) if fail_on_alert else []
    failed = [said(one.error, f"model {one.model!r}: ") for one in done if one.error]
    for line in lines(alarms):
        note(line)
    if failed or alarms:
        raise typer.Exit(1 if failed else ALERT)


def _models(
    config: Config,
    store: Store,
    names: list[str] | None,
    ends: tuple[str | None, str | None],
    *,
    single: bool,
    restate: bool,
    now: datetime | None,
    quiet: bool,
) -> Iterator[ModelRun]:
    """Run model by model, each with its own reading of local times, and say what came of it."""
    from monitor.cli.progress import progress  # noqa: PLC0415
    from monitor.service import asked, read  # noqa: PLC0415
    from monitor.service.run import Span  # noqa: PLC0415
    from monitor.service.run import run as evaluate  # noqa: PLC0415

    whole = "--single" if single else "--restate" if restate else ""
    wanted = [(one, asked.span(*ends, one.window_timezone, whole=whole)) for one in asked.models(config, names)]
    widest = max(len(one.name) for one, _ in wanted)
    for one, (start, end) in wanted:
        with progress() as tell:
            span = Span(start, end, single, restate)
            [done] = evaluate(config, store, names=[one.name], now=now, span=span, progress=tell)
        if not quiet:
            for line in _summary(done, read.count(store, done.run_ids), widest):
                print(line, flush=True)
        yield done


def _summary(done: ModelRun, stored: int, widest: int) -> Iterator[str]:
    from monitor.cli import wording  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415

    name = visible(done.model).ljust(widest)
    if done.error is not None:
        parts = ["failed"]
    elif done.learning_until is not None:
        parts = [f"learning until {wording.instant(done.learning_until)} UTC"]
    else:
        parts = []
    if done.windows or done.revised:
        parts.append(wording.plural(done.windows, "new window"))
        parts += [f"{done.revised} revised"] if done.revised else []
        parts.append(wording.plural(stored, "measurement"))
    if done.left:
        parts.append(f"{wording.plural(done.left, 'window')} left to the worker that has them")
    yield f"{name}  {', '.join(parts or ['nothing new'])}"
    for remark in done.remarks:
        yield f"{' ' * widest}  note: {visible(remark)}"
