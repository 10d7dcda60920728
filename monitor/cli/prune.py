"""``monitor db prune`` and ``monitor db compact``: what is too old goes, and its room is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, Models, Now

if TYPE_CHECKING:
    from monitor.service.retention.retain import Retained

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would go; change nothing.")]


def prune(*, config: ConfigFile = DEFAULT, model: Models = None, now: Now = None, dry_run: DryRun = False) -> None:
    """Remove what is older than `retention:` says, and add the hours of old days up, as workers do once a day."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.retention.prune import prune_models  # noqa: PLC0415

    loaded = load(config)
    at = asked.now(now)
    with opened(loaded) as store:
        done = prune_models(loaded, store, at, names=model, dry=dry_run, by=operator())
    widest = max((len(name) for name in done), default=0)
    for name, retained in done.items():
        print(f"{visible(name.ljust(widest))}  {_said(retained, dry=dry_run)}")
    if store.path is not None and not dry_run and any(retained.removed for retained in done.values()):
        print("The file keeps its size and uses the room again; `monitor db compact` gives it back.")


def compact(*, config: ConfigFile = DEFAULT) -> None:
    """Give the room of what was removed back to the disk; SQLite only, and nobody else can write meanwhile."""
    from monitor.cli.wording import count  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.store.compact import compact as shrink  # noqa: PLC0415

    with opened(load(config)) as store:
        before, after = shrink(store)
    print(f"{store}  {count(before)} bytes, now {count(after)}")


def _said(done: Retained, *, dry: bool) -> str:
    from monitor.cli.wording import plural  # noqa: PLC0415

    numbers = {
        "window": done.windows, "superseded revision": done.revisions, "measurement": done.measurements,
        "tile": done.tiles, "change": done.changes, "incident": done.incidents, "notice": done.notices,
        "pushed row": done.rows,
    }  # fmt: skip
    parts = [plural(number, noun) for noun, number in numbers.items() if number]
    if done.series:
        parts.append(f"{done.series} series")
    said = [f"{'would remove' if dry else 'removed'} {', '.join(parts)}"] if parts else []
    if done.days:
        said.append(f"{'would roll' if dry else 'rolled'} up {plural(done.days, 'day')}")
    return "; ".join(said) or "nothing is too old"
