"""``/healthz`` and ``/readyz``: whether this process lives, and whether it can do its work."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from monitor.api.asking import Here
from monitor.api.problem import Problem
from monitor.errors import StoreError

PREFIX = ""
router = APIRouter()


class Life(BaseModel):
    """That a process lives."""

    status: str = "ok"


@router.get("/healthz")
async def healthz() -> Life:
    """Say that this process answers, whatever else does."""
    return Life()


@router.get("/readyz")
def readyz(here: Here, request: Request) -> Life:
    """Say that the store answers, and that the scheduler beside this server looks around."""
    try:
        with here.store.read() as conn:
            conn.exec_driver_sql("SELECT 1")
    except StoreError:
        raise Problem(503, "not-ready", "The store does not answer.", headers={"retry-after": "5"}) from None
    if (ill := request.app.state.checks()) is not None:
        raise Problem(503, "not-ready", f"Not ready: {ill}.", headers={"retry-after": "5"})
    return Life()
