"""``monitor serve`` and ``monitor worker``: announced, not there yet."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile

HINT = "until then let cron call `monitor run`, for instance every hour"


def serve(
    *,
    config: ConfigFile = DEFAULT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8050,
    no_scheduler: Annotated[bool, typer.Option("--no-scheduler", help="Serve only; workers run elsewhere.")] = False,
) -> None:
    """Scheduler, API and dashboard in one process: comes with a later release."""
    from monitor.errors import UsageError  # noqa: PLC0415

    del config, host, port, no_scheduler
    raise UsageError("`monitor serve` comes with a later release", HINT)


def worker(*, config: ConfigFile = DEFAULT) -> None:
    """Run only the worker, as many as wanted: comes with a later release."""
    from monitor.errors import UsageError  # noqa: PLC0415

    del config
    raise UsageError("`monitor worker` comes with a later release", HINT)
