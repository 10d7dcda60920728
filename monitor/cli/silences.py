"""``monitor silences``: what nobody wants to hear of for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, As, ConfigFile, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from monitor.service.oncall.silencing import Standing

silences = typer.Typer(
    help="List silences, make one, end one. What is silenced is still recorded; only the notices stay away.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Number = Annotated[str, typer.Argument(metavar="ID", help="Of `monitor silences list`; its beginning is enough.")]
All = Annotated[bool, typer.Option("--all", help="Also those that are over.")]
Match = Annotated[
    list[str],
    typer.Option(
        metavar="MATCHER",
        help="What it is about, such as model=fraud, column!=age, rule=~psi*, severity=warning; all must fit.",
    ),
]
For = Annotated[str, typer.Option("--for", metavar="TIME", help="For how long, such as 2h; at most 30d.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why nobody should be told.")]
Starts = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="When it begins; at once when absent. Without an offset in the model's zone."),
]
TITLES = ("id", "state", "what", "until", "by", "why")


@silences.command("list")
def list_(*, config: ConfigFile = DEFAULT, every: All = False, json: Json = False) -> None:
    """Print the silences that hold, or will."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.oncall.silencing import listed  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    with opened(loaded) as store:
        found = listed(loaded, store, over=every)
    if json:
        print_json(one.record() for one in found)
    elif not found:
        print("There has been no silence." if every else "Nothing is silenced.")
    else:
        _print(found)


@silences.command()
def add(
    *,
    config: ConfigFile = DEFAULT,
    match: Match,
    length: For,
    reason: Reason,
    starts: Starts = None,
    name: As = None,
    json: Json = False,
) -> None:
    """Tell nobody about what fits all matchers, for a while."""
    from datetime import timedelta  # noqa: PLC0415

    from monitor.cli.acting import record  # noqa: PLC0415
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.access.actor import actor  # noqa: PLC0415
    from monitor.service.oncall import silencing  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    who, time = actor(name), asked.length(length, "--for") or timedelta(0)
    begins = asked.instant(starts, "--starts", silencing.zone_of(loaded, silencing.parsed(match)))

    def act(conn: Connection) -> Standing:
        made = silencing.add(loaded, conn, match, length=time, actor=who, reason=reason, starts_at=begins)
        if made.changed:
            record(conn, name, "silence.add", f"silence {made.silence.id}", made.record())
        return made

    with opened(loaded) as store:
        done = store.transact(act)
    if json:
        print_json([done.record()])
    else:
        _say(done)


@silences.command()
def expire(number: Number, *, config: ConfigFile = DEFAULT, json: Json = False) -> None:
    """End a silence now; what still fires is told."""
    from monitor.cli.acting import record  # noqa: PLC0415
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.oncall.silencing import end  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)

    def act(conn: Connection) -> Standing:
        ended = end(loaded, conn, number)
        if ended.changed:
            record(conn, None, "silence.end", f"silence {ended.silence.id}", ended.record())
        return ended

    with opened(loaded) as store:
        done = store.transact(act)
    if json:
        print_json([done.record()])
    else:
        _say(done)


def _print(found: Sequence[Standing]) -> None:
    from monitor.cli.incident_words import short  # noqa: PLC0415
    from monitor.cli.table import NARROW, table  # noqa: PLC0415
    from monitor.cli.wording import minute  # noqa: PLC0415

    numbers, zones = [one.silence.id for one in found], {one.zone for one in found}
    rows = [
        [
            short(one.silence.id, numbers),
            one.state if one.state != "pending" else f"from {minute(one.silence.starts_at, one.zone)}",
            _matchers(one),
            minute(one.silence.ends_at, one.zone),
            one.silence.author,
            one.silence.reason,
        ]
        for one in found
    ]
    for line in table(TITLES, rows, cuttable=("what", "by", "why"), widest=NARROW):
        print(line)
    print(f"Times in {zones.pop() if len(zones) == 1 else 'the zone of the model that is named, else UTC'}.")


def _matchers(one: Standing) -> str:
    return ", ".join(map(str, one.silence.matchers))


def _say(done: Standing) -> None:
    from monitor.cli.incident_words import short  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.cli.wording import minute, plural  # noqa: PLC0415

    one, unchanged = done.silence, "" if done.changed else "unchanged: "
    at, until = minute(one.starts_at, done.zone), minute(one.ends_at, done.zone)
    state = {
        "active": f"silent until {until}",
        "pending": f"silent from {at} to {until}",
        "over": f"over since {until}",
    }
    print(f"{short(one.id)}  {unchanged}{visible(_matchers(done))}: {state[done.state]} {done.zone}")
    if done.state != "over":
        covered = f"covers {plural(len(done.incidents), 'open incident')}: {', '.join(map(short, done.incidents))}"
        print(f"  {covered if done.incidents else 'no open incident fits it now'}")
    for warning in done.warnings:
        print(f"  warning: {visible(warning)}")
