"""What people do goes through one door: undone by the database, it is done again, and once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import monitor
from monitor.domain.principal import LOCAL
from monitor.service.access import keys, login, pepper, users
from monitor.service.access.login import Desk
from monitor.store import audit, clock
from monitor.store.engine import Store, open_store
from monitor.store.migration import upgrade
from tests.store.conftest import durable_database

__all__ = ["durable_database"]
# What a worker does again by itself a moment later, or may be left undone.
LEFT = {
    "api": set(),
    "cli": set(),
    "service": {
        "dispatch", "doctor", "ingest", "job", "keys", "pepper", "preparing", "recommend", "repeating", "retain",
        "news", "sessions", "sign_of_life",
    },
}  # fmt: skip
PLANT = """
CREATE SEQUENCE planted;
CREATE FUNCTION plant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('planted') % 2 = 1 THEN RAISE EXCEPTION 'planted' USING ERRCODE = '40P01'; END IF;
  RETURN NULL; END $$;
CREATE TRIGGER plant AFTER INSERT ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION plant();
"""


def _writing(room: str) -> Iterator[str]:
    """Yield the modules of a room that open a transaction which is not repeated."""
    for path in sorted((Path(monitor.__file__).parent / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr == "write" and "store" in ast.unparse(called.value):
                yield path.stem


@pytest.mark.parametrize("room", LEFT)
def test_no_other_door(room: str) -> None:
    """Whoever writes what a person wants does it by `Store.transact`."""
    assert set(_writing(room)) <= LEFT[room]


@pytest.fixture
def contested(durable_database: str, tmp_path: Path) -> Iterator[Store]:
    """Give a store that undoes every transaction that writes into the audit log, the first time."""
    store = open_store(durable_database, folder=tmp_path)
    upgrade(store)
    with psycopg.connect(durable_database, autocommit=True) as connection:
        connection.execute(PLANT)
    yield store
    store.close()


def test_what_was_undone_is_done_again(contested: Store) -> None:
    """Keys, users and logins come through, each once, and each is told once."""
    salt = pepper.of(contested)
    made = keys.create(contested, name="ci", role="viewer", by=LOCAL)
    keys.revoke(contested, made.row.id, by=LOCAL)
    invited = users.add(contested, name="ann", role="operator", by=LOCAL)
    users.change(contested, "ann", by=LOCAL, role="viewer")
    with contested.read() as conn:
        now = clock.now(conn)
    desk = Desk(contested, salt, now, "127.0.0.1")
    login.with_token(desk, "ann", invited.token, "four words no one-guesses")
    with contested.read() as conn:
        actions = [entry.action for entry in audit.every(conn)]
    assert actions == ["key.create", "key.revoke", "user.add", "user.change", "login"]
    assert [row.id for row in keys.listed(contested)] == [made.row.id]
