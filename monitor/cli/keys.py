"""``monitor keys``: what programs prove themselves by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, Json

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.store.keys import StoredKey

keys = typer.Typer(
    help="Make, list and revoke API keys. As soon as there is one, nobody is let in without.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Name = Annotated[str, typer.Option(metavar="NAME", help="What the key is for, as the audit log will name it.")]
Role = Annotated[str, typer.Option(metavar="ROLE", help="One of viewer, operator, editor, admin, retrainer, ingest.")]
Patterns = Annotated[
    list[str] | None,
    typer.Option("--models", metavar="PATTERN", help="Only models whose names fit, such as 'fraud-*'; several times."),
]
Expires = Annotated[str | None, typer.Option(metavar="TIME", help="For how long it works, such as 90d; for ever.")]
Which = Annotated[str, typer.Argument(metavar="KEY", help="Its id or its name, of `monitor keys list`.")]
TITLES = ("id", "name", "role", "models", "state", "expires", "last used")


@keys.command()
def create(
    *,
    config: ConfigFile = DEFAULT,
    name: Name,
    role: Role,
    models: Patterns = None,
    expires: Expires = None,
    json: Json = False,
) -> None:
    """Make a key and print it, once: it cannot be shown again."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.saying import note  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.access import keys as service  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    lasts = asked.length(expires, "--expires")
    with opened(load(config), writing=True) as store:
        made = service.create(store, name=name, role=role, models=models, lasts=lasts, by=operator())
    if json:
        print_json([service.flat(made.row, made.row.created_at) | {"key": made.text}])
        return
    print(made.text)
    note(f"key {made.row.id}: keep it now, it is not shown again. Send it as: Authorization: Bearer KEY")


@keys.command("list")
def list_(*, config: ConfigFile = DEFAULT, json: Json = False) -> None:
    """Print the keys there are, without their secrets."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access import keys as service  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    with opened(load(config)) as store:
        found = service.listed(store)
    now = datetime.now(UTC)
    if json:
        print_json(service.flat(row, now) for row in found)
    elif not found:
        print("There are no keys: `monitor keys create --name N --role viewer` makes one.")
    else:
        _print(found, now)


@keys.command()
def revoke(key: Which, *, config: ConfigFile = DEFAULT, json: Json = False) -> None:
    """Let a key work no more; every replica obeys within 5 seconds."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access import keys as service  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    with opened(load(config)) as store:
        row = service.revoke(store, key, by=operator())
    if json:
        print_json([service.flat(row, row.revoked_at or row.created_at)])
    else:
        print(f"key {row.id} ({visible(row.name)}) is revoked")


def _print(found: list[StoredKey], now: datetime) -> None:
    from monitor.cli.table import NARROW, table  # noqa: PLC0415
    from monitor.cli.wording import minute  # noqa: PLC0415
    from monitor.service.access.grant import listed  # noqa: PLC0415
    from monitor.service.access.keys import state  # noqa: PLC0415

    rows = [
        [
            row.id,
            row.name,
            row.role,
            ", ".join(listed(row.models)),
            state(row, now),
            minute(row.expires_at, "UTC") if row.expires_at else "never",
            minute(row.used_at, "UTC") if row.used_at else "never",
        ]
        for row in found
    ]
    for line in table(TITLES, rows, cuttable=("name", "models"), widest=NARROW):
        print(line)
    print("Times in UTC.")
