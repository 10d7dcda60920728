"""``monitor worker``: work off what is due, for as long as it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile

Slots = Annotated[int, typer.Option(help="Pieces of work done at a time, each in a process of its own.", min=1, max=64)]
Memory = Annotated[
    float | None,
    typer.Option(help="Memory that one piece of work may take, in GB; default 80 % of the machine's.", min=0.25),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log every piece of work, as MONITOR_LOG=debug does.")]
Timeout = Annotated[float, typer.Option(help="Minutes after which a piece of work is given up.", min=0.1)]


def worker(
    *,
    config: ConfigFile = DEFAULT,
    slots: Slots = 1,
    memory: Memory = None,
    timeout: Timeout = 15.0,
    verbose: Verbose = False,
) -> None:
    """Work off every window as it comes due, until SIGTERM; SIGHUP reads the file again.

    Any number of workers share a PostgreSQL store; a SQLite store takes one.
    """
    work(config, slots=slots, memory=memory, timeout=timeout, verbose=verbose)


def _nothing() -> None:
    """Do nothing."""


def work(
    config: Path,
    *,
    slots: int,
    memory: float | None,
    timeout: float,
    verbose: bool,
    ready: Callable[[], None] = _nothing,
    beat: Callable[[], None] = _nothing,
) -> None:
    """Run a worker in this process until it is asked to stop."""
    import logging  # noqa: PLC0415

    from monitor import telemetry  # noqa: PLC0415
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.scheduler.pace import Pace  # noqa: PLC0415
    from monitor.scheduler.worker import Worker  # noqa: PLC0415
    from monitor.service.opening import load_plugins, opened  # noqa: PLC0415
    from monitor.service.secrets import cleaner  # noqa: PLC0415

    loaded = load(config)
    load_plugins(loaded)
    telemetry.configure(level=logging.DEBUG if verbose else None, clean=cleaner(loaded))
    telemetry.listen()
    with opened(loaded, writing=True) as store:
        hand = Worker(loaded, store, slots, _bytes(memory, slots), Pace(timeout=timeout * 60), beat=beat, by=operator())
        hand.listen()
        hand.run(ready)


def _bytes(gigabytes: float | None, slots: int) -> int:
    import os  # noqa: PLC0415

    if gigabytes is not None:
        return int(gigabytes * 2**30)
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(0.8 * whole / slots)
