"""``monitor db``: the store's tables."""

from __future__ import annotations

import typer

from monitor.cli.options import DEFAULT, ConfigFile
from monitor.cli.prune import compact, prune

db = typer.Typer(
    help="Make, upgrade and check the store's tables; remove what is too old.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
db.command()(prune)
db.command()(compact)


@db.command()
def upgrade(*, config: ConfigFile = DEFAULT) -> None:
    """Make the store's tables, or bring them up to date."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.tables import upgrade_store  # noqa: PLC0415

    done = upgrade_store(load(config))
    print(f"{done.store}  {'upgraded to' if done.changed else 'already at'} revision {done.revision}")


@db.command()
def check(*, config: ConfigFile = DEFAULT) -> None:
    """Compare the store's tables with this release's; exit 1 when they differ."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.tables import check_store  # noqa: PLC0415

    done = check_store(load(config))
    print(f"{done.store}  at revision {done.revision}, as this release expects")
