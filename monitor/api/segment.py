"""``segment``: which part of a model's rows is asked about."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import Query

from monitor.api.problem import Problem
from monitor.config import ModelConfig
from monitor.domain.measurement import Group
from monitor.errors import UsageError
from monitor.service import asked

Segment = Annotated[
    str | None,
    Query(
        max_length=1000,
        description='A segment of the model: `carrier=UA`, or JSON, `{"carrier": "UA"}`.',
        examples=["carrier=UA"],
    ),
]


def segment_of(model: ModelConfig, text: str | None) -> Group | None:
    """Return the segment that a text means; None without one.

    Raises
    ------
    Problem
        422: it names no attribute of the model's ``segments``, or more than one.
    """
    if text is None:
        return None
    try:
        found = asked.group(text)
    except UsageError:
        found = None
    if found is None or len(found) != 1 or not found.keys() <= set(model.segments):
        known = ", ".join(f"{name}=…" for name in model.segments)
        told = f"Write one of {known}." if known else "It has none: `segments:` in its configuration names them."
        fault = {"pointer": "#/query/segment", "detail": "is no segment of this model"}
        raise Problem(422, "not-a-segment", f"This is no segment of the model. {told}"[:1000], errors=[fault])
    return found


def inside(segment: Group | None, group: str | None) -> bool:
    """Return whether a group, as JSON text, lies in a segment: itself, and what it is divided into.

    Examples
    --------
    >>> inside({"a": "1"}, '{"a":"1","class":"c"}'), inside({"a": "1"}, '{"a":"2"}'), inside(None, None)
    (True, False, True)
    """
    if segment is None:
        return True
    found = {} if group is None else json.loads(group)
    return all(name in found and found[name] == value for name, value in segment.items())
