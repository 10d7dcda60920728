"""``monitor serve``: everything in one process, for as long as it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile
from monitor.cli.worker import Memory, Slots, Timeout, Verbose

LATER = (
    "the API and the dashboard come with a later release: nothing listens at {host}:{port} yet, "
    "windows are worked off as they come due"
)


def serve(
    *,
    config: ConfigFile = DEFAULT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8050,
    no_scheduler: Annotated[bool, typer.Option("--no-scheduler", help="Serve only; workers run elsewhere.")] = False,
    slots: Slots = 1,
    memory: Memory = None,
    timeout: Timeout = 15.0,
    verbose: Verbose = False,
) -> None:
    """Work off every window as it comes due, until SIGTERM; API and dashboard come with a later release."""
    from monitor.cli.entry import note  # noqa: PLC0415
    from monitor.cli.worker import work  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415

    if no_scheduler:
        hint = "leave out --no-scheduler, or run `monitor worker`"
        raise UsageError("without the scheduler `monitor serve` has nothing to do until it has an API", hint)
    note(LATER.format(host=host, port=port))
    work(config, slots=slots, memory=memory, timeout=timeout, verbose=verbose)
