"""OpenAPI: what the routes say of themselves, with the problems that every one of them may answer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from monitor.api.asking import scope_of
from monitor.api.problem import MEDIA_TYPE, TYPES

ABOUT = (
    "Ask whether a model drifts, wait for what happens, act on incidents, claim retraining, push rows. "
    "Errors are problems of RFC 9457. Clients ignore members that they do not know."
)
METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was refused, as RFC 9457 has it.",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": [f"{TYPES}stale-version"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ALWAYS = {
    "401": "Nobody says who asks.",
    "403": "The caller lacks the scope.",
    "422": "A part of the request is not as it should be.",
    "429": "Too many requests: wait.",
    "503": "The store does not answer.",
    "4XX": "The request is refused.",
}
_UNUSED = ("HTTPValidationError", "ValidationError")


def described(app: FastAPI) -> dict[str, Any]:
    """Return an application's OpenAPI document, made once."""
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
        schemas = found.setdefault("components", {}).setdefault("schemas", {})
        for name in _UNUSED:
            schemas.pop(name, None)
        schemas["Problem"] = PROBLEM
        found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        scopes = dict(_scopes())
        for path, methods in found["paths"].items():
            for method in METHODS:
                if method in methods:
                    _complete(methods[method], scopes.get((path, method)))
        app.openapi_schema = found
    return app.openapi_schema


def _complete(operation: dict[str, Any], scope: str | None) -> None:
    """Say which problems an operation answers with, and which scope it takes."""
    responses = operation["responses"]
    for status, said in (_ALWAYS if scope else {"4XX": _ALWAYS["4XX"], "503": "It is not ready."}).items():
        responses.setdefault(status, {"description": said})
    responses.get("422", {})["description"] = _ALWAYS["422"]
    for status, response in responses.items():
        if status[0] in "45" and set(response.get("content", ())) <= {"application/json"}:
            response["content"] = _CONTENT
    operation["responses"] = dict(sorted(responses.items()))
    if scope:
        operation["security"] = [{"key": []}]
        operation["x-scope"] = scope


def _scopes() -> Any:
    from monitor.api.routes import every  # noqa: PLC0415 - a route tells this document too

    for _, prefix, router in every():
        for route in router.routes:
            scope = scope_of(route)
            for method in getattr(route, "methods", ()):
                yield (prefix + getattr(route, "path", ""), method.lower()), scope
