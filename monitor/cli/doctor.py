"""``monitor doctor``: whether everything around the monitor is well."""

from __future__ import annotations

import typer

from monitor.cli.options import DEFAULT, ConfigFile

WIDTH = 94


def doctor(*, config: ConfigFile = DEFAULT) -> None:
    """Look at versions, store, sources, disk, clock and time zones; exit 1 when something fails."""
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.service.checking.doctor import examine  # noqa: PLC0415

    failed = False
    for check in examine(config):
        for line in _lines(check.outcome, check.name, check.seen, check.cure):
            print(visible(line), flush=True)
        failed |= check.outcome == "fail"
    if failed:
        raise typer.Exit(1)


def _lines(outcome: str, name: str, seen: str, cure: str | None) -> list[str]:
    from textwrap import wrap  # noqa: PLC0415

    lines = wrap(f"{name}: {seen}", WIDTH) + (wrap(f"cure: {cure}", WIDTH) if cure else [])
    return [f"{outcome if i == 0 else '':4}  {line}" for i, line in enumerate(lines)]
