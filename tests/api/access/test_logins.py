"""Users log in by password, by a token that sets it, or by a provider; sessions end by time and by disabling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.principal import LOCAL, ROLES
from monitor.errors import UsageError
from monitor.service.access import audit, login, sessions, throttle, users
from monitor.service.access.login import Desk, LoginRefused
from monitor.service.access.pepper import Pepper
from monitor.store.engine import Store

PASSWORD = "four words no one-guesses"
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(store: Store, salt: Pepper) -> Desk:
    """Give a place to log in at."""
    return Desk(store, salt, datetime.now(UTC), "203.0.113.9")


def _ann(desk: Desk, role: str = "operator") -> str:
    invited = users.add(desk.store, name="Ann", role=role, models=["fraud-*"], by=LOCAL)
    return login.with_token(desk, "ann", invited.token, PASSWORD)


def test_a_token_sets_the_password_once(desk: Desk) -> None:
    """With the operator's token a user chooses a password and is in; the token is void then."""
    invited = users.add(desk.store, name="ann", role="admin", by=LOCAL)
    with pytest.raises(UsageError):
        login.with_token(desk, "ann", invited.token, "short")
    session = login.with_token(desk, "ann", invited.token, PASSWORD)
    found = sessions.who(desk.store, desk.salt, session, desk.now)
    assert found is not None
    assert (found.name, found.scopes) == ("user ann", ROLES["admin"])
    with pytest.raises(LoginRefused):
        login.with_token(desk, "ann", invited.token, PASSWORD)
    assert users.flat(users.listed(desk.store)[0])["state"] == "active"


def test_a_token_dies_after_a_day(desk: Desk) -> None:
    """Nor does another user's token help."""
    invited = users.add(desk.store, name="ann", role="admin", by=LOCAL)
    users.add(desk.store, name="bob", role="viewer", by=LOCAL)
    for name, later in (("bob", timedelta(0)), ("ann", timedelta(hours=25))):
        with pytest.raises(LoginRefused):
            login.with_token(replace(desk, now=desk.now + later), name, invited.token, PASSWORD)


def test_the_password_lets_in(desk: Desk) -> None:
    """The right password begins a new session each time; a wrong one and an unknown name are refused alike."""
    first = _ann(desk)
    second = login.with_password(desk, "ANN", PASSWORD)
    assert first != second
    for name, password in (("ann", "wrong"), ("bob", PASSWORD), ("", ""), ("ann\0\ud800", "\ud800")):
        with pytest.raises(LoginRefused) as refused:
            login.with_password(desk, name, password)
        assert not refused.value.throttled


@pytest.mark.parametrize(("later", "lets"), [(7.9, True), (8, False), (25, False)])
def test_idle_sessions_end(desk: Desk, later: float, lets: bool) -> None:
    """A session that nobody used for 8 hours is over."""
    token = _ann(desk)
    assert (sessions.who(desk.store, desk.salt, token, desk.now + later * HOUR) is not None) is lets


def test_used_sessions_end_too(desk: Desk) -> None:
    """However busy, a session is over after 24 hours."""
    token = _ann(desk)
    lived = [sessions.who(desk.store, desk.salt, token, desk.now + hours * HOUR) is not None for hours in range(26)]
    assert lived == [True] * 24 + [False] * 2


def test_logout_and_disabling_end_sessions(desk: Desk) -> None:
    """What a browser still holds after logout is nothing; whoever is disabled is out everywhere."""
    one, two = _ann(desk), login.with_password(desk, "ann", PASSWORD)
    sessions.end(desk.store, desk.salt, one, by=LOCAL)
    assert sessions.who(desk.store, desk.salt, one, desk.now) is None
    assert sessions.who(desk.store, desk.salt, two, desk.now) is not None
    users.change(desk.store, "ann", by=LOCAL, disabled=True)
    assert sessions.who(desk.store, desk.salt, two, desk.now) is None
    with pytest.raises(LoginRefused):
        login.with_password(desk, "ann", PASSWORD)
    users.change(desk.store, "ann", by=LOCAL, disabled=False)
    assert sessions.who(desk.store, desk.salt, two, desk.now) is None


def test_a_new_password_ends_sessions(desk: Desk) -> None:
    """Who stole a session loses it with the password."""
    token = _ann(desk)
    users.set_password(desk.store, "ann", PASSWORD + "!", by=LOCAL)
    assert sessions.who(desk.store, desk.salt, token, desk.now) is None


def test_a_role_holds_at_once(desk: Desk) -> None:
    """A session has no rights of its own: those of its user are looked up."""
    token = _ann(desk)
    users.change(desk.store, "ann", by=LOCAL, role="viewer", models=["churn"])
    found = sessions.who(desk.store, desk.salt, token, desk.now)
    assert found is not None
    assert (found.scopes, found.models) == (ROLES["viewer"], ("churn",))


def test_guessing_is_throttled(desk: Desk) -> None:
    """After five wrong guesses from an address the right one is not looked at either, until 15 minutes are over."""
    _ann(desk)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            login.with_password(desk, "ann", "wrong")
    for way in (login.with_password,):
        with pytest.raises(LoginRefused) as refused:
            way(desk, "ann", PASSWORD)
        assert refused.value.throttled
    assert login.with_password(replace(desk, address="198.51.100.1"), "ann", PASSWORD)
    assert login.with_password(replace(desk, now=desk.now + timedelta(minutes=16)), "ann", PASSWORD)


def test_an_address_that_tries_everybody_is_throttled(desk: Desk) -> None:
    """Many accounts from one network count together."""
    tried = [throttle.attempt(desk.store, f"user{i}", f"2001:db8::{i:x}", desk.now) for i in range(110)]
    assert tried == [True] * 100 + [False] * 10


def test_success_forgets_failures(desk: Desk) -> None:
    """Who remembers his password in the end is not counted as guessing."""
    _ann(desk)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(LoginRefused):
                login.with_password(desk, "ann", "wrong")
        login.with_password(desk, "ann", PASSWORD)


def test_providers_vouch(desk: Desk) -> None:
    """Who comes from a provider gets a user of his own, never that of a local one, with the role of this login."""
    _ann(desk)
    known = {"issuer": "https://id", "subject": "7", "name": "ann"}
    token = login.with_identity(desk, **known, role="viewer")
    found = sessions.who(desk.store, desk.salt, token, desk.now)
    assert found is not None
    assert found.name.startswith("user ann+")
    assert found.scopes == ROLES["viewer"]
    login.with_identity(desk, **known, role="editor", models=["a", "b"])
    found = sessions.who(desk.store, desk.salt, token, desk.now)
    assert found is not None
    assert (found.scopes, found.models) == (ROLES["editor"], ("a", "b"))
    name = found.name.removeprefix("user ")
    users.change(desk.store, name, by=LOCAL, disabled=True)
    with pytest.raises(LoginRefused):
        login.with_identity(desk, **known, role="editor")
    for act in (lambda: users.invite(desk.store, name, by=LOCAL),
                lambda: users.set_password(desk.store, name, PASSWORD, by=LOCAL)):  # fmt: skip
        with pytest.raises(UsageError):
            act()


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "<b>", "ann\n", "é", "x" * 101])
def test_names_are_plain(desk: Desk, name: str) -> None:
    """A name that could be mistaken, or written into a page, is none."""
    if name.strip() == "ann":
        assert users.add(desk.store, name=name, role="viewer", by=LOCAL).user.name == "ann"
        return
    with pytest.raises(UsageError):
        users.add(desk.store, name=name, role="viewer", by=LOCAL)


def test_it_is_all_written_down(desk: Desk) -> None:
    """Adding, logging in, changing and logging out stand in the audit log, without any secret."""
    token = _ann(desk)
    users.change(desk.store, "ann", by=LOCAL, role="viewer")
    users.change(desk.store, "ann", by=LOCAL, role="viewer")
    sessions.end(desk.store, desk.salt, token, by=LOCAL)
    log = list(audit.exported(desk.store))
    assert [one["action"] for one in log] == ["user.add", "login", "user.change", "logout"]
    assert token not in str(log)
    assert PASSWORD not in str(log)
