"""``monitor validate``: the file, and every table, column and type that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from monitor.cli.options import DEFAULT, ConfigFile

if TYPE_CHECKING:
    from monitor.service.checking.validate import Verdict


def validate(*, config: ConfigFile = DEFAULT) -> None:
    """Check the file, and that every table, column and type in it is there. Nothing is stored."""
    from monitor.cli.saying import said  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.errors import ConfigError  # noqa: PLC0415
    from monitor.service.checking.validate import validate as look  # noqa: PLC0415
    from monitor.service.opening import load_plugins  # noqa: PLC0415

    loaded = load(config)
    load_plugins(loaded)
    widest = max(len(model.name) for model in loaded.models)
    codes = []
    for found in look(loaded):
        print(f"{visible(found.model.name).ljust(widest)}  {_line(found)}", flush=True)
        for remark in found.remarks:
            print(f"{' ' * widest}  note: {visible(remark)}")
        for error in found.errors:
            said(error, f"model {found.model.name!r}: ")
        if found.faults:
            said(ConfigError(found.faults))
        codes.append(found.exit_code)
    if any(codes):
        raise typer.Exit(max(codes))


def _line(found: Verdict) -> str:
    from monitor.cli.wording import instant, plural  # noqa: PLC0415

    faults = len(found.errors) + len(found.faults)
    parts = [plural(faults, "fault") if faults else "ok", found.model.task]
    if not found.errors:
        parts.append(plural(found.features, "feature"))
    if found.extent is not None:
        first, last = (instant(end.replace(second=0, microsecond=0)) for end in found.extent)
        parts.append(f"rows from {first} to {last} UTC")
    return ", ".join(parts)
