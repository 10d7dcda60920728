"""The audit log only grows, and shows when somebody rewrote it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from monitor.domain.principal import Principal
from monitor.errors import StoreError
from monitor.service.access import audit
from monitor.service.access.audit import Proof, record, verify
from monitor.store import audit as log

if TYPE_CHECKING:
    from monitor.store.engine import Store

ANN = Principal("user ann")


def _write(store: Store, count: int) -> None:
    for i in range(count):
        with store.write() as conn:
            record(conn, ANN, "key.create", f"key {i}\0\ud800", None, {"role": "viewer", "n": i}, f"r{i}")


def _unlocked(store: Store, statement: str) -> None:
    """Change the log as somebody would who owns the database."""
    with store.write() as conn:
        if store.dialect == "postgresql":
            conn.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                conn.execute(text(f"DROP TRIGGER audit_log_no_{verb}"))
        conn.execute(text(statement))


def test_entries_are_numbered_and_proved(store: Store) -> None:
    """What was recorded comes back in order, whatever characters it holds, and the chain holds."""
    _write(store, 3)
    found = list(audit.exported(store))
    assert [(one["seq"], one["object"], one["after"]["n"]) for one in found] == [
        (i + 1, f"key {i}\0\ud800", i) for i in range(3)
    ]
    assert verify(store) == Proof(3, found[-1]["hash"])


def test_the_newest_come_first_a_page_at_a_time(store: Store) -> None:
    """A page ends where the next one begins."""
    _write(store, 5)
    with store.read() as conn:
        first = log.newest_first(conn, limit=2)
        second = log.newest_first(conn, before=first[-1].seq, limit=2)
    assert [entry.seq for entry in (*first, *second)] == [5, 4, 3, 2]


@pytest.mark.parametrize("verb", ["UPDATE audit_log SET actor = 'bob'", "DELETE FROM audit_log"])
def test_the_database_refuses_to_rewrite(store: Store, verb: str) -> None:
    """Neither changing nor removing a row goes through, even without our code."""
    _write(store, 1)
    with pytest.raises((StoreError, IntegrityError), match="only ever added to"), store.write() as conn:
        conn.execute(text(verb))


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_log SET actor = 'user bob' WHERE seq = 2", 2),
        ("UPDATE audit_log SET after = NULL WHERE seq = 2", 2),
        ("DELETE FROM audit_log WHERE seq = 2", 2),
        ("DELETE FROM audit_log WHERE seq = 3", 3),
        ("DELETE FROM audit_log", 1),
    ],
)
def test_rewriting_is_seen(store: Store, statement: str, broken: int) -> None:
    """A changed, a removed and a missing last entry are named by their number."""
    _write(store, 3)
    _unlocked(store, statement)
    assert verify(store).broken_at == broken


def test_what_is_undone_leaves_no_entry(store: Store) -> None:
    """An entry is in the transaction of what it tells of."""

    def fail() -> None:
        with store.write() as conn:
            record(conn, ANN, "key.create", "key x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    _write(store, 1)
    assert verify(store).entries == 1
    assert verify(store).broken_at is None


def test_many_writers_make_one_chain(store: Store) -> None:
    """Entries of writers at once have no gap, and each follows the last."""
    work: Callable[[int], None] = lambda _: _write(store, 5)  # noqa: E731 - a name for what threads do
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert verify(store).entries == 20
    assert verify(store).broken_at is None


def test_secrets_and_long_facts_are_kept_out(store: Store) -> None:
    """A password in a URL is masked, and facts too long for a row are shortened."""
    with store.write() as conn:
        record(conn, ANN, "config.apply", "models", {"url": "postgresql://a:canary1@b/c"}, {"text": "x" * 10_000})
    (found,) = audit.exported(store)
    assert "canary1" not in str(found)
    assert len(str(found)) < 5000
