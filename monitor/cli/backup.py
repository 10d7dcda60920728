"""``monitor backup``: copy the store while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile

Target = Annotated[Path, typer.Argument(metavar="TARGET", help="The file to write.")]


Force = Annotated[bool, typer.Option("--force", help="Replace a file of that name.")]


def backup(target: Target, *, config: ConfigFile = DEFAULT, force: Force = False) -> None:
    """Copy the store, also while it is in use, to a file: a SQLite database, or an archive for pg_restore."""
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.cli.wording import count  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.store.backup import backup as copy  # noqa: PLC0415

    with opened(load(config)) as store:
        written = copy(store, target, force=force)
    print(f"{visible(str(written))}  {count(written.stat().st_size)} bytes")
