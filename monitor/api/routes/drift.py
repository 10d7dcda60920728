"""``/models/{model}/drift``: whether a model drifts, in one small document that is cheap to ask for again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from monitor.api.asking import Here, Model, allowed
from monitor.api.documents import Document, Documents
from monitor.api.segment import Segment, segment_of
from monitor.api.text import Json
from monitor.domain.measurement import Group
from monitor.service.backend import Backend
from monitor.service.view.drift_document import drift_document, holds_until
from monitor.service.view.standing import standings
from monitor.service.view.token import token as look

router = APIRouter()

Severity = Literal["info", "warning", "critical"]
HEADERS = {"cache-control": "private, no-cache"}


class Interval(BaseModel):
    """A window, half-open."""

    start: datetime
    end: datetime


class Revised(Interval):
    """A window as it was measured last."""

    revision: int | None


class Freshness(BaseModel):
    """Whether what is said is of the present; ``reason`` says why it is not."""

    state: Literal["fresh", "stale", "learning", "new"]
    reason: str | None
    next_expected_at: datetime | None


class Performance(BaseModel):
    """The newest value of the key metric, with its 95 % interval, beside that of the reference."""

    metric: str
    value: float | None
    ci: tuple[float, float] | None
    baseline: float | None
    n: int
    label_coverage: float | None
    final: bool
    window: Interval


class Finding(BaseModel):
    """A column beyond a limit."""

    name: str | None
    method: str
    value: float | None
    limit: float | None
    p_value: float | None
    severity: Severity
    group: dict[str, str | None] | None


class Judged(BaseModel):
    """How many columns are judged, how many are beyond a limit, and the gravest of those."""

    tested: int
    drifted: int
    top: list[Finding]


class Quality(BaseModel):
    """Whether the data can be trusted."""

    state: Literal["ok", "degraded", "broken"]
    problems: list[str]
    incident: str | None


class Advice(BaseModel):
    """The recommendation to train the model anew that is not over yet."""

    id: str
    status: str


class Drift(BaseModel):
    """How a model fares. A stale answer is ``unknown``, never ``ok``."""

    model: str
    as_of: datetime
    window: Revised | None
    freshness: Freshness
    verdict: Literal["ok", "drift", "unknown"]
    severity: Severity | None
    since: datetime | None
    performance: Performance | None
    estimated_performance: Performance | None
    features: Judged
    fairness: Judged
    data_quality: Quality
    incident: str | None
    recommendation: Advice | None
    segment: dict[str, str | None] | None = Field(None, description="The segment that was asked about.")


@router.get(
    "/models/{model}/drift",
    dependencies=[allowed("read")],
    response_model=Drift,
    responses={304: {"description": "Nothing has changed since the answer with that entity tag."}},
)
async def drift(
    here: Here,
    model: Model,
    request: Request,
    if_none_match: Annotated[str | None, Header(max_length=2000)] = None,
    segment: Segment = None,
) -> Response:
    """Tell whether a model drifts; with ``If-None-Match`` only when that has changed.

    Inside a ``segment`` what rules judge there counts; where none does the verdict is ``unknown``.
    """
    found = await document(here, request.app.state.documents, model.name, segment_of(model, segment))
    headers = HEADERS | {"etag": found.etag}
    if if_none_match is not None and matches(if_none_match, found.etag):
        return Response(status_code=304, headers=headers)
    return Json(found.body, headers=headers)


async def document(here: Backend, kept: Documents, name: str, segment: Group | None = None) -> Document:
    """Return a model's document, or that of one of its segments, made anew only when something may have changed."""
    now, config = here.now(), here.config()

    def make() -> tuple[dict[str, Any], datetime | None]:
        [one] = standings(here, [name], segment=segment)
        told = drift_document(one, now)
        return told if segment is None else told | {"segment": dict(segment)}, holds_until(one, now)

    token = f"{await kept.token(name, lambda: str(look(here.store, name)))} {id(config)}"
    about = name if segment is None else f"{name}\0{json.dumps(segment)}"
    if (known := kept.known(about, token, now)) is not None:
        return known
    made: Document = await to_thread.run_sync(kept.get, about, token, now, make)
    return made


def matches(header: str, etag: str) -> bool:
    """Tell whether a header ``If-None-Match`` holds an entity tag, weak or not.

    Examples
    --------
    >>> matches('"a", W/"b"', 'W/"b"'), matches("*", '"b"'), matches('"bb"', '"b"')
    (True, True, False)
    """
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
