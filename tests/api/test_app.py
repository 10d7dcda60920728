"""The application as a whole: problems, ids of requests, who is let in, which routes there are."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from monitor.api import refusals
from monitor.api.app import as_principal
from monitor.api.asking import allowed
from monitor.api.correlation import correlated
from monitor.api.problem import MEDIA_TYPE
from monitor.api.routes import every
from monitor.domain.principal import NOBODY, ROLES, Principal
from monitor.errors import StoreError, UsageError
from tests.api.asgi import Asgi
from tests.api.conftest import Post

OPEN = {"/healthz", "/readyz"}


class _Thing(BaseModel):
    number: int


def small() -> FastAPI:
    """Make an application whose routes go wrong in every way."""
    router = APIRouter()

    @router.post("/thing", dependencies=[allowed("config:write")])
    def thing(body: _Thing) -> _Thing:
        return body

    @router.get("/fails/{how}")
    def fails(how: str) -> int:
        raise {"usage": UsageError("no", "yes"), "store": StoreError("gone"), "bug": ZeroDivisionError("secret")}[how]

    app = FastAPI(openapi_url=None)
    app.include_router(router)
    refusals.install(app)
    return app


def client(principal: Principal) -> Asgi:
    """Ask that application as somebody."""
    return Asgi(correlated(as_principal(principal)(small())))


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/fails/usage", 405, "method-not-allowed"),
        ("GET", "/fails/usage", 400, "bad-request"),
        ("GET", "/fails/store", 503, "store-unavailable"),
        ("GET", "/fails/bug", 500, "internal-error"),
        ("POST", "/thing", 422, "invalid-request"),
    ],
)
def test_every_error_is_a_problem(method: str, path: str, status: int, slug: str) -> None:
    """A refusal has the members of RFC 9457 and the request's id, and repeats nothing from inside."""
    answer = client(Principal("ann", ROLES["editor"])).request(method, path)
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert (told["status"], told["type"].rpartition(":")[2], told["instance"]) == (status, slug, path)
    assert told["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("principal", "status"), [(NOBODY, 401), (Principal("v", ROLES["viewer"]), 403)])
@pytest.mark.parametrize("body", ['{"number": 1}', '{"number": "x"}', "{not json"])
def test_who_may_not_ask_is_told_so_first(principal: Principal, status: int, body: str) -> None:
    """Whatever is wrong with a body, somebody who may not send it does not hear of it."""
    answer = client(principal).post("/thing", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_ids_of_requests_are_kept_when_they_are_ids() -> None:
    """A caller's own id comes back; what would write into a log does not."""
    one = client(NOBODY)
    assert one.get("/nowhere", headers={"x-request-id": "job-42-abcdef"}).headers["x-request-id"] == "job-42-abcdef"
    assert one.get("/nowhere", headers={"x-request-id": "a b<script>"}).headers["x-request-id"].startswith("req_")


def test_health_is_open_and_all_else_names_its_scope() -> None:
    """Only what says whether the service lives answers everybody; each other route has a scope."""
    for _, prefix, router in every():
        for route in router.routes:
            assert isinstance(route, APIRoute)
            scoped = any(hasattr(one.dependency, "scope") for one in route.dependencies)
            assert scoped or prefix + route.path in OPEN, f"{prefix}{route.path} is open to everybody"


def test_health(post: Post) -> None:
    """A process with a store that answers is alive and ready."""
    asked = post.client(None)
    assert [asked.get(path).json() for path in ("/healthz", "/readyz")] == [{"status": "ok"}] * 2
