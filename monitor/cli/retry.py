"""``monitor retry``: give windows that were given up a second chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, From, Models, To

if TYPE_CHECKING:
    from monitor.store.retry import Lifted

All = Annotated[
    bool, typer.Option("--all", help="Also windows that `catchup:` skipped; those of [--from, --to) are taken anyway.")
]


def retry(*, config: ConfigFile = DEFAULT, model: Models = None, start: From = None, end: To = None,
          every: All = False) -> None:  # fmt: skip
    """Make windows that failed or are in quarantine due again, for workers; `monitor run` computes them by itself."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.windows.retry import retry_windows  # noqa: PLC0415

    loaded = load(config)
    chosen = asked.models(loaded, model)
    with opened(loaded) as store:
        done = retry_windows(store, chosen, start=start, end=end, every=every, by=operator())
    widest = max(len(one.model) for one in done)
    for one in done:
        print(f"{visible(one.model.ljust(widest))}  {_said(one.lifted)}")


def _said(lifted: Lifted) -> str:
    from monitor.cli.wording import count, plural  # noqa: PLC0415

    counts = {"failed": lifted.failed, "quarantined": lifted.quarantined, "skipped": lifted.skipped}
    parts = [f"{count(number)} {name}" for name, number in counts.items() if number]
    said = [f"{plural(lifted.windows, 'window')} due again: {', '.join(parts)}"] if parts else []
    if lifted.waiting:
        said.append(f"{plural(lifted.waiting, 'window')} tried at once instead of later")
    return "; ".join(said) or "nothing to retry"
