"""``/models``: which models there are, and how each fares."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from monitor.api.asking import Caller, Here, Model, allowed, names
from monitor.api.paging import Cursor, Limit, Page, decode, encode
from monitor.config import ModelConfig
from monitor.service.key_metric import key_metric
from monitor.service.view.standing import Standing, standings

router = APIRouter()


class Monitored(BaseModel):
    """A model and how it fares."""

    name: str
    task: str
    key_metric: str
    labels: dict[str, str]
    runbook: str | None
    window: str
    verdict: Literal["ok", "drift", "unknown"]
    severity: Literal["info", "warning", "critical"] | None
    state: Literal["ok", "late", "ended", "learning", "failing", "new"]
    window_end: datetime | None
    next_expected_at: datetime | None
    incident: str | None


@router.get("/models", dependencies=[allowed("read")])
def models(here: Here, caller: Caller, cursor: Cursor = None, limit: Limit = 100) -> Page[Monitored]:
    """List the models that the caller may see, in the file's order."""
    after = decode("models", cursor, str)
    known = names(here, caller)
    begin = 0 if after is None else next((at + 1 for at, name in enumerate(known) if name == after[0]), len(known))
    chosen = known[begin : begin + limit]
    by_name = {model.name: model for model in here.config().models}
    items = [_monitored(by_name[one.model], one) for one in standings(here, chosen)]
    more = begin + limit < len(known)
    return Page(items=items, next_cursor=encode("models", chosen[-1]) if more else None)


@router.get("/models/{model}", dependencies=[allowed("read")])
def model(here: Here, model: Model) -> Monitored:
    """Tell of one model."""
    [one] = standings(here, [model.name])
    return _monitored(model, one)


def _monitored(model: ModelConfig, one: Standing) -> Monitored:
    told: dict[str, Any] = {
        "name": model.name,
        "task": model.task,
        "key_metric": key_metric(model),
        "labels": {str(key): str(value) for key, value in model.labels.items()},
        "runbook": model.runbook,
        "window": str(model.window),
        "verdict": one.verdict,
        "severity": one.severity,
        "state": one.state,
        "window_end": one.window.end if one.window else None,
        "next_expected_at": one.expected_at,
        "incident": one.incident,
    }
    return Monitored(**told)
