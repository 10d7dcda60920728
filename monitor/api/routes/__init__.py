"""One file per resource, each with a ``router``; being in this folder puts it into the application.

A module may set ``PREFIX``: the path that its routes begin with, ``/api/v1`` when it says nothing.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from fastapi import APIRouter

API = "/api/v1"


def every() -> list[tuple[str, str, APIRouter]]:
    """Return name, prefix and router of each resource, in the order of their names."""
    found = []
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        found.append((name, getattr(module, "PREFIX", API), module.router))
    return found
