"""A FastAPI service whose predictions are monitored: one client for the life of the process.

Run it:  MONITOR_URL=https://monitor.example.org MONITOR_KEY=mm_… uvicorn fastapi_app:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from uuid import uuid4

from fastapi import FastAPI, Request
from pydantic import BaseModel

from monitor.client import AsyncClient


class Application(BaseModel):
    """What the model is asked about."""

    amount: float
    place: str


def score(application: Application) -> float:
    """Stand in for a model."""
    return min(application.amount / 1_000, 1.0)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one client from the first request to the last; what waits is sent before the process ends."""
    url, key = os.environ["MONITOR_URL"], os.environ.get("MONITOR_KEY")
    async with AsyncClient(url, key, "credit", version="v7") as client:
        app.state.monitor = client
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/decide")
async def decide(application: Application, request: Request) -> dict[str, object]:
    """Decide, and log what was decided on what."""
    begun = perf_counter()
    probability = score(application)
    decision, number = int(probability > 0.5), uuid4().hex
    request.app.state.monitor.log(
        id=number,
        features=application.model_dump(),
        prediction=decision,
        score=probability,
        latency_ms=(perf_counter() - begun) * 1_000,
    )
    return {"id": number, "decision": decision}


@app.post("/outcome/{number}")
async def outcome(number: str, defaulted: bool, request: Request) -> None:
    """Say what became of a decision; weeks later, and again when it was wrong."""
    request.app.state.monitor.truth(number, int(defaulted))
