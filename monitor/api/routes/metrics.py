"""``/metrics``: what Prometheus wants to know of the models, of the work and of this process."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from monitor.api.asking import Caller, Here, allowed
from monitor.service.scrape.counters import counters
from monitor.service.scrape.deliveries import delivery_counters
from monitor.service.scrape.exposition import CONTENT_TYPE, exposition
from monitor.service.scrape.jobs import job_counters
from monitor.service.scrape.standing import standing_samples
from monitor.service.view.standing import standings

PREFIX = ""
router = APIRouter()


@router.get("/metrics", dependencies=[allowed("read")], response_class=PlainTextResponse)
def metrics(here: Here, caller: Caller, request: Request) -> Response:
    """Tell the state of every model that the caller may see, in the text format of Prometheus."""
    mine = [one for one in counters(here.config(), here.store, here.now()) if caller.sees(one.labels["model"])]
    chosen = [model.name for model in here.config().models if caller.sees(model.name)]
    every = [*mine, *standing_samples(standings(here, chosen)), *job_counters(here.store, caller.sees)]
    if "*" in caller.models:
        every += delivery_counters(here.config(), here.store)
    return Response(exposition([*every, *request.app.state.traffic.samples()]), media_type=CONTENT_TYPE)
