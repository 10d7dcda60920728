"""The application: every command by its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import typer

from monitor.cli.apply import apply
from monitor.cli.audit import audit
from monitor.cli.backtest import backtest
from monitor.cli.backup import backup
from monitor.cli.db import db
from monitor.cli.deliveries import deliveries
from monitor.cli.demo import demo
from monitor.cli.doctor import doctor
from monitor.cli.incidents import incidents
from monitor.cli.init import init
from monitor.cli.keys import keys
from monitor.cli.measurements import measurements
from monitor.cli.promote import promote
from monitor.cli.report import report
from monitor.cli.retraining import retraining
from monitor.cli.retry import retry
from monitor.cli.run import run
from monitor.cli.runs import runs
from monitor.cli.serve import serve
from monitor.cli.silences import silences
from monitor.cli.status import status
from monitor.cli.users import users
from monitor.cli.validate import validate
from monitor.cli.worker import worker

app = typer.Typer(
    name="monitor",
    help="Watch models in production: drift, performance and fairness from logged predictions.",
    epilog="Every command takes -c FILE, by default ./monitor.yaml. Exit codes: 0 done, 1 something failed, "
    "2 wrong usage or configuration, 3 `run --fail-on-alert` and an incident is open.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
)

COMMANDS: dict[Callable[..., None], str] = {
    init: "Write a starter monitor.yaml from a look at a table.",
    validate: "Check the file, and every table, column and type in it.",
    apply: "Register the models in the store; print what changed.",
    run: "Evaluate every window that is due, now.",
    measurements: "Print stored measurements: table, JSON or CSV.",
    report: "Write an Evidently report of one window as HTML.",
    status: "Print how far every model is, and how late.",
    promote: "Make a past interval the reference, or go back.",
    retry: "Give windows that were given up a second chance.",
    runs: "Print the ledger of windows: when, how many rows, faults.",
    backtest: "Print when rules would have fired, over what is stored.",
    backup: "Copy the store to a file.",
    doctor: "Look at versions, store, sources, disk, clock.",
    demo: "Monitor five sample models, print what was found.",
    serve: "Work off windows as they come due, and serve.",
    worker: "Only work them off; as many workers as wanted.",
}
for command, summary in COMMANDS.items():
    app.command(short_help=summary)(command)
app.add_typer(incidents, name="incidents", short_help="What is wrong with models, and who looks after it.")
app.add_typer(silences, name="silences", short_help="What nobody wants to hear of for a while.")
app.add_typer(retraining, name="retraining", short_help="Which models to train anew, and who is at it.")
app.add_typer(deliveries, name="deliveries", short_help="Notices that wait or were given up, and trying again.")
app.add_typer(keys, name="keys", short_help="What programs prove themselves by.")
app.add_typer(users, name="users", short_help="The people who may log in.")
app.add_typer(audit, name="audit", short_help="Who changed what, and proof that nobody rewrote it.")
app.add_typer(db, name="db", short_help="Make, upgrade and check the store's tables.")


@cache
def built() -> Callable[..., Any]:
    """Return what parses a line and calls its command: made once, since all options are looked at for it."""
    return typer.main.get_command(app)


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
