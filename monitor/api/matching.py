"""``If-Match``: whoever changes something says which version of it he has seen."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from monitor.api.problem import Problem

IfMatch = Annotated[
    str | None, Header(max_length=200, description='The ETag of what was read, such as `"3"`; `*` for any version.')
]
_TAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def demanded(header: str | None, version: int) -> None:
    """Demand that the header names the version that is there now.

    Raises
    ------
    Problem
        428: there is no header. 412: it names another version.

    Examples
    --------
    >>> demanded('"2", "3"', 3), demanded("*", 3)
    (None, None)
    """
    if header is None:
        raise Problem(428, "if-match-required", "Say which version you have seen: If-Match with the ETag of a GET.")
    tags = [tag.strip() for tag in header.split(",")]
    if "*" in tags or any((found := _TAG.fullmatch(tag)) and int(found[1]) == version for tag in tags):
        return
    told = f"It is at version {version} by now: look at it again, then repeat."
    raise Problem(412, "stale-version", told, headers={"etag": etag(version)}, more={"version": version})
