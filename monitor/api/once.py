"""Once: a request that names itself by ``Idempotency-Key`` is done once, however often it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from sqlalchemy import Connection
from starlette.responses import Response

from monitor.api.asking import PRINCIPAL
from monitor.api.problem import Problem
from monitor.api.text import Json, json_text
from monitor.domain.principal import NOBODY, Principal
from monitor.service.backend import Backend
from monitor.store import answers, clock
from monitor.store.answers import Answer

REPLAYED = "idempotency-replayed"
_RUNNING: set[tuple[str, str]] = set()
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Done:
    """What a request has done: the answer, which is stored with the effect."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request that changes something: its key, who sends it, and what tells it from others under the same key."""

    key: str | None
    caller: Principal
    digest: str


async def _asked(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            description="The same key again within 24 hours gives the same answer and does nothing.",
        ),
    ] = None,
) -> Asked:
    said = (request.method, str(request.url.path), str(request.url.query), request.headers.get("if-match", ""))
    text = json.dumps(said).encode() + b"\0" + await request.body()
    caller: Principal = request.scope.get(PRINCIPAL, NOBODY)
    return Asked(key, caller, blake2b(text, digest_size=16).hexdigest())


Once = Annotated[Asked, Depends(_asked)]


def once(here: Backend, asked: Asked, effect: Callable[[Connection], Done]) -> Response:
    """Do something in one transaction together with the record that it was done, and answer.

    Raises
    ------
    Problem
        409: the same request is being done at this moment. 422: the key was used for another request.
    """

    def act(conn: Connection) -> Response:
        if asked.key is None:
            return _response(effect(conn))
        now = clock.now(conn)
        known = _known(conn, asked, now)
        if known is not None:
            return known
        done = effect(conn)
        _save(conn, asked, done, now)
        return _response(done)

    with _alone(asked):
        return here.store.transact(act)


def once_or_again(here: Backend, asked: Asked, effect: Callable[[], Done]) -> Response:
    """Do something that may be done again, in transactions of its own, and record the answer after it.

    Raises
    ------
    Problem
        As for `once`.
    """
    if asked.key is None:
        return _response(effect())
    with _alone(asked):
        with here.store.read() as conn:
            known = _known(conn, asked, clock.now(conn))
        if known is not None:
            return known
        done = effect()

        def keep(conn: Connection) -> None:
            now = clock.now(conn)
            if _known(conn, asked, now) is None:
                _save(conn, asked, done, now)

        here.store.transact(keep)
        return _response(done)


def _known(conn: Connection, asked: Asked, now: datetime) -> Response | None:
    """Return the answer that was given before; None when there was none."""
    caller, key = _name(asked.caller), str(asked.key)
    if answers.taken(conn, caller, key):
        raise _running()
    known = answers.find(conn, caller, key, now)
    if known is None:
        return None
    if known.request != asked.digest:
        raise Problem(422, "idempotency-mismatch", "This Idempotency-Key was used for another request: take a new one.")
    return Json(known.body.encode("ascii"), known.status, {**known.headers, REPLAYED: "true"})


def _save(conn: Connection, asked: Asked, done: Done, now: datetime) -> None:
    body = json_text(done.content).decode("ascii")
    answers.save(conn, _name(asked.caller), str(asked.key), Answer(asked.digest, done.status, done.headers, body), now)


@contextmanager
def _alone(asked: Asked) -> Iterator[None]:
    """Keep the same key of the same caller from being at work twice in this process."""
    if asked.key is None:
        yield
        return
    mine = _name(asked.caller), asked.key
    with _LOCK:
        if mine in _RUNNING:
            raise _running()
        _RUNNING.add(mine)
    try:
        yield
    finally:
        with _LOCK:
            _RUNNING.discard(mine)


def _running() -> Problem:
    detail = "A request with this Idempotency-Key is being worked on: ask again in a moment."
    return Problem(409, "idempotency-running", detail, headers={"retry-after": "1"})


def _name(caller: Principal) -> str:
    """Return what tells callers apart: the number of a key, as its name may be another key's by now."""
    return blake2b((caller.id or caller.name).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _response(done: Done) -> Response:
    return Json(done.content, done.status, dict(done.headers))
