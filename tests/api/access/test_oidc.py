"""Logging in at a provider: the whole flow against one that runs, and every way in which it could be deceived."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import RSAKey

from monitor.domain.principal import LOCAL
from monitor.service.access import users
from monitor.service.access.audit import exported
from tests.api.access.house import House
from tests.api.access.provider import SECRET, Provider, running
from tests.api.access.visitor import Visitor

GRANTS = "[{group: admins, role: admin}, {group: risk, role: operator, models: ['fraud*']}]"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Give a running provider of identities."""
    with running() as found:
        yield found


@pytest.fixture
def visitor(house: House, provider: Provider) -> Visitor:
    """Give a browser before a service that sends people to the provider."""
    house.more = (
        f"access: {{oidc: {{issuer: '{provider.issuer}', client_id: monitor, client_secret: '{SECRET}',"
        f" allow_private: true, grants: {GRANTS}}}}}\n"
    )
    return house.visitor()


def _back(
    visitor: Visitor, provider: Provider, path: str = "/login/oidc?next=%2Fdash%2Fmodels%2Ffraud"
) -> httpx.Response:
    led = visitor.get(path)
    assert led.status_code == 303
    return visitor.get(provider.consent(led.headers["location"]).removeprefix(visitor.base))


def test_people_log_in_at_the_provider(visitor: Visitor, provider: Provider) -> None:
    """From the login page to the provider and back to the page that was wanted, as whom the grants say."""
    assert visitor.get("/dash/").status_code == 303
    assert "Log in at 127.0.0.1" in visitor.get("/login").text
    answer = _back(visitor, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dash/models/fraud")
    assert visitor.get("/dash/").json()["who"] == "user ann"
    assert "monitor-login" not in visitor.cookies


def test_the_first_grant_that_fits_counts(house: House, visitor: Visitor, provider: Provider) -> None:
    """Groups give the role, anew at every login; a user without a grant does not come in."""
    _back(visitor, provider)
    assert [(user.role, user.models) for user in users.listed(house.store)] == [("operator", "fraud*")]
    provider.claims["groups"] = ["risk", "admins"]
    _back(house.visitor(), provider)
    assert [(user.role, user.models) for user in users.listed(house.store)] == [("admin", "*")]
    told = [(one["action"], (one["before"] or {}).get("role"), one["after"]["role"]) for one in exported(house.store)]
    assert [one for one in told if one[0] != "login"] == [
        ("user.add", None, "operator"),
        ("user.change", "operator", "admin"),
    ]
    for groups in ([], ["others"], "riskier", None, [["risk"]], {"risk": 1}):
        provider.claims["groups"] = groups
        stranger = house.visitor()
        answer = _back(stranger, provider)
        assert answer.status_code == 403
        assert "nobody has given your groups access" in answer.text
        assert stranger.get("/dash/").status_code == 303


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"}, {"aud": "another"}, {"aud": ["monitor", "another"]}, {"azp": "another"},
        {"exp": 1}, {"exp": None}, {"exp": "soon"}, {"iat": 9_999_999_999}, {"iat": None},
        {"nbf": 9_999_999_999}, {"nonce": "another"}, {"nonce": None}, {"sub": None}, {"sub": ""}, {"sub": 7},
        {"aud": None}, {"iss": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_says_something_else_is_refused(
    visitor: Visitor, provider: Provider, lies: dict[str, object]
) -> None:
    """A token of another issuer, for another client, of another time or another login lets nobody in."""
    provider.lies = lies
    assert _back(visitor, provider).status_code == 403
    assert visitor.get("/dash/").status_code == 303


def test_several_audiences_need_the_right_party(visitor: Visitor, provider: Provider) -> None:
    """A token for several says for whom it was issued."""
    provider.lies = {"aud": ["monitor", "another"], "azp": "monitor"}
    assert _back(visitor, provider).status_code == 303
    assert visitor.get("/dash/").status_code == 200


@pytest.mark.parametrize("way", ["none", "hmac", "another key", "another key of the same id", "rs512"])
def test_a_token_signed_otherwise_is_refused(visitor: Visitor, provider: Provider, way: str) -> None:
    """Unsigned, by HMAC with the public key, by another key, or by an algorithm that we do not take."""
    if way == "hmac":
        provider.forge_with_public_key()
    elif way.startswith("another"):
        kid = "one" if way.endswith("id") else "two"
        provider.signer, provider.header = RSAKey.generate_key(2048), {"alg": "RS256", "kid": kid}
    else:
        provider.header = {"alg": "none" if way == "none" else "RS512", "kid": "one"}
    assert _back(visitor, provider).status_code == 403
    assert visitor.get("/dash/").status_code == 303


def test_new_keys_are_asked_for(house: House, visitor: Visitor, provider: Provider) -> None:
    """A provider that signs with a new key is believed after a look at its keys, at most twice a minute."""
    assert _back(visitor, provider).status_code == 303
    provider.key, provider.header = RSAKey.generate_key(2048, {"kid": "two"}), {"alg": "RS256", "kid": "two"}
    assert _back(visitor, provider).status_code == 403
    house.now += timedelta(seconds=31)
    before = provider.asked.count("/keys")
    provider.lies = {"exp": time.time() + 999}
    assert _back(visitor, provider).status_code == 303
    assert _back(visitor, provider).status_code == 303
    assert provider.asked.count("/keys") == before + 1


def test_the_answer_belongs_to_the_browser_that_asked(house: House, visitor: Visitor, provider: Provider) -> None:
    """A state of another browser, a changed one, none, and a second use of a code let nobody in."""
    to = visitor.get("/login/oidc").headers["location"]
    back = provider.consent(to).removeprefix(visitor.base)
    assert house.visitor().get(back).status_code == 403
    assert visitor.get(re.sub("state=.", "state=_", back)).status_code == 403
    assert visitor.get(re.sub("&state=[^&]*", "", back)).status_code == 403
    assert visitor.get("/login/oidc/callback?error=access_denied&" + back.partition("?")[2]).status_code == 403
    assert visitor.get(back.replace("iss=http", "iss=https")).status_code == 403
    assert visitor.get(back).status_code == 303
    assert visitor.get(back).status_code == 403


def test_what_the_browser_keeps_is_sealed(visitor: Visitor, provider: Provider) -> None:
    """A cookie that was written or changed by somebody else, or is old, is none."""
    visitor.get("/login/oidc")
    name = next(iter(visitor.cookies))
    sealed = visitor.cookies[name]
    back = provider.consent(visitor.get("/login/oidc").headers["location"]).removeprefix(visitor.base)
    for wrong in (sealed, "x" + sealed[1:], sealed.partition(".")[0], "e30=." + "0" * 64, "."):
        visitor.cookies.clear()
        visitor.cookies.set(name, wrong, domain="127.0.0.1")
        assert visitor.get(back).status_code == 403


def test_a_login_does_not_wait_for_ever(house: House, visitor: Visitor, provider: Provider) -> None:
    """After ten minutes it has to be begun again."""
    back = provider.consent(visitor.get("/login/oidc").headers["location"]).removeprefix(visitor.base)
    house.now += timedelta(minutes=11)
    assert visitor.get(back).status_code == 403


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://x/token"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_provider_that_is_another_one_is_not_asked(
    visitor: Visitor, provider: Provider, about: dict[str, object]
) -> None:
    """What calls itself by another name, or sends to strange addresses, is told no secret."""
    provider.about = about
    assert visitor.get("/login/oidc").headers["location"] == "/login"
    assert "/token" not in provider.asked


def test_disabled_people_stay_out(house: House, visitor: Visitor, provider: Provider) -> None:
    """Whom the provider still knows may have been shut out here."""
    _back(visitor, provider)
    users.change(house.store, "ann", by=LOCAL, disabled=True)
    assert visitor.get("/dash/").status_code == 303
    answer = _back(visitor, provider)
    assert answer.status_code == 403
    assert "ended by an administrator" in answer.text


def test_without_a_provider_there_is_no_such_page(house: House) -> None:
    """The pages of the flow are there when it is configured."""
    house.user()
    assert [house.visitor().get(path).status_code for path in ("/login/oidc", "/login/oidc/callback")] == [404, 404]


def test_a_provider_alone_closes_the_house(house: House, visitor: Visitor) -> None:
    """With a provider configured nobody is taken for who sits here."""
    assert visitor.get("/metrics").status_code == 401
