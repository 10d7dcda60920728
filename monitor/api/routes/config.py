"""``/config``: the configuration in force without its secrets, and what another one would change."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from monitor.api.asking import Caller, Here, allowed
from monitor.api.body import read_body
from monitor.api.problem import Problem
from monitor.config import Config, canonical
from monitor.config.mask import mask
from monitor.domain.principal import Principal
from monitor.service.checking.dry_run import tried

router = APIRouter()

MOST_BYTES = 1_000_000
YAML = {"requestBody": {"required": True, "content": {"application/yaml": {"schema": {"type": "string"}}}}}


class InForce(BaseModel):
    """The configuration in force: the models that the caller may see, and what is common to all; no secrets.

    Receivers, routes and mute times name any model: only who may see all is told them, to others the lists are empty.
    """

    store: str
    models: list[dict[str, Any]]
    receivers: list[dict[str, Any]]
    routes: list[dict[str, Any]]
    mute_times: list[dict[str, Any]]
    external_url: str | None
    plugins: list[str]
    retention: dict[str, Any]


class WouldChange(BaseModel):
    """What would become of one model, or of a block beside the models."""

    name: str
    kind: Literal["added", "changed", "returned", "unchanged", "removed"]
    keys: Annotated[list[str], Field(description="Those that differ, dotted.")]


class DryRun(BaseModel):
    """What a monitor.yaml would change; nothing is changed."""

    changes: list[WouldChange]


@router.get("/config", dependencies=[allowed("config:read")])
def config(here: Here, caller: Caller) -> InForce:
    """Tell the configuration in force, without any secret."""
    return InForce(**shown(here.config(), caller))


@router.post("/config:check", dependencies=[allowed("config:write")], openapi_extra=YAML)
async def check(here: Here, caller: Caller, request: Request) -> DryRun:
    """Tell what a monitor.yaml would change; 422 with every fault when it is wrong.

    Nothing is changed and no source is asked. It takes a caller who may see all models. Each ``${NAME}`` stands for a
    word: no secret of the service is told.
    """
    if "*" not in caller.models:
        raise Problem(403, "forbidden", "This takes somebody who may see all models.")
    body = await read_body(request, MOST_BYTES)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(422, "invalid-configuration", "The text is not UTF-8.") from None
    found = await to_thread.run_sync(tried, text, here.config())
    return DryRun(changes=[WouldChange(name=one.name, kind=one.kind, keys=list(one.keys)) for one in found])


def shown(config: Config, caller: Principal) -> dict[str, Any]:
    """Return a configuration as a caller may see it."""
    whole = config.model_dump(mode="json", by_alias=True)
    return {
        "store": mask(config.store),
        "models": [json.loads(canonical(model)) for model in config.models if caller.sees(model.name)],
        **{name: whole[name] if "*" in caller.models else [] for name in ("receivers", "routes", "mute_times")},
        **{name: whole[name] for name in ("external_url", "retention")},
        "plugins": list(config.plugins),
    }
