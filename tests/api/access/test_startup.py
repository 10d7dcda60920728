"""What would be open to everybody is not started."""

from __future__ import annotations

import pytest

from monitor.api.access import Settings, demand, guarded
from monitor.api.app import application
from monitor.api.correlation import correlated
from monitor.domain.principal import LOCAL
from monitor.errors import UsageError
from monitor.service.access import keys, pepper
from monitor.service.backend import Backend
from tests.api.access.house import House
from tests.api.access.visitor import Visitor

OUTSIDE = ["0.0.0.0", "::", "10.0.0.7", "monitor.example.org", "", "127.0.0.1.example.org", "0"]
INSIDE = ["127.0.0.1", "::1", "localhost", "127.0.0.2", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("host", OUTSIDE)
def test_nobody_listens_to_others_without_asking_who(house: House, host: str) -> None:
    """With neither key nor user no address that others could reach is taken; with one it is."""
    with pytest.raises(UsageError, match="asks nobody who he is"):
        demand(house.config(), house.store, host)
    house.key()
    assert demand(house.config(), house.store, host) is None
    keys.revoke(house.store, "k", by=LOCAL)
    assert demand(house.config(), house.store, host) is None


@pytest.mark.parametrize("host", INSIDE)
def test_this_machine_is_answered_and_told_so(house: House, host: str) -> None:
    """On loopback it may start, and says that it is open to whoever sits here."""
    assert "no key and no user" in str(demand(house.config(), house.store, host))
    house.user()
    assert demand(house.config(), house.store, host) is None


def test_a_provider_is_enough(house: House) -> None:
    """Who can log in elsewhere is asked who he is."""
    house.more = "access: {oidc: {issuer: 'https://id.example.org', client_id: m, grants: [{group: a, role: admin}]}}\n"
    assert demand(house.config(), house.store, "0.0.0.0") is None


def test_a_reload_without_the_provider_opens_nothing(house: House) -> None:
    """A file that no longer names the provider does not make everybody at this machine an administrator."""
    house.more = "access: {oidc: {issuer: 'https://id.example.org', client_id: m, grants: [{group: a, role: admin}]}}\n"
    backend = Backend(house.store, house.config)
    visitor = Visitor(correlated(guarded(application(backend), backend, Settings(remember=0.0))))
    assert visitor.get("/api/v1/models").status_code == 401
    house.more = ""
    assert visitor.get("/api/v1/models").status_code == 401


def test_a_weak_pepper_ends_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started on a secret that is none."""
    monkeypatch.setenv(pepper.VARIABLE, "change-me")
    with pytest.raises(UsageError, match="MONITOR_PEPPER has 9 bytes"):
        demand(house.config(), house.store, "127.0.0.1")
