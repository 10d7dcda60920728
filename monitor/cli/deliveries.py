"""``monitor deliveries``: the notices that wait for their receivers, and those that were given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, From, Json, To

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from monitor.service.notices.deliveries import Delivery

deliveries = typer.Typer(
    help="List the notices that wait or were given up, and try those again.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Numbers = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Of `monitor deliveries list`; the beginning of one is enough."),
]
Receiver = Annotated[str | None, typer.Option(metavar="NAME", help="Only those for this receiver.")]
All = Annotated[bool, typer.Option("--all", help="Also those that were delivered or cancelled.")]
Every = Annotated[bool, typer.Option("--all", help="All that were given up, or those of --receiver, --from and --to.")]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="The newest; 50 in a table, all with --json.")]
TITLES = ("id", "entered (UTC)", "receiver", "what", "state", "tried", "fault")
SHOWN = 50


@deliveries.command("list", short_help="Print the notices that wait or were given up.")
def list_(
    *,
    config: ConfigFile = DEFAULT,
    every: All = False,
    receiver: Receiver = None,
    start: From = None,
    end: To = None,
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Print the notices that wait or were given up, the newest first."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.notices.deliveries import listed  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    first, last = asked.span(start, end, "UTC")
    most = limit if limit is not None or json else SHOWN
    with opened(loaded) as store:
        found = listed(store, every=every, receiver=receiver, start=first, end=last, limit=most)
    if json:
        print_json(one.record() for one in found)
    elif not found:
        print("No notice fits." if every or receiver or first or last else "No notice waits, none was given up.")
    else:
        _print(found)


@deliveries.command(short_help="Try those again that were given up.")
def retry(
    numbers: Numbers = None,
    *,
    config: ConfigFile = DEFAULT,
    every: Every = False,
    receiver: Receiver = None,
    start: From = None,
    end: To = None,
) -> None:
    """Make notices that were given up due again; the worker or the next `monitor run` sends them."""
    from monitor.cli.acting import record  # noqa: PLC0415
    from monitor.cli.wording import plural  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.notices.deliveries import retry as again  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    loaded = load(config)
    first, last = asked.span(start, end, "UTC")
    if bool(numbers) == bool(every or receiver or first or last):
        raise UsageError("say which: numbers, or --all, or --receiver, --from, --to", "`monitor deliveries list`")

    def act(conn: Connection) -> tuple[list[str], list[str]]:
        tried, kept = again(conn, numbers or (), receiver=receiver, start=first, end=last)
        for number in tried:
            record(conn, None, "delivery.redeliver", f"delivery {number}")
        return tried, kept

    with opened(loaded) as store:
        done, left = store.transact(act)
    print(f"{plural(len(done), 'notice')} due again" if done else "nothing to retry")
    if left:
        print(f"{plural(len(left), 'notice')} left: something newer of the same incident was told")


def _print(found: Sequence[Delivery]) -> None:
    from monitor.cli.incident_words import short  # noqa: PLC0415
    from monitor.cli.table import NARROW, table  # noqa: PLC0415
    from monitor.cli.wording import count, minute  # noqa: PLC0415

    numbers = [one.id for one in found]
    rows = [
        [short(one.id, numbers), minute(one.created_at), one.receiver, one.kind, one.state, count(one.attempts),
         "" if one.state == "delivered" else one.error or ""]
        for one in found
    ]  # fmt: skip
    for line in table(TITLES, rows, right=("tried",), cuttable=("receiver", "fault"), widest=NARROW):
        print(line)
    if any(one.state == "dead" for one in found):
        print("\ndead: given up; `monitor deliveries retry ID` tries again")
