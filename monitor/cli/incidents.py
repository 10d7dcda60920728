"""``monitor incidents``: what is wrong, and who looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, As, ConfigFile, Json, Models, Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from monitor.service.oncall.incidents import Acted, Seen

incidents = typer.Typer(
    help="List incidents, look at one, take it on, give it back, close it. An ID may be shortened.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Number = Annotated[str, typer.Argument(metavar="ID", help="Of `monitor incidents list`; its beginning is enough.")]
All = Annotated[bool, typer.Option("--all", help="Also those that are resolved.")]
For = Annotated[str | None, typer.Option("--for", metavar="TIME", help="For how long, such as 2h; 24h when absent.")]
IfVersion = Annotated[
    int | None, typer.Option(metavar="N", help="Only if it is still at the version that you have seen.")
]
TITLES = ("id", "opened", "now", "model", "about")


@incidents.command("list")
def list_(*, config: ConfigFile = DEFAULT, model: Models = None, every: All = False, json: Json = False) -> None:
    """Print the incidents that are open, the newest first."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.oncall.incidents import listed  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    with opened(loaded) as store:
        found = listed(loaded, store, model, resolved=every)
    if json:
        print_json(one.record() for one in found)
    elif not found:
        print("There has been no incident." if every else "No incident is open.")
    else:
        _print(found)


@incidents.command(short_help="What, since when, how sure, who was told, what to do.")
def show(number: Number, *, config: ConfigFile = DEFAULT, json: Json = False) -> None:
    """Print one incident: what, since when, how sure, its timeline, who was told, what to do."""
    from monitor.cli.incident_page import page  # noqa: PLC0415
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.oncall.story import story  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    with opened(loaded) as store:
        found = story(loaded, store, number)
    if json:
        print_json([found.record()])
        return
    for line in page(found, config):
        print(line)


@incidents.command(short_help="Take it on: repeats and escalation stop.")
def ack(
    number: Number,
    *,
    config: ConfigFile = DEFAULT,
    note: Note = None,
    length: For = None,
    name: As = None,
    if_version: IfVersion = None,
) -> None:
    """Take an incident on: repeats and escalation stop until the time is over."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.access.actor import actor, written  # noqa: PLC0415
    from monitor.service.oncall.incidents import acknowledge  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    who, said, time = actor(name), note and written(note, "--note"), asked.length(length, "--for")

    def act(conn: Connection) -> Acted:
        done = acknowledge(loaded, conn, number, actor=who, note=said, length=time, version=if_version)
        _record(conn, name, "incident.ack", done)
        return done

    with opened(loaded) as store:
        _say(store.transact(act))


@incidents.command(short_help="Give it back: repeats and escalation begin anew.")
def unack(number: Number, *, config: ConfigFile = DEFAULT, name: As = None, if_version: IfVersion = None) -> None:
    """Give an incident back: repeats and escalation begin anew."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access.actor import actor  # noqa: PLC0415
    from monitor.service.oncall.incidents import unacknowledge  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    who = actor(name)

    def act(conn: Connection) -> Acted:
        done = unacknowledge(loaded, conn, number, actor=who, version=if_version)
        _record(conn, name, "incident.unack", done)
        return done

    with opened(loaded) as store:
        _say(store.transact(act))


@incidents.command(short_help="Close it; the next breach opens it again.")
def resolve(
    number: Number,
    *,
    config: ConfigFile = DEFAULT,
    note: Note = None,
    name: As = None,
    if_version: IfVersion = None,
) -> None:
    """Close an incident; the next window that breaches opens the same one again."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access.actor import actor, written  # noqa: PLC0415
    from monitor.service.oncall import incidents as service  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    who, said = actor(name), note and written(note, "--note")

    def act(conn: Connection) -> Acted:
        done = service.resolve(loaded, conn, number, actor=who, note=said, version=if_version)
        _record(conn, name, "incident.resolve", done)
        return done

    with opened(loaded) as store:
        _say(store.transact(act))


def _record(conn: Connection, name: str | None, action: str, done: Acted) -> None:
    from monitor.cli.acting import record  # noqa: PLC0415

    if done.changed:
        found = done.seen.incident
        record(conn, name, action, f"incident {done.seen.id}", {"state": found.state, "version": found.version})


def _print(found: Sequence[Seen]) -> None:
    from monitor.cli.incident_words import about, short, state  # noqa: PLC0415
    from monitor.cli.table import NARROW, table  # noqa: PLC0415
    from monitor.cli.wording import minute  # noqa: PLC0415

    numbers, zones = [one.id for one in found], {one.zone for one in found}
    rows = [
        [short(one.id, numbers), minute(one.incident.opened_at, one.zone), state(one), one.incident.model, about(one)]
        for one in found
    ]
    for line in table(TITLES, rows, cuttable=("model", "about"), widest=NARROW):
        print(line)
    print(f"Times in {zones.pop() if len(zones) == 1 else 'the zone of each model'}.")


def _say(done: Acted) -> None:
    from monitor.cli.incident_words import short  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.cli.wording import minute  # noqa: PLC0415

    seen, acknowledgement = done.seen, done.seen.incident.acknowledgement
    state = {"open": "open, nobody looks after it", "resolved": "resolved"}.get(seen.incident.state, "acknowledged")
    if acknowledgement is not None:
        until = minute(acknowledgement.expires_at, seen.zone)
        state = f"acknowledged by {acknowledgement.actor} until {until} {seen.zone}"
    unchanged = "" if done.changed else "unchanged: "
    said = f"{short(seen.id)}  {visible(seen.incident.model)}: {unchanged}{visible(state)}"
    print(f"{said} (version {seen.incident.version})")
    if done.ends is not None:
        print(f"  with it ends recommendation {short(done.ends)} to train anew: no other fall of performance is open")
