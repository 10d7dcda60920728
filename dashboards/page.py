"""The pages: every module in ``dashboards/pages`` with a ``PATH`` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import unquote

from dashboards.asking import PREFIX, Asked

if TYPE_CHECKING:
    from dash import Dash


class Page(Protocol):
    """A module of ``dashboards/pages``.

    ``PATH`` is its address below ``/dash``, such as ``/models/{model}``; ``register`` hangs its callbacks in.
    """

    PATH: str

    def title(self, asked: Asked) -> list[tuple[str, str | None]]:
        """Return the breadcrumb: words, each with its link, None for the page itself."""

    def layout(self, asked: Asked) -> Any:
        """Return what stands on the page; a MonitorError is shown in words."""

    def register(self, app: Dash) -> None:
        """Hang the callbacks in."""


@cache
def pages() -> tuple[Page, ...]:
    """Return all pages."""
    package = importlib.import_module("dashboards.pages")
    names = [found.name for found in pkgutil.iter_modules(package.__path__, "dashboards.pages.")]
    modules: list[ModuleType] = [importlib.import_module(name) for name in names]
    return tuple(cast("Page", module) for module in modules if hasattr(module, "PATH"))


def found(pathname: str | None) -> tuple[Page, dict[str, str]] | None:
    """Return the page at an address and the named parts of that; None when there is none."""
    for page in pages():
        parts = matched(page.PATH, pathname)
        if parts is not None:
            return page, parts
    return None


def matched(path: str, pathname: str | None) -> dict[str, str] | None:
    """Return the named parts of an address when it fits a page's path.

    Examples
    --------
    >>> matched("/models/{model}", "/dash/models/a%20b/"), matched("/", "/dash"), matched("/explore", "/dash/")
    ({'model': 'a b'}, {}, None)
    """
    wanted = path.strip("/").split("/")
    given = (pathname or "").removeprefix(PREFIX).strip("/").split("/")
    if len(wanted) != len(given):
        return None
    parts: dict[str, str] = {}
    for want, have in zip(wanted, given, strict=True):
        if want.startswith("{") and have:
            parts[want.strip("{}")] = unquote(have)
        elif want != have:
            return None
    return parts
