"""``monitor serve``: the API, the dashboard and a worker, for as long as it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile
from monitor.cli.worker import Memory, Slots, Timeout, Verbose

Certificate = Annotated[Path | None, typer.Option("--tls-certificate", help="PEM file: serve by https with it.")]
Key = Annotated[Path | None, typer.Option("--tls-key", help="PEM file of the certificate's key.")]
Proxies = Annotated[
    list[str] | None,
    typer.Option("--behind-proxy", metavar="ADDRESS", help="Believe X-Forwarded-* headers from there; repeatable."),
]


def serve(
    *,
    config: ConfigFile = DEFAULT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any that is free.", min=0, max=65535)] = 8050,
    tls_certificate: Certificate = None,
    tls_key: Key = None,
    behind_proxy: Proxies = None,
    no_scheduler: Annotated[bool, typer.Option("--no-scheduler", help="Serve only; workers run elsewhere.")] = False,
    slots: Slots = 1,
    memory: Memory = None,
    timeout: Timeout = 15.0,
    verbose: Verbose = False,
) -> None:
    """Serve the API and the dashboard and work off every window as it comes due, until SIGTERM.

    SIGHUP reads the file again; a wrong one is refused and the old one stays in force. Without any key or user it
    listens on this machine only.
    """
    from functools import partial  # noqa: PLC0415

    from monitor.api.proxies import believed  # noqa: PLC0415
    from monitor.api.server import Place  # noqa: PLC0415
    from monitor.cli.attendance import attend, go_on_beside, work_beside  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.scheduler.beside import Work  # noqa: PLC0415
    from monitor.service.demo.trickle import PACE, Clock  # noqa: PLC0415

    if (tls_certificate is None) != (tls_key is None):
        raise UsageError("a certificate and its key go together", "give both --tls-certificate and --tls-key")
    place = Place(host, port, tls_certificate, tls_key, believed(behind_proxy or ()))
    work: Work = partial(work_beside, config, slots=slots, memory=memory, timeout=timeout, verbose=verbose)
    clock = Clock(config.parent)
    if not clock.goes:
        attend(config, place, None if no_scheduler else work, verbose=verbose)
        return
    work = partial(go_on_beside, config, work)
    attend(config, place, None if no_scheduler else work, verbose=verbose, now=clock.now, note=f"A demo: {PACE}.")
