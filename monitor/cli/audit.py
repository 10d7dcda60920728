"""``monitor audit``: who changed what, and proof that nobody rewrote it."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, Json

audit = typer.Typer(
    help="Export the log of who changed what; prove that it is as it was written.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Head = Annotated[
    str | None,
    typer.Option(metavar="N:HASH", help="What an earlier `verify` printed: prove that the log still begins with it."),
]


@audit.command()
def export(*, config: ConfigFile = DEFAULT) -> None:
    """Print the whole log, the oldest first, one JSON object a line."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access import audit as service  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    with opened(load(config)) as store:
        print_json(service.exported(store))


@audit.command()
def verify(*, config: ConfigFile = DEFAULT, head: Head = None, json: Json = False) -> None:
    """Check every entry's hash; exit code 1 when one was changed or removed."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.errors import MonitorError  # noqa: PLC0415
    from monitor.service.access import audit as service  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    with opened(load(config)) as store:
        proof = service.verify(store, None if head is None else service.parsed_head(head))
    if json:
        print_json([{"entries": proof.entries, "head": proof.head, "broken_at": proof.broken_at}])
    if proof.broken_at is not None:
        raise MonitorError(
            f"the audit log is not as it was written from entry {proof.broken_at} on",
            "compare it with an export or a backup; entries before that one are sound",
        )
    if not json:
        print(f"{proof.entries} entries, each as it was written")
        print(f"head {proof.entries}:{proof.head}")
