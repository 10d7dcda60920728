"""Nobody comes in but by key or login, whatever he asks for and however."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from starlette.types import ASGIApp

from monitor.api.access import Settings, guard, guarded
from monitor.api.app import application, as_principal
from monitor.api.correlation import correlated
from monitor.domain.principal import LOCAL
from monitor.service.access import keys, sessions, users
from tests.api.access.house import PASSWORD, House, bearer, standing_in
from tests.api.access.visitor import ELSEWHERE, SAME, Visitor, socket
from tests.api.access.walk import asked

OPEN = {"/healthz", "/readyz"}
JSON = {"content-type": "application/json"}


def _inner(house: House) -> Any:
    inner = application(house.backend())
    inner.mount("/dash", standing_in())
    return inner


def ways(house: House) -> list[tuple[str, str, str]]:
    """Return all of it, and what no route serves."""
    more = [("http", method, path) for path in ("/metrics", "/openapi.json", "/docs", "/static/a.css", "/", "/nowhere",
            "//healthz", "/healthz/", "/login/x", "/api/v1/models%2Fhealthz")
            for method in ("GET", "POST", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "TRACE")]  # fmt: skip
    return [*asked(_inner(house).routes), *more]


def leaks(app: ASGIApp, everything: list[tuple[str, str, str]], **more: Any) -> list[str]:
    """Return what answers somebody without credentials."""
    visitor, found = Visitor(app, **more), []
    for kind, method, path in everything:
        if kind == "websocket":
            if socket(app, path) != [{"type": "websocket.close", "code": 4401}]:
                found.append(path)
            continue
        answer = visitor.request(method, path)
        led = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        if answer.status_code != 401 and not led and path not in OPEN:
            found.append(f"{method} {path}")
    return found


def test_no_route_answers_strangers(house: House) -> None:
    """Each route of the API, the mount, documents, files and websockets asks who it is; health alone does not."""
    house.key()
    everything = ways(house)
    assert len({path for _, _, path in everything if path.startswith("/api/v1/")}) > 15
    assert leaks(house.app(), everything) == []
    assert [house.visitor().get(path).status_code for path in sorted(OPEN)] == [200, 200]


def test_the_walk_sees_an_open_route(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a guard that leaves one path open, or no guard at all, is found out."""
    house.key()
    monkeypatch.setattr(guard, "OPEN", guard.OPEN | {"/dash/_dash-layout"})
    assert leaks(house.app(), ways(house)) == ["GET /dash/_dash-layout", "HEAD /dash/_dash-layout"]
    pages = [one for one in asked(_inner(house).routes) if one[0] == "http"]
    assert len(leaks(correlated(as_principal(LOCAL)(_inner(house))), pages)) > 15


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic YTpi", "Bearer mm_x", "bearer a b", "Bearer " + "x" * 5000, "mm_x", "", "Bearer é"],
)
def test_what_is_no_key_is_refused(house: House, header: str) -> None:
    """An Authorization header that is nobody's is refused, even beside a session that would do."""
    visitor = house.inside()
    answer = visitor.get("/api/v1/x", headers={"authorization": header.encode("latin-1")})  # type: ignore[dict-item]
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_comes_in_until_it_is_revoked(house: House) -> None:
    """A key works in the header and nowhere else."""
    key = house.key(name="ci")
    visitor = house.visitor()
    assert visitor.get("/docs", headers=bearer(key)).json()["who"] == "key ci"
    assert visitor.get("/metrics", headers=bearer(key) | {"authorization": f"bearer  {key}"}).status_code == 200
    assert visitor.get(f"/metrics?key={key}&authorization=Bearer+{key}").status_code == 401
    keys.revoke(house.store, "ci", by=LOCAL)
    assert visitor.get("/metrics", headers=bearer(key)).status_code == 401


def test_two_authorizations_are_none(house: House) -> None:
    """A header that stands there twice is not chosen from."""
    key = house.key()
    scope = [("authorization", f"Bearer {key}"), ("authorization", "Bearer x")]
    assert house.visitor().get("/metrics", headers=scope).status_code == 401


def test_revoking_works_within_seconds_on_other_replicas(house: House) -> None:
    """What another process remembers of a key is forgotten after two seconds, five at the most."""
    key, settings = house.key(), Settings()
    assert settings.remember <= 5
    here = guard.Guard(_inner(house), house.backend(), settings)
    clock = [0.0]
    here.memory.clock = lambda: clock[0]
    visitor = Visitor(correlated(here), headers=bearer(key))
    assert visitor.get("/api/v1/nowhere").status_code == 404
    keys.revoke(house.store, "k", by=LOCAL)
    clock[0] = settings.remember + 0.01
    assert visitor.get("/api/v1/nowhere").status_code == 401


def test_the_memory_has_an_end(house: House) -> None:
    """Somebody who sends ever new keys does not fill the memory."""
    here = guard.Guard(_inner(house), house.backend(), Settings())
    for i in range(5000):
        here.memory.keep(guard.Credential("key", str(i)), None)
    assert len(here.memory._known) <= 4096


def test_pages_lead_to_the_login(house: House) -> None:
    """People are led to the login and know where they wanted to go; programs and parts of pages get a 401."""
    house.user()
    visitor = house.visitor()
    assert (
        visitor.get("/dash/models/a?tab=drift").headers["location"] == "/login?next=%2Fdash%2Fmodels%2Fa%3Ftab%3Ddrift"
    )
    wanted = "/login?next=%2Fdash%2Fmodels%2Fa%252Fb%253F%25C3%25B6"
    assert visitor.get("/dash/models/a%2Fb%3F%C3%B6").headers["location"] == wanted
    assert visitor.get("/").headers["location"] == "/login"
    assert visitor.get("/docs", headers={"accept": "text/html"}).status_code == 303
    for path in ("/dash/_dash-layout", "/dash/assets/x.js", "/metrics", "/api/v1/models", "/openapi.json"):
        assert visitor.get(path, headers={"accept": "text/html"}).status_code == 401
    assert visitor.post("/dash/").status_code == 401
    assert visitor.get("/dash/", headers={"sec-fetch-dest": "script"}).status_code == 401


def test_who_may_not_read_sees_no_page(house: House) -> None:
    """A key that only writes rows does not see dashboard, metrics or documents."""
    writer = bearer(house.key("ingest"))
    visitor = house.visitor()
    paths = ("/dash/", "/metrics", "/openapi.json", "/docs", "/")
    assert [visitor.get(path, headers=writer).status_code for path in paths] == [403] * 5
    assert visitor.get("/healthz", headers=writer).status_code == 200


# --- while nobody is set up ------------------------------------------------------------------------------------------


def test_this_machine_may_do_everything_at_first(house: House) -> None:
    """With neither key nor user whoever sits here is let in; the first key ends that."""
    visitor = house.visitor()
    assert visitor.get("/dash/").json()["who"] == "local"
    assert visitor.post("/dash/_dash-update-component", json={}).json()["who"] == "local"
    house.key()
    assert visitor.get("/dash/").status_code == 303


def test_a_revoked_key_does_not_open_the_house(house: House) -> None:
    """Once there was a key, revoking the last one lets nobody in, not even here."""
    house.key()
    keys.revoke(house.store, "k", by=LOCAL)
    assert house.visitor().get("/metrics").status_code == 401


@pytest.mark.parametrize(
    "more",
    [
        {"peer": "10.0.0.7"},
        {"headers": {"x-forwarded-for": "127.0.0.1"}},
        {"headers": {"via": "1.1 gate"}},
        {"headers": {"forwarded": "for=127.0.0.1"}},
        {"headers": {"x-real-ip": "203.0.113.1"}},
        {"base": "http://evil.example:8050"},
        {"base": "http://10.0.0.7:8050"},
        {"headers": {"authorization": "Bearer x"}},
    ],
)
@pytest.mark.parametrize("path", ["/dash/", "/login", "/metrics", "/api/v1/models"])
def test_nobody_else_is_let_in_at_first(house: House, more: dict[str, Any], path: str) -> None:
    """Not another machine, nor through a proxy, nor by a name that was led here, nor with a key that is none."""
    if path == "/login" and "authorization" in more.get("headers", {}):
        return
    assert house.visitor(**more).get(path).status_code in (303, 401, 403, 421)
    assert "local" not in house.visitor(**more).get(path).text


def test_a_proxy_that_says_nothing_of_itself_is_not_this_machine(house: House) -> None:
    """Who asks in HTTP/1.0 is taken for a proxy that was set up in two lines and adds no header."""
    inner = house.app()

    async def old(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope | {"http_version": "1.0"}, receive, send)

    assert Visitor(inner).get("/api/v1/models").status_code != 403
    assert Visitor(old).get("/api/v1/models").status_code == 403


@pytest.mark.parametrize("headers", [ELSEWHERE, {"origin": "http://evil.example"}, {"origin": "null"}])
def test_another_sites_page_does_not_act_for_who_sits_here(house: House, headers: dict[str, str]) -> None:
    """What a browser is led to send is refused, however local it comes."""
    visitor = house.visitor(headers=headers)
    assert visitor.post("/dash/_dash-update-component", json={}).status_code == 403
    assert visitor.post("/api/v1/silences", json={}).status_code == 403


# --- names and provenance --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8050", 200), ("localhost:8050", 200), ("[::1]:8050", 200), ("10.1.2.3:8050", 200),
        ("monitor.example.org", 200), ("MONITOR.internal:443", 200), ("bound.example", 200),
        ("evil.example", 421), ("monitor.example.org.evil.example", 421), ("localhost.evil.example", 421),
        ("a@monitor.example.org", 421), ("monitor.example.org/x", 421), ("", 421), ("127.0.0.1.evil.example", 421),
    ],
)  # fmt: skip
def test_the_service_answers_to_its_names_only(house: House, host: str, status: int) -> None:
    """A name that was rebound to this machine is not one of ours."""
    key = house.key()
    house.more = "external_url: https://monitor.example.org\naccess: {hosts: [monitor.internal]}\n"
    visitor = Visitor(house.app(host="bound.example"), headers=bearer(key) | {"host": host})
    assert visitor.get("/metrics").status_code == status
    assert visitor.get("/healthz").status_code == 200


WRITES = "/dash/_dash-update-component"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (SAME | JSON, 200),
        ({"origin": "http://127.0.0.1:8050"} | JSON, 200),
        (SAME | {"origin": "http://127.0.0.1:8050"} | JSON, 200),
        (JSON, 403),
        (SAME | {"content-type": "text/plain"}, 403),
        (SAME | {"content-type": "application/x-www-form-urlencoded"}, 403),
        (SAME, 403),
        ({"origin": "http://evil.example"} | JSON, 403),
        ({"origin": "null"} | JSON, 403),
        ({"origin": "https://127.0.0.1:8050"} | JSON, 403),
        ({"origin": "http://127.0.0.1:8051"} | JSON, 403),
        ({"sec-fetch-site": "same-site"} | JSON, 403),
        ({"sec-fetch-site": "none"} | JSON, 403),
        (ELSEWHERE | JSON | {"origin": "http://127.0.0.1:8050"}, 403),
        (SAME | JSON | {"origin": "http://evil.example"}, 403),
    ],
)
def test_a_session_acts_for_pages_of_ours_only(house: House, headers: dict[str, str], status: int) -> None:
    """What a cookie is sent along with must come from our own page, as JSON."""
    visitor = house.inside()
    assert visitor.post(WRITES, content=b"{}", headers=headers).status_code == status


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_form_does_not_act_by_a_session(house: House, kind: str) -> None:
    """What a page can send without asking first is no request of ours, even where it says that it is."""
    visitor = house.inside()
    refused = visitor.post("/api/v1/silences", content=b"{}", headers=SAME | {"content-type": kind})
    assert refused.json()["type"].endswith(":cross-site")
    taken = visitor.post("/api/v1/silences", content=b"{}", headers=SAME | JSON)
    assert taken.status_code == 422


def test_keys_need_no_provenance(house: House) -> None:
    """No browser sends a key by itself, so programs need not say from which page they ask."""
    visitor = house.visitor(headers=bearer(house.key()))
    assert visitor.post(WRITES, json={}).status_code == 200


def test_another_site_does_not_read_with_a_session(house: House) -> None:
    """Links lead in; scripts, frames and pictures of another site are not answered."""
    visitor = house.inside()
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert visitor.get("/dash/", headers=link).status_code == 200
    for other in (ELSEWHERE, link | {"sec-fetch-dest": "iframe"}, ELSEWHERE | {"sec-fetch-mode": "no-cors"}):
        assert visitor.get("/dash/", headers=other).status_code == 403


# --- websockets ------------------------------------------------------------------------------------------------------


def test_websockets_ask_too(house: House) -> None:
    """A socket opens for a session of our own page and for a key, and closes with a code for everybody else."""
    visitor = house.inside()
    cookie = {"cookie": f"monitor={visitor.cookies['monitor']}"}
    here = {"origin": "http://127.0.0.1:8050"}

    def told(headers: dict[str, str]) -> Any:
        sent = socket(visitor.app, "/dash/_socket", headers)
        return sent[1]["text"] if len(sent) > 1 else sent[0]["code"]

    assert told(cookie | here) == "user ann"
    assert told(bearer(house.key())) == "key k"
    assert told({}) == told(here) == told(bearer("mm_x")) == 4401
    assert told(cookie) == told(cookie | {"origin": "http://evil.example"}) == 4403
    assert told(cookie | here | {"host": "evil.example"}) == 4403


# --- headers ---------------------------------------------------------------------------------------------------------


def test_every_answer_is_armoured(house: House) -> None:
    """Answers say what a browser may do with them; over TLS also that it is always TLS."""
    key = house.key()
    for path in ("/healthz", "/metrics", "/dash/", "/login", "/api/v1/nowhere", "/nowhere"):
        plain = house.visitor(headers=bearer(key)).get(path)
        assert plain.headers["x-content-type-options"] == "nosniff"
        assert plain.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in plain.headers["content-security-policy"]
        assert plain.headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert plain.headers["cache-control"] == "no-store"
        assert {"Authorization", "Cookie"} <= {word.strip() for word in plain.headers["vary"].split(",")}
        assert "strict-transport-security" not in plain.headers
        assert "unsafe" not in plain.headers["content-security-policy"]
        tls = house.visitor(base="https://127.0.0.1", headers=bearer(key)).get(path)
        assert tls.headers["strict-transport-security"] == "max-age=31536000"


def test_a_store_that_is_away_lets_nobody_in(house: House) -> None:
    """When nobody can be recognised the answer is 503, never the page."""
    visitor = house.visitor(headers=bearer(house.key()))
    with house.store.write() as conn:
        conn.exec_driver_sql("ALTER TABLE api_keys RENAME TO gone")
    answer = visitor.get("/metrics")
    assert answer.status_code in (500, 503)
    assert "who" not in answer.text


# --- sessions --------------------------------------------------------------------------------------------------------


def test_disabling_ends_what_a_browser_holds(house: House) -> None:
    """The next request of a disabled user is a stranger's."""
    visitor = house.inside()
    assert visitor.get("/dash/").status_code == 200
    users.change(house.store, "ann", by=LOCAL, disabled=True)
    assert visitor.get("/dash/").status_code == 303
    assert visitor.log_in("ann", PASSWORD).status_code == 401


def test_time_ends_it_too(house: House) -> None:
    """A browser left alone for eight hours is asked to log in."""
    visitor = house.inside()
    house.now += sessions.IDLE - timedelta(minutes=1)
    assert visitor.get("/dash/").status_code == 200
    house.now += sessions.IDLE
    assert visitor.get("/dash/").status_code == 303


def test_many_ask_at_once(house: House) -> None:
    """Keys asked for by many threads at a time are recognised each as whose they are."""
    made = {f"k{i}": house.key(name=f"k{i}") for i in range(4)}
    app, wrong = house.app(remember=1.0), []

    def ask(name: str) -> None:
        visitor = Visitor(app, headers=bearer(made[name]))
        wrong.extend(one for _ in range(5) if (one := visitor.get("/docs").json()["who"]) != f"key {name}")

    threads = [threading.Thread(target=ask, args=(name,)) for name in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_guarded_is_what_serve_uses(house: House) -> None:
    """The function of the package and the class behind it are the same guard."""
    assert isinstance(guarded(_inner(house), house.backend()), guard.Guard)
