"""``monitor apply``: make the models of the file known to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile

if TYPE_CHECKING:
    from monitor.service.apply import Change

Prune = Annotated[bool, typer.Option("--prune", help="Stop monitoring models that the store has and the file has not.")]


def apply(*, config: ConfigFile = DEFAULT, prune: Prune = False) -> None:
    """Register the models of the file in the store, and print what changed."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.apply import apply as register  # noqa: PLC0415
    from monitor.service.opening import load_plugins, opened  # noqa: PLC0415

    loaded = load(config)
    load_plugins(loaded)
    with opened(loaded, writing=True) as store:
        changes = register(loaded, store, asked.now(None), prune=prune, by=operator())
    widest = max(len(change.model) for change in changes)
    for change in changes:
        print(f"{visible(change.model).ljust(widest)}  {visible(_said(change))}")


def _said(change: Change) -> str:
    words = {
        "added": "added",
        "changed": f"changed: {', '.join(change.keys)}",
        "returned": "monitored again",
        "unchanged": "unchanged",
        "removed": "no longer monitored; its history is kept",
    }[change.kind]
    return words if change.version is None else f"{words} (configuration {change.version})"
