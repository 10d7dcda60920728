"""``/openapi.json``: what this API takes and answers, for machines."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.api.asking import allowed
from monitor.api.text import Json

PREFIX = ""
router = APIRouter()


@router.get("/openapi.json", dependencies=[allowed("read")], response_model=dict[str, Any])
def openapi(request: Request) -> Response:
    """Tell what there is, as OpenAPI 3.1."""
    return Json(request.app.openapi())
