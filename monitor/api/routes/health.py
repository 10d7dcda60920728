"""``/healthz`` and ``/readyz``: whether this process lives, and whether it can do its work."""

from __future__ import annotations

from fastapi import APIRouter
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
def readyz(here: Here) -> Life:
    """Say that the store answers."""
    try:
        with here.store.read() as conn:
            conn.exec_driver_sql("SELECT 1")
    except StoreError:
        raise Problem(503, "not-ready", "The store does not answer.", headers={"retry-after": "5"}) from None
    return Life()
