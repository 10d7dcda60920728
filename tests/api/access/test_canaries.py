"""Secrets that were planted everywhere come out nowhere: not in answers, logs, reprs or tracebacks."""

from __future__ import annotations

import logging
import traceback
from io import StringIO
from pathlib import Path

import pytest
import structlog

from monitor import telemetry
from monitor.api.access import Settings
from monitor.api.access.credential import carried
from monitor.api.access.elsewhere import Done
from monitor.api.access.guard import Guard
from monitor.api.access.oidc import Begun
from monitor.domain.principal import LOCAL
from monitor.service.access import keys, pepper, users
from monitor.service.access.login import Desk
from monitor.service.secrets import cleaner
from tests.api.access.house import PASSWORD, House, bearer
from tests.api.access.test_guard import ways
from tests.api.access.visitor import SAME, Visitor

CANARY = "canary5f3c9e1a7b"
PEPPER = "7Gq2vXw9Lk4Rt8Zb1Nc6Hs3Jd5Fp0MyA"


def planted(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[Visitor, list[str]]:
    """Fill a house with secrets; return a browser that is inside and all that must not come out."""
    monkeypatch.setenv(pepper.VARIABLE, PEPPER)
    house.salt = pepper.of(house.store)
    house.more = (
        "external_url: https://monitor.example.org\n"
        f"access: {{oidc: {{issuer: 'http://127.0.0.1:9', client_id: monitor, client_secret: '{CANARY}', "
        "allow_private: true, grants: [{group: a, role: admin}]}}\n"
        f"receivers: [{{name: hook, type: webhook, url: 'https://hook.example/{CANARY}'}}]\n"
    )
    key = house.key("admin")
    token = users.add(house.store, name="bob", role="viewer", by=LOCAL).token
    visitor = house.inside("ann", "admin")
    session = visitor.cookies["monitor"]
    return visitor, [CANARY, PEPPER, PASSWORD, key, key.split("_")[2], token, session]


def everything(house: House, visitor: Visitor, secrets: list[str]) -> list[str]:
    """Ask for everything in every way, right and wrong; return all that was answered."""
    key, token = secrets[3], secrets[5]
    said = []
    for kind, method, path in ways(house):
        if kind == "http":
            for headers in ({}, SAME, bearer(key), bearer(key[:-1] + "?"), bearer("x" + key)):
                answer = visitor.request(method, path, headers=headers)
                said.append(f"{answer.text} {dict(answer.headers) if method == 'GET' else ''}")
    wrong = ({"name": "ann", "password": PASSWORD + "x"}, {"name": PASSWORD[:5], "password": PASSWORD})
    said += [house.visitor().post("/login", data=data, headers=SAME).text for data in wrong]
    data = {"name": "bob", "token": token + "x", "password": PASSWORD, "again": PASSWORD}
    said.append(house.visitor().post("/login/token", data=data, headers=SAME).text)
    said += [house.visitor().get(path).text for path in ("/login/oidc", "/login/oidc/callback?code=x&state=y")]
    with house.store.write() as conn:
        conn.exec_driver_sql("ALTER TABLE sessions RENAME TO gone")
    said.extend(visitor.get(path, headers=bearer(key)).text for path in ("/dash/", "/api/v1/models"))
    said.append(visitor.get("/dash/").text)
    return said


def test_secrets_come_out_nowhere(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is asked, and however it fails, no answer and no line of the log holds a secret."""
    caplog.set_level(logging.DEBUG)
    out = StringIO()
    telemetry.configure(out, human=False, level=logging.DEBUG, clean=cleaner(house.config()))
    try:
        visitor, secrets = planted(house, monkeypatch)
        said = "\n".join(everything(house, visitor, secrets))
    finally:
        structlog.reset_defaults()
    assert len(said) > 50_000
    assert "a request has failed" in out.getvalue() or "nobody can be recognised" in out.getvalue()
    found = {secret for secret in secrets for text in (said, out.getvalue(), caplog.text) if secret in text}
    assert found == set()


def test_what_is_looked_for_can_be_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a page that shows the cookie is found out."""
    visitor, secrets = planted(house, monkeypatch)
    assert any(secret in f"shown: {visitor.cookies['monitor']}" for secret in secrets)


def test_reprs_hold_no_secret(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects that carry secrets do not show them when they are printed, nor in a traceback's locals."""
    visitor, secrets = planted(house, monkeypatch)
    key, session = secrets[3], secrets[6]
    desk = Desk(house.store, house.salt, house.now, "127.0.0.1")
    guard = Guard(visitor.app, house.backend(), Settings())
    carrying = [
        carried({"headers": [(b"authorization", f"Bearer {key}".encode())]}),
        carried({"headers": [(b"cookie", f"monitor={session}".encode())]}),
        house.salt,
        desk,
        guard,
        guard._front,
        guard.memory,
        keys.listed(house.store),
        users.listed(house.store),
        house.config(),
        house.config().access,
        Done(session, "/"),
        Begun("s", "n", CANARY),
        house.backend(),
    ]
    assert not [secret for secret in secrets for one in carrying if secret in repr(one)]


def test_tracebacks_hold_no_secret(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error on the way of a secret tells where, not what."""
    _, secrets = planted(house, monkeypatch)
    with house.store.write() as conn:
        conn.exec_driver_sql("ALTER TABLE api_keys RENAME TO gone")
    try:
        keys.who(house.store, house.salt, secrets[3], house.now)
    except Exception as error:  # noqa: BLE001 - whichever it is
        told = "".join(traceback.format_exception(error))
    assert "api_keys" in told
    assert not [secret for secret in secrets if secret in told]


def test_documents_hold_no_key_that_could_be_used() -> None:
    """No page shows a pepper or a key that somebody could take over as it stands."""
    from monitor.domain.key_text import parse

    top = Path(__file__).parents[3]
    pages = [
        top / "README.md",
        *(top / "docs").glob("*.md"),
        *(top / "deploy").rglob("*"),
        *(top / "examples").rglob("*"),
    ]
    text = "\n".join(page.read_text(encoding="utf-8", errors="replace") for page in pages if page.is_file())
    words = set(text.replace('"', " ").replace("'", " ").replace("=", " ").replace("`", " ").split())
    assert not [word for word in words if parse(word)]
    values = [
        line.partition("MONITOR_PEPPER=")[2].strip("\"' ") for line in text.splitlines() if "MONITOR_PEPPER=" in line
    ]
    assert values
    assert all(value.startswith(("$", "…")) or pepper.weakness(value) for value in values)
