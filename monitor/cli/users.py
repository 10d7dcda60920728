"""``monitor users``: the people who may log in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DEFAULT, ConfigFile, Json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor.service.access.users import Invited
    from monitor.store.engine import Store
    from monitor.store.users import StoredUser

users = typer.Typer(
    help="Add, list, change and disable the people who log in with a password.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Who = Annotated[str, typer.Argument(metavar="NAME", help="The user's name: letters, digits and . _ @ + -")]
Role = Annotated[str, typer.Option(metavar="ROLE", help="One of viewer, operator, editor, admin.")]
NewRole = Annotated[str | None, typer.Option("--role", metavar="ROLE", help="The role from now on.")]
Patterns = Annotated[
    list[str] | None,
    typer.Option("--models", metavar="PATTERN", help="Only models whose names fit, such as 'fraud-*'; several times."),
]
TITLES = ("name", "role", "models", "state", "login", "last login")


@users.command()
def add(
    name: Who, *, config: ConfigFile = DEFAULT, role: Role = "viewer", models: Patterns = None, json: Json = False
) -> None:
    """Add a user and print the token by which the password is set, once, within a day."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.service.access import users as service  # noqa: PLC0415

    _tell(_with(config, lambda store: service.add(store, name=name, role=role, models=models, by=operator())), json)


@users.command()
def token(name: Who, *, config: ConfigFile = DEFAULT, json: Json = False) -> None:
    """Print a new token by which a user sets the password: for the first time, or a forgotten one."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.service.access import users as service  # noqa: PLC0415

    _tell(_with(config, lambda store: service.invite(store, name, by=operator())), json)


@users.command()
def password(name: Who, *, config: ConfigFile = DEFAULT) -> None:
    """Set a user's password, asked for here or read from a pipe; the user's sessions end."""
    import sys  # noqa: PLC0415
    from getpass import getpass  # noqa: PLC0415

    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service.access import users as service  # noqa: PLC0415

    if sys.stdin.isatty():
        chosen = getpass("New password: ")
        if getpass("Once more: ") != chosen:
            raise UsageError("the two passwords differ", "try again")
    else:
        chosen = sys.stdin.readline().rstrip("\n")
    done = _with(config, lambda store: service.set_password(store, name, chosen, by=operator()))
    print(f"the password of {done.name} is set")


@users.command("list")
def list_(*, config: ConfigFile = DEFAULT, json: Json = False) -> None:
    """Print the users there are."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.access import users as service  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    with opened(load(config)) as store:
        found = service.listed(store)
    if json:
        print_json(map(service.flat, found))
    elif not found:
        print("There are no users: `monitor users add NAME --role admin` adds the first.")
    else:
        _print(found)


@users.command()
def change(name: Who, *, config: ConfigFile = DEFAULT, role: NewRole = None, models: Patterns = None) -> None:
    """Give a user another role, or other models."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.service.access import users as service  # noqa: PLC0415

    done = _with(config, lambda store: service.change(store, name, by=operator(), role=role, models=models))
    print(f"{done.name} is {done.role} of {', '.join(service.flat(done)['models'])}")


@users.command()
def disable(name: Who, *, config: ConfigFile = DEFAULT) -> None:
    """Let a user in no more; the user's sessions end."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.service.access import users as service  # noqa: PLC0415

    done = _with(config, lambda store: service.change(store, name, by=operator(), disabled=True))
    print(f"{done.name} is disabled")


@users.command()
def enable(name: Who, *, config: ConfigFile = DEFAULT) -> None:
    """Let a user in again who was disabled."""
    from monitor.cli.acting import operator  # noqa: PLC0415
    from monitor.service.access import users as service  # noqa: PLC0415

    done = _with(config, lambda store: service.change(store, name, by=operator(), disabled=False))
    print(f"{done.name} is enabled")


def _with(config: Path, act: Callable[[Store], Any]) -> Any:
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    with opened(load(config), writing=True) as store:
        return act(store)


def _tell(done: Invited, json: bool) -> None:
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.saying import note  # noqa: PLC0415
    from monitor.service.access.users import flat  # noqa: PLC0415

    if json:
        print_json([flat(done.user) | {"token": done.token}])
        return
    print(done.token)
    note(f"{done.user.name} sets the password with it at /login/token, once, within a day; it is not shown again")


def _print(found: list[StoredUser]) -> None:
    from monitor.cli.table import NARROW, table  # noqa: PLC0415
    from monitor.cli.wording import minute  # noqa: PLC0415
    from monitor.service.access.users import flat  # noqa: PLC0415

    rows = []
    for user in found:
        told = flat(user)
        last = minute(user.seen_at, "UTC") if user.seen_at else "never"
        rows.append([user.name, user.role, ", ".join(told["models"]), told["state"], told["login"], last])
    for line in table(TITLES, rows, cuttable=("name", "models"), widest=NARROW):
        print(line)
    print("Times in UTC.")
