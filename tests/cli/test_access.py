"""Keys, users and the audit log from a terminal."""

from __future__ import annotations

import io
import re
import shlex
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from monitor.cli.app import app
from monitor.config import load_text
from monitor.domain.key_text import parse
from monitor.service.access import keys, pepper
from monitor.store.engine import open_store
from tests.cli.conftest import Desk

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")


def _who(desk: Desk, key: str) -> str | None:
    store = open_store("sqlite:///monitor.db", folder=desk.folder)
    try:
        found = keys.who(store, pepper.of(store), key, datetime.now(UTC))
        return found and found.name
    finally:
        store.close()


def test_a_key_is_printed_once(desk: Desk) -> None:
    """The first command makes store and key; the key stands on stdout alone, and in no later output."""
    made = desk("keys", "create", "--name", "ci", "--role", "viewer", "--models", "fraud-*", "--models", "churn")
    key = made.out.strip()
    assert made.code == 0
    assert parse(key) is not None
    assert "not shown again" in made.err
    assert _who(desk, key) == "key ci"
    listed = desk("keys", "list")
    assert "fraud-*, churn" in listed.out
    assert key.split("_")[2] not in listed.out + desk("keys", "list", "--json").out + desk("audit", "export").out


def test_keys_as_json(desk: Desk) -> None:
    """Machines read the key and what it may from one line, and what became of it later."""
    (made,) = desk("keys", "create", "--name", "ci", "--role", "ingest", "--expires", "90d", "--json").records
    assert (made["name"], made["role"], made["models"], made["state"]) == ("ci", "ingest", ["*"], "active")
    assert made["expires_at"] > made["created_at"]
    (gone,) = desk("keys", "revoke", made["id"], "--json").records
    assert gone["state"] == "revoked"
    assert [one["state"] for one in desk("keys", "list", "--json").records] == ["revoked"]
    assert "key" not in gone
    assert _who(desk, made["key"]) is None


@pytest.mark.parametrize(
    "wrong",
    [
        ("keys", "create", "--name", "a", "--role", "root"),
        ("keys", "create", "--name", "", "--role", "viewer"),
        ("keys", "create", "--name", "a", "--role", "viewer", "--expires", "soon"),
        ("keys", "create", "--name", "a", "--role", "viewer", "--expires", "0d"),
        ("keys", "create", "--name", "a", "--role", "viewer", "--models", ""),
        ("keys", "revoke", "nothing"),
        ("users", "add", "a b"),
        ("users", "disable", "nobody"),
        ("users", "token", "nobody"),
        ("audit", "verify", "--head", "nonsense"),
    ],
)
def test_what_cannot_be_is_wrong_usage(desk: Desk, wrong: tuple[str, ...]) -> None:
    """A wrong role, name, time or pattern is told with its cure and exit code 2."""
    desk("users", "add", "ann")
    done = desk(*wrong)
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "hint: " in done.err


def test_a_user_is_added_changed_and_disabled(desk: Desk) -> None:
    """A user comes with a token, gets another role, is disabled and enabled."""
    (added,) = desk("users", "add", "Ann", "--role", "admin", "--json").records
    assert (added["name"], added["role"], added["state"]) == ("ann", "admin", "invited")
    assert len(added["token"]) == 43
    assert desk("users", "token", "ann").out.strip() != added["token"]
    assert desk("users", "change", "ann", "--role", "viewer", "--models", "churn").out == "ann is viewer of churn\n"
    for word, state in (("disable", "disabled"), ("enable", "invited")):
        assert desk("users", word, "ann").code == 0
        assert [one["state"] for one in desk("users", "list", "--json").records] == [state]
    assert "viewer" in desk("users", "list").out


def test_a_password_comes_through_a_pipe(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never as an argument, which every process of the machine could read."""
    desk("users", "add", "ann")
    for typed, code in (("short\n", 2), ("four words no one-guesses\n", 0)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        done = desk("users", "password", "ann")
        assert done.code == code
        assert typed.strip() not in done.out + done.err
    assert [one["state"] for one in desk("users", "list", "--json").records] == ["active"]


def test_nothing_yet(desk: Desk) -> None:
    """Empty lists say what would fill them."""
    desk.ran()
    assert "monitor keys create" in desk("keys", "list").out
    assert "monitor users add" in desk("users", "list").out
    assert desk("audit", "verify").out.startswith("0 entries")


def test_the_log_tells_who_and_proves_itself(desk: Desk) -> None:
    """What the terminal did is in the log under its user's name; what was rewritten is found."""
    desk("keys", "create", "--name", "a", "--role", "viewer")
    head = desk("audit", "verify").out.split("head ")[1].strip()
    desk("keys", "revoke", "a")
    log = desk("audit", "export").records
    assert [(one["action"], one["actor"].split(" ")[0]) for one in log] == [
        ("key.create", "cli"),
        ("key.revoke", "cli"),
    ]
    assert desk("audit", "verify", "--head", head).code == 0
    assert desk("audit", "verify", "--head", f"1:{'0' * 64}").code == 1
    assert desk("audit", "verify", "--head", f"9:{'0' * 64}").code == 1
    connection = sqlite3.connect(desk.folder / "monitor.db")
    connection.execute("DROP TRIGGER audit_log_no_update")
    connection.execute("UPDATE audit_log SET actor = 'somebody' WHERE seq = 2")
    connection.commit()
    connection.close()
    done = desk("audit", "verify", "--json")
    assert (done.code, done.records[0]["broken_at"]) == (1, 2)
    assert "from entry 2 on" in done.err


def test_commands_of_the_page_exist() -> None:
    """Each command that the page on access shows is one, with its options, and its configuration loads."""
    lines = re.findall(r"^ {4}monitor (.*?)(?: {2,}#.*)?$", PAGE, re.MULTILINE)
    assert len(lines) > 4
    for line in lines:
        command: Any = get_command(app)
        words = shlex.split(line)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line
    block = "".join(re.findall(r"^    (access:\n|  .*\n)", PAGE, re.MULTILINE))
    model = "models: [{name: m, task: binary, source: {url: 'ingest://', predictions: {id: a, time: b, score: c}}}]\n"
    access = load_text(model + block, env={"OIDC_SECRET": "x"}).access
    assert access.oidc is not None
    assert [grant.role for grant in access.oidc.grants] == ["admin", "operator"]


def test_a_weak_pepper_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is made on a secret that is none."""
    monkeypatch.setenv(pepper.VARIABLE, "secret")
    done = desk("keys", "create", "--name", "a", "--role", "viewer")
    assert done.code == 2
    assert "MONITOR_PEPPER" in done.err
