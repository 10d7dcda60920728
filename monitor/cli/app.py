"""The application: every command by its name."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.apply import apply
from monitor.cli.backup import backup
from monitor.cli.db import db
from monitor.cli.demo import demo
from monitor.cli.doctor import doctor
from monitor.cli.init import init
from monitor.cli.measurements import measurements
from monitor.cli.report import report
from monitor.cli.run import run
from monitor.cli.runs import runs
from monitor.cli.serve import serve, worker
from monitor.cli.status import status
from monitor.cli.validate import validate

app = typer.Typer(
    name="monitor",
    help="Watch models in production: drift, performance and fairness from logged predictions.",
    epilog="Every command takes -c FILE, by default ./monitor.yaml. Exit codes: 0 done, 1 something failed, "
    "2 wrong usage or configuration.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
)

for command in (init, validate, apply, run, measurements, report, status, runs, backup, doctor, demo, serve, worker):
    app.command()(command)
app.add_typer(db, name="db")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        print(f"monitor {version('model-monitor')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Do what stands before every command: nothing but ``--version``."""
    del version
