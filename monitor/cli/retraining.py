"""``monitor retraining``: which models to train anew, for people and programs without HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, As, ConfigFile, Json, Models, Note

if TYPE_CHECKING:
    from monitor.alerts.recommendation import Recommendation
    from monitor.service.training.retraining import Acted, By

retraining = typer.Typer(
    help="List what is recommended, claim it, report how training went, approve or decline. An ID may be shortened.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Number = Annotated[str, typer.Argument(metavar="ID", help="Of `monitor retraining list`; its beginning is enough.")]
Ticket = Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id, as `claim` has printed it.")]
Fence = Annotated[int, typer.Option(metavar="N", help="The claim's fence, as `claim` has printed it.")]
RunId = Annotated[str, typer.Option("--run", metavar="RUN", help="Names the training run; again: the same claim.")]
For = Annotated[str, typer.Option("--for", metavar="TIME", help="For how long, from 1m to 1d; heartbeats prolong it.")]
Result = Annotated[str, typer.Option("--outcome", metavar="HOW", help="deployed, no_improvement or failed.")]
Deployed = Annotated[str | None, typer.Option("--model-version", metavar="V", help="What the new version is called.")]
All = Annotated[bool, typer.Option("--all", help="Also those that are over.")]
TITLES = ("id", "opened (UTC)", "model", "state", "why")


@retraining.command("list")
def list_(*, config: ConfigFile = DEFAULT, model: Models = None, every: All = False, json: Json = False) -> None:
    """Print which models are to be trained anew, the newest recommendation first."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training.outlook import listed  # noqa: PLC0415
    from monitor.service.training.record import record  # noqa: PLC0415

    loaded = load(config)
    with opened(loaded) as store:
        found = listed(loaded, store, model, over=every)
    if json:
        print_json(map(record, found))
    elif not found:
        print("Nothing was ever recommended." if every else "No model is to be trained anew.")
    else:
        _print(found)


@retraining.command(short_help="Why, from which rows, what stands in its way.")
def show(number: Number, *, config: ConfigFile = DEFAULT, json: Json = False) -> None:
    """Print one recommendation: why, which rows to train on, what stands in its way, who is at it."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.retraining_words import page  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training.record import record  # noqa: PLC0415
    from monitor.service.training.retraining import find  # noqa: PLC0415

    with opened(load(config)) as store, store.read() as conn:
        found = find(conn, number).recommendation
    if json:
        print_json([record(found)])
        return
    for line in page(found):
        print(line)


@retraining.command(short_help="Claim it for a training run.")
def claim(
    number: Number, *, config: ConfigFile = DEFAULT, run: RunId, length: For = "1h", name: As = None, json: Json = False
) -> None:
    """Claim a recommendation, so that nobody else trains at the same time; the same run again gets the same claim."""
    from datetime import timedelta  # noqa: PLC0415

    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.access.actor import LONGEST_NAME, written  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training import retraining  # noqa: PLC0415

    who, run_id = _by(name), written(run, "--run", LONGEST_NAME)
    time = asked.length(length, "--for") or timedelta(0)
    with opened(load(config), writing=True) as store:
        done = retraining.claim(store, number, claimant=who.principal.name, run_id=run_id, ttl=time, by=who)
    _ticket(done, json=json)


@retraining.command(short_help="Have a claim last as long again.")
def heartbeat(ticket: Ticket, *, config: ConfigFile = DEFAULT, fence: Fence, json: Json = False) -> None:
    """Have a claim last as long again from now; fails when it is lost: then stop training."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training import retraining  # noqa: PLC0415

    with opened(load(config), writing=True) as store:
        _ticket(retraining.heartbeat(store, ticket, fence), json=json)


@retraining.command(short_help="Report how training went.")
def complete(
    ticket: Ticket,
    *,
    config: ConfigFile = DEFAULT,
    fence: Fence,
    outcome: Result,
    model_version: Deployed = None,
    name: As = None,
    json: Json = False,
) -> None:
    """Report how training went; fails when the claim is lost: then do not deploy."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access.actor import LONGEST_NAME, written  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training import retraining  # noqa: PLC0415

    loaded, how = load(config), retraining.outcome_of(outcome)
    version = model_version and written(model_version, "--model-version", LONGEST_NAME)
    with opened(loaded, writing=True) as store:
        done = retraining.complete(loaded, store, ticket, fence, how, model_version=version, by=_by(name))
    _say(done, json=json)


@retraining.command(short_help="Give a claim back.")
def release(ticket: Ticket, *, config: ConfigFile = DEFAULT, fence: Fence, name: As = None, json: Json = False) -> None:
    """Give a claim back, so that another run may have it; that counts as no failed attempt."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training import retraining  # noqa: PLC0415

    with opened(load(config), writing=True) as store:
        _say(retraining.release(store, ticket, fence, by=_by(name)), json=json)


@retraining.command(short_help="Let it be claimed in spite of what blocks it.")
def approve(
    number: Number, *, config: ConfigFile = DEFAULT, note: Note = None, name: As = None, json: Json = False
) -> None:
    """Let a recommendation be claimed in spite of what blocks it now."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access.actor import written  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training import retraining  # noqa: PLC0415

    said = note and written(note, "--note")
    with opened(load(config), writing=True) as store:
        _say(retraining.approve(store, number, by=_by(name), note=said), json=json)


@retraining.command(short_help="Refuse it for a while.")
def decline(
    number: Number, *, config: ConfigFile = DEFAULT, note: Note = None, name: As = None, json: Json = False
) -> None:
    """Refuse a recommendation; whoever has claimed it loses it, and none follows before the cool-down is over."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access.actor import written  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.training import retraining  # noqa: PLC0415

    loaded, said = load(config), note and written(note, "--note")
    with opened(loaded, writing=True) as store:
        _say(retraining.decline(loaded, store, number, by=_by(name), note=said), json=json)


def _by(name: str | None) -> By:
    from monitor.domain.principal import SCOPES, Principal  # noqa: PLC0415
    from monitor.service.access.actor import actor  # noqa: PLC0415
    from monitor.service.training.retraining import By  # noqa: PLC0415

    return By(Principal(actor(name), SCOPES))


def _print(found: list[Recommendation]) -> None:
    from monitor.cli.incident_words import short  # noqa: PLC0415
    from monitor.cli.retraining_words import state, why  # noqa: PLC0415
    from monitor.cli.table import NARROW, table  # noqa: PLC0415
    from monitor.cli.wording import minute  # noqa: PLC0415

    numbers = [one.id for one in found]
    rows = [[short(one.id, numbers), minute(one.opened_at), one.model, state(one), why(one)] for one in found]
    for line in table(TITLES, rows, cuttable=("model", "state", "why"), widest=NARROW):
        print(line)


def _ticket(done: Acted, *, json: bool) -> None:
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.wording import minute  # noqa: PLC0415
    from monitor.service.training.record import ticket  # noqa: PLC0415

    held = done.recommendation.claim
    if json:
        print_json([ticket(done.recommendation)])
    elif held is not None:
        print(f"{held.id} --fence {held.fence}")
        print(f"  yours until {minute(held.expires_at)} UTC; report with `monitor retraining complete`")


def _say(done: Acted, *, json: bool) -> None:
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.retraining_words import page  # noqa: PLC0415
    from monitor.service.training.record import record  # noqa: PLC0415

    if json:
        print_json([record(done.recommendation)])
        return
    for line in page(done.recommendation):
        print(line if done.changed else f"unchanged: {line}" if line.startswith("rec_") else line)
