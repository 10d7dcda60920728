"""``monitor serve`` as a process: what is open, what is refused, and how soon a revoked key is nobody's."""

from __future__ import annotations

import time

import httpx
import pytest

from monitor.cli import main
from tests.api.access.house import bearer
from tests.api.test_serve import PATIENCE, World, answers, serving, until, world

__all__ = ["world"]


def _command(world: World, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main([*words, "-c", str(world.folder / "monitor.yaml")]) == 0
    return capsys.readouterr().out.strip()


def test_others_are_not_listened_to_without_a_key(world: World) -> None:
    """An address that others could reach is refused at once, with the cure."""
    with serving(world, "--no-scheduler", "--host", "0.0.0.0") as (process, _):
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "others could reach a service that asks nobody who he is" in said
    assert "monitor users add" in said


def test_the_first_key_closes_the_house_and_a_revoked_one_ends(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Open to this machine at first; closed by the command line while it runs; a revoked key ends within 5 seconds."""
    with serving(world, "--no-scheduler") as (_, client):
        until(lambda: answers(client, "/readyz"))
        assert client.get("/api/v1/models").status_code == 200
        assert client.get("/api/v1/models", headers={"host": "evil.example"}).status_code == 421
        key = _command(world, capsys, "keys", "create", "--name", "ci", "--role", "viewer")
        until(lambda: client.get("/api/v1/models").status_code == 401)
        assert client.get("/api/v1/models", headers=bearer(key)).status_code == 200
        assert client.get("/dash/").headers["location"] == "/login?next=%2Fdash%2F"
        assert _page(client).status_code == 200
        _command(world, capsys, "keys", "revoke", "ci")
        revoked = time.monotonic()
        until(lambda: client.get("/api/v1/models", headers=bearer(key)).status_code == 401)
        assert time.monotonic() - revoked < 5


def _page(client: httpx.Client) -> httpx.Response:
    return client.get("/login", headers={"accept": "text/html"})
