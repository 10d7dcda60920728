"""The login pages: they work without scripts, tell nothing to strangers, and cannot be turned against anybody."""

from __future__ import annotations

import asyncio
import re
import socket as sockets
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import uvicorn

from monitor.domain.principal import LOCAL
from monitor.service.access import audit, users
from tests.api.access.house import PASSWORD, House
from tests.api.access.visitor import ELSEWHERE, SAME, Visitor


class _Page(HTMLParser):
    """What stands in a page: its tags, and the names of what is filled in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inputs: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        assert not {name for name in known if name.startswith("on") or name == "style"}
        if tag == "input":
            self.inputs[known["name"] or ""] = known.get("value") or ""


def test_people_log_in_and_out(house: House) -> None:
    """From the page that was wanted over the login to it, and out again by a button."""
    house.user()
    visitor = house.visitor()
    led = visitor.get("/dash/models/a?tab=drift").headers["location"]
    page = _Page(visitor.get(led).text)
    assert page.inputs == {"next": "/dash/models/a?tab=drift", "name": "", "password": ""}
    answer = visitor.post("/login", data=page.inputs | {"name": "Ann", "password": PASSWORD}, headers=SAME)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dash/models/a?tab=drift")
    assert visitor.get("/dash/").json()["who"] == "user ann"
    assert visitor.get("/login").headers["location"] == "/dash/"
    held = visitor.cookies["monitor"]
    assert visitor.get("/logout").status_code == 200
    assert visitor.get("/dash/").status_code == 200
    assert visitor.post("/logout", headers=SAME).headers["location"] == "/login"
    assert "monitor" not in visitor.cookies
    visitor.cookies.set("monitor", held, domain="127.0.0.1")
    assert visitor.get("/dash/").status_code == 303


def test_cookies_are_out_of_reach(house: House) -> None:
    """Scripts cannot read a session, other sites cannot send it, and over TLS no other host can plant one."""
    house.user()
    plain = house.visitor().log_in("ann", PASSWORD).headers.get_list("set-cookie")
    tls = house.visitor(base="https://127.0.0.1").log_in("ann", PASSWORD).headers.get_list("set-cookie")
    assert re.match(r"monitor=[\w-]{43}; ", plain[0])
    assert re.match(r"__Host-monitor=[\w-]{43}; ", tls[0])
    for one in (plain[0], tls[0]):
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(one.split("; "))
        assert "domain" not in one.lower()
    assert "Secure" in tls[0].split("; ")


def test_a_session_over_tls_is_not_taken_from_a_plain_cookie(house: House) -> None:
    """A cookie that could have been planted is not looked at over TLS."""
    token = house.inside().cookies["monitor"]
    visitor = house.visitor(base="https://127.0.0.1", headers={"cookie": f"monitor={token}"})
    assert visitor.get("/dash/").status_code == 303


def test_a_session_is_new_at_every_login(house: House) -> None:
    """What a browser held before the login, planted or not, is nobody's afterwards."""
    visitor = house.inside()
    before = visitor.cookies["monitor"]
    assert visitor.log_in("ann", PASSWORD).status_code == 303
    assert visitor.cookies["monitor"] != before
    stolen = house.visitor(headers={"cookie": f"monitor={before}"})
    assert stolen.get("/dash/").status_code == 303
    planted = house.visitor()
    planted.cookies.set("monitor", "x" * 43, domain="127.0.0.1")
    planted.log_in("ann", PASSWORD)
    assert planted.cookies["monitor"] != "x" * 43


def test_wrong_is_wrong_however(house: House) -> None:
    """Name or password: which of the two is wrong nobody learns, and what was typed comes back as text alone."""
    house.user()
    hostile = '"><script>alert(1)</script>'
    told = [
        house.visitor().log_in(name, password) for name, password in (("ann", "x"), ("bob", PASSWORD), (hostile, ""))
    ]
    assert [answer.status_code for answer in told] == [401] * 3
    assert all("Name or password is wrong." in answer.text for answer in told)
    assert "<script" not in told[2].text
    assert _Page(told[2].text).inputs["name"] == hostile
    assert told[0].text.replace("ann", "bob") == told[1].text


def test_guessing_ends(house: House) -> None:
    """After five wrong guesses the right password is told to wait too."""
    house.user()
    visitor = house.visitor()
    statuses = [visitor.log_in("ann", "wrong").status_code for _ in range(6)]
    answer = visitor.log_in("ann", PASSWORD)
    assert statuses == [401] * 5 + [429]
    assert answer.status_code == 429
    assert "quarter of an hour" in answer.text
    assert house.visitor(peer="203.0.113.9", base="https://127.0.0.1").log_in("ann", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/login",
     "/a\r\nset-cookie: x=y", "\\\\evil.example", "/" + "a" * 3000, "", "evil"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(house: House, wanted: str) -> None:
    """After the login one is where the service is, whatever the address said."""
    house.user()
    data = {"name": "ann", "password": PASSWORD, "next": wanted}
    answer = house.visitor().post("/login", data=data, headers=SAME)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dash/")
    assert len(answer.headers.get_list("set-cookie")) == 1


@pytest.mark.parametrize("headers", [ELSEWHERE, {"origin": "http://evil.example"}, {"origin": "null"}])
def test_another_site_logs_nobody_in_or_out(house: House, headers: dict[str, str]) -> None:
    """A page elsewhere cannot put its own session into somebody's browser, nor end his."""
    visitor = house.inside()
    before = visitor.cookies["monitor"]
    data = {"name": "ann", "password": PASSWORD}
    assert visitor.post("/login", data=data, headers=headers).status_code == 403
    assert visitor.post("/logout", headers=headers).status_code == 403
    assert visitor.cookies["monitor"] == before
    assert visitor.get("/dash/").status_code == 200


def test_a_token_sets_the_password(house: House) -> None:
    """The first admin comes in by the token of the command line, once."""
    token = users.add(house.store, name="ann", role="admin", by=LOCAL).token
    visitor = house.visitor()
    assert set(_Page(visitor.get("/login/token").text).inputs) == {"name", "token", "password", "again"}

    def set_to(password: str, again: str, proof: str = token) -> int:
        data = {"name": "ann", "token": proof, "password": password, "again": again}
        answer = visitor.post("/login/token", data=data, headers=SAME)
        assert token not in answer.text
        assert PASSWORD not in answer.text
        return answer.status_code

    told = [set_to("short", "short"), set_to(PASSWORD, "other"), set_to(PASSWORD, PASSWORD, "wrong")]
    assert told == [422, 422, 401]
    assert set_to(PASSWORD, PASSWORD) == 303
    assert visitor.get("/dash/").json()["who"] == "user ann"
    assert set_to(PASSWORD, PASSWORD) == 401


@pytest.mark.parametrize("path", ["/login", "/login/token", "/logout"])
def test_pages_run_nothing(house: House, path: str) -> None:
    """No script, no style but ours by its hash, nothing from elsewhere, no frame around it."""
    house.user()
    answer = house.visitor().get(path)
    policy = answer.headers["content-security-policy"]
    assert "script" not in _Page(answer.text).tags
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.findall(r"https?://|//[a-z]", answer.text)
    assert '<meta name="viewport"' in answer.text
    assert 'lang="en"' in answer.text


def test_nobody_sends_a_password_in_the_clear(house: House) -> None:
    """Over plain HTTP from elsewhere there is no form to fill in, and none is taken."""
    house.user()
    visitor = house.visitor(base="http://10.0.0.7:8050", peer="10.0.0.9")
    assert "<form" not in visitor.get("/login").text
    assert visitor.log_in("ann", PASSWORD).status_code == 403
    assert visitor.post("/login/token", data={"name": "ann"}, headers=SAME).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("PUT", "/login", {}, 405),
        ("DELETE", "/logout", {}, 405),
        ("POST", "/login/oidc", {}, 405),
        ("POST", "/login", {"json": {}}, 415),
        ("POST", "/login", {"data": {"name": "x" * 20_000}}, 413),
        (
            "POST",
            "/login",
            {"content": "a&" * 50, "headers": {"content-type": "application/x-www-form-urlencoded"}},
            400,
        ),
        ("POST", "/login", {"content": b"\xff", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 400),
        ("POST", "/login", {"files": {"name": b"x"}}, 415),
    ],
)
def test_what_is_no_form_is_refused(house: House, method: str, path: str, more: dict[str, object], status: int) -> None:
    """Other methods, other kinds of content and very long forms are problems, not errors."""
    house.user()
    answer = house.visitor().request(method, path, **more)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_who_logs_in_is_written_down(house: House) -> None:
    """The log names who came by which way from where, and who left; never by what."""
    visitor = house.inside()
    visitor.post("/logout", headers=SAME)
    log = list(audit.exported(house.store))[-2:]
    assert [(one["actor"], one["action"]) for one in log] == [("user ann", "login"), ("user ann", "logout")]
    assert log[0]["after"] == {"address": "127.0.0.1", "by": "password", "role": "operator"}
    assert all(one["request_id"].startswith("req_") for one in log)
    assert PASSWORD not in str(log)


@pytest.fixture
def served(house: House) -> Iterator[str]:
    """Give the address of the application behind a real server."""
    house.user()
    with sockets.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who knocks before the server has started waits
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(house.app(), log_level="critical", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


def test_it_works_behind_a_real_server(served: str) -> None:
    """Over a socket: led to the login, in, and out."""
    import httpx

    with httpx.Client(base_url=served, follow_redirects=True) as client:
        page = client.get("/dash/models/a")
        assert page.url.path == "/login"
        here = {"origin": served}
        answer = client.post(
            "/login", data=_Page(page.text).inputs | {"name": "ann", "password": PASSWORD}, headers=here
        )
        assert (answer.url.path, answer.json()["who"]) == ("/dash/models/a", "user ann")
        assert client.post("/logout", headers=here).url.path == "/login"
        assert client.get("/dash/").url.path == "/login"


def test_visitors_of_the_tests_are_strangers(house: House) -> None:
    """Planted: a visitor without a session is not let in by anything that the tests do."""
    house.user()
    assert Visitor(house.app()).get("/dash/").status_code == 303


def test_libraries_of_providers_wait_until_one_is_named() -> None:
    """Serving without a provider of identities loads none of what talks to one."""
    code = "import sys, monitor.cli.attendance; print({'authlib', 'httpx', 'joserfc'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
