"""Keys are shown once, proved by a digest, and work until they expire or are revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from monitor.domain.key_text import KeyText, parse
from monitor.domain.principal import LOCAL, ROLES
from monitor.errors import UsageError
from monitor.service.access import audit, keys, pepper, sessions, users
from monitor.service.access.pepper import Pepper
from monitor.store.engine import Store

DAY = timedelta(days=1)


def _now() -> datetime:
    return datetime.now(UTC)


def test_a_key_is_who_it_was_made_for(store: Store, salt: Pepper) -> None:
    """Role and patterns of a key are those of its principal."""
    made = keys.create(store, name="trainer", role="retrainer", models=["fraud-*"], by=LOCAL)
    found = keys.who(store, salt, made.text, _now())
    assert found is not None
    assert (found.name, found.scopes, found.models) == ("key trainer", ROLES["retrainer"], ("fraud-*",))
    assert parse(made.text) is not None
    assert made.text.startswith(f"mm_{made.row.id}_")


def test_no_secret_is_kept(store: Store) -> None:
    """Neither the store, nor the audit log, nor a repr holds what proves a key."""
    made = keys.create(store, name="a", role="viewer", by=LOCAL)
    secret = made.text.split("_")[2]
    with store.read() as conn:
        rows = [tuple(row) for name in ("api_keys", "audit_log") for row in conn.execute(text(f"SELECT * FROM {name}"))]
    assert len(rows) == 2
    assert secret not in f"{rows} {made!r} {parse(made.text)!r} {pepper.of(store)!r}"


@pytest.mark.parametrize("place", [3, 12, 30, 55, -1])
def test_one_wrong_character_is_enough(store: Store, salt: Pepper, place: int) -> None:
    """A key in which a character is changed proves nothing, nor does another secret under the same number."""
    made = keys.create(store, name="a", role="viewer", by=LOCAL)
    wrong = "x" if made.text[place] != "x" else "y"
    changed = made.text[:place] + wrong + made.text[place + 1 :] if place != -1 else made.text[:-1] + wrong
    other = KeyText(made.row.id, "x" * 43).text()
    assert [keys.who(store, salt, one, _now()) for one in (changed, other, "", "mm_", made.text + " ")] == [None] * 5


def test_a_store_that_cannot_be_written_keeps_nobody_out(store: Store, salt: Pepper) -> None:
    """Whose key and whose session it is can be read; that they were used is then not noted."""
    made = keys.create(store, name="a", role="viewer", by=LOCAL)
    user = users.add(store, name="ann", role="viewer", by=LOCAL).user
    with store.write() as conn:
        token = sessions.begin(conn, salt, user, _now() - timedelta(hours=1))
    frozen = Store(store.url, create_engine(f"sqlite:///file:{store.path}?mode=ro&uri=true"))
    assert keys.who(frozen, salt, made.text, _now()) is not None
    assert sessions.who(frozen, salt, token, _now()) is not None
    with frozen.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM api_keys WHERE used_at IS NULL")).scalar() == 1
    frozen.close()


def test_an_expired_key_is_none(store: Store, salt: Pepper) -> None:
    """A key works until its hour, not after."""
    made = keys.create(store, name="a", role="viewer", lasts=DAY, by=LOCAL)
    assert made.row.expires_at is not None
    assert keys.who(store, salt, made.text, made.row.expires_at - timedelta(seconds=1)) is not None
    assert keys.who(store, salt, made.text, made.row.expires_at) is None


def test_a_revoked_key_is_none(store: Store, salt: Pepper) -> None:
    """Revoking, by number or by name, ends a key at once and is written down once."""
    made = keys.create(store, name="a", role="viewer", by=LOCAL)
    first = keys.revoke(store, "a", by=LOCAL)
    assert keys.revoke(store, made.row.id, by=LOCAL).revoked_at == first.revoked_at
    assert keys.who(store, salt, made.text, _now()) is None
    assert [one["action"] for one in audit.exported(store)] == ["key.create", "key.revoke"]


def test_another_pepper_proves_nothing(store: Store, salt: Pepper) -> None:
    """Whoever has the store alone cannot make a key of it when the pepper is elsewhere."""
    made = keys.create(store, name="a", role="viewer", by=LOCAL)
    assert keys.who(store, Pepper(b"another"), made.text, _now()) is None
    assert keys.who(store, salt, made.text, _now()) is not None


def test_use_is_noted_now_and_then(store: Store, salt: Pepper) -> None:
    """When a key was last used is known to some minutes, so that reading does not write each time."""
    made = keys.create(store, name="a", role="viewer", by=LOCAL)
    start = _now()
    seen = []
    for minutes in (0, 1, 6):
        keys.who(store, salt, made.text, start + timedelta(minutes=minutes))
        seen.append(keys.listed(store)[0].used_at)
    assert seen == [start, start, start + timedelta(minutes=6)]


@pytest.mark.parametrize(
    "asked",
    [{"role": "root"}, {"models": []}, {"models": [""]}, {"name": " "}, {"lasts": timedelta(0)}, {"name": "taken"}],
)
def test_what_cannot_be_a_key_is_refused(store: Store, asked: dict[str, object]) -> None:
    """A wrong role, pattern, name or length of life makes no key."""
    keys.create(store, name="taken", role="viewer", by=LOCAL)
    with pytest.raises(UsageError):
        keys.create(store, **({"name": "a", "role": "viewer", "by": LOCAL} | asked))  # type: ignore[arg-type]
    assert len(keys.listed(store)) == 1


@pytest.mark.parametrize("weak", ["hush", "0123456789abcdef" * 4, "change-me-" + "8f3a" * 10, "a" * 64])
def test_weak_peppers_are_refused(store: Store, weak: str) -> None:
    """A pepper that is short, plain or copied from a page is no secret."""
    with pytest.raises(UsageError, match="MONITOR_PEPPER"):
        pepper.of(store, {"MONITOR_PEPPER": weak})


def test_the_stores_own_pepper_stays(store: Store) -> None:
    """Every replica gets the same pepper from the store, the environment's instead when it gives one."""
    given = "9zQ4kT7wB2nX8vL5mR1cY6hJ3dF0sGpA"
    assert pepper.of(store, {}) == pepper.of(store, {})
    assert pepper.of(store, {"MONITOR_PEPPER": given}) == Pepper(given.encode())


def test_who_a_key_is_has_its_number(store: Store, salt: Pepper) -> None:
    """A key that is called like a revoked one is told apart from it."""
    found = []
    for _ in range(2):
        made = keys.create(store, name="ci", role="viewer", by=LOCAL)
        found.append(keys.who(store, salt, made.text, _now()))
        keys.revoke(store, "ci", by=LOCAL)
    first, second = found
    assert first is not None
    assert second is not None
    assert (first.name, first.id == second.id) == (second.name, False)
