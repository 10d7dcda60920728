"""``/models/{model}/windows`` and ``/models/{model}/measurements``: what was measured, window by window."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from monitor.api.asking import Here, Model, allowed
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.api.problem import not_found
from monitor.api.segment import Segment, inside, segment_of
from monitor.config import ModelConfig
from monitor.domain.measurement import Measurement
from monitor.service import asked
from monitor.service.record import record
from monitor.service.view import page_of_windows as view
from monitor.service.view.page_of_windows import Span
from monitor.store.series import SeriesKey

router = APIRouter()

LONGEST = 1000
From = Annotated[str | None, Query(alias="from", max_length=40, description="Windows that begin then or later.")]
To = Annotated[str | None, Query(max_length=40, description="Windows that begin before that.")]
Begin = Annotated[str, Path(description="When the window begins.", max_length=40, examples=["2024-03-01T00:00:00Z"])]
Text = Annotated[str | None, Query(max_length=LONGEST)]


class MeasuredWindow(BaseModel):
    """A window as it was measured."""

    start: datetime
    end: datetime
    revision: int
    rows: int | None
    labelled: int | None
    label_coverage: float | None
    provisional: bool
    in_reference: bool
    late_rows: int
    cause: str | None
    computed_at: datetime | None


class MeasurementRecord(BaseModel):
    """One number; ``value`` is null exactly when ``reason`` says why."""

    model: str
    version: str | None
    window_start: datetime
    window_end: datetime
    revision: int
    metric: str
    column: str | None
    group: dict[str, str | None] | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    provisional: bool
    in_reference: bool
    reason: str | None


class WholeWindow(MeasuredWindow):
    """A window with everything measured in it."""

    revisions: list[int]
    measurements: list[MeasurementRecord]


@router.get("/models/{model}/windows", dependencies=[allowed("read")])
def windows(
    here: Here, model: Model, from_: From = None, to: To = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[MeasuredWindow]:
    """List measured windows as they were measured last, the newest first."""
    after = decode("windows", cursor, datetime, datetime)
    with here.store.read() as conn:
        found = view.windows(conn, model.name, _span(model, from_, to), after=after, limit=limit + 1)
    items: list[Any] = [view.window_record(run) for run in found[:limit]]
    last = found[limit - 1].window if len(found) > limit else None
    return Page(items=items, next_cursor=encode("windows", last.start, last.end) if last else None)


@router.get("/models/{model}/windows/{start}", dependencies=[allowed("read")])
def window(
    here: Here,
    model: Model,
    start: Annotated[
        str, Path(description="When the window begins.", max_length=40, examples=["2024-03-01T00:00:00Z"])
    ],
    revision: Annotated[str, Query(pattern=r"^(latest|\d{1,6})$", description="`latest`, or a number.")] = "latest",
) -> WholeWindow:
    """Tell everything that was measured in one window; of those that begin together the one that ends last."""
    at = asked.moment(start, "start", model.window_timezone)
    with here.store.read() as conn:
        every = view.revisions(conn, model.name, at)
        every = [run for run in every if run.window == every[0].window]
        chosen = next((run for run in every if revision in ("latest", str(run.revision))), None)
        if chosen is None:
            raise not_found("No window of this model that begins then was measured, or not in this revision.")
        found = [*view.of_run(conn, model.name, chosen)]
    told: dict[str, Any] = view.window_record(chosen)
    return WholeWindow(**told, revisions=[run.revision for run in every], measurements=list(map(_record, found)))


@router.get("/models/{model}/measurements", dependencies=[allowed("read")])
def measurements(
    here: Here,
    model: Model,
    metric: Text = None,
    column: Text = None,
    group: Text = None,
    version: Text = None,
    segment: Segment = None,
    from_: From = None,
    to: To = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[MeasurementRecord]:
    """List measurements of the latest revisions, oldest window first.

    ``column``, ``group`` and ``version`` take ``null`` for measurements without one; ``group`` is JSON, or
    ``origin=JFK,carrier=UA``. Those of a ``segment`` are of the segment itself and of its classes.
    """
    after = decode("measurements", cursor, datetime, datetime, int)
    part = segment_of(model, segment)
    text = None if group is None else view.same_group(asked.group(group))

    def wanted(key: SeriesKey) -> bool:
        return (
            metric in (None, key.metric)
            and (column is None or key.column == _or_null(column))
            and (version is None or key.version == _or_null(version))
            and (group is None or view.same_group(key.group) == text)
            and inside(part, key.group)
        )

    with here.store.read() as conn:
        span = _span(model, from_, to)
        found = view.measured(conn, model.name, span, wanted, after=after, limit=limit + 1)
    more = encode("measurements", *found[limit - 1][0]) if len(found) > limit else None
    return Page(items=[_record(one) for _, one in found[:limit]], next_cursor=more)


def _record(found: Measurement) -> MeasurementRecord:
    return MeasurementRecord(**record(found))


def _or_null(text: str) -> str | None:
    return None if text == "null" else text


def _span(model: ModelConfig, start: str | None, end: str | None) -> Span:
    return Span(*asked.span(start, end, model.window_timezone))
