"""A part of a page: drawn with the page, and anew when the address or the store changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from dash import Output, html, no_update

from dashboards.asking import asked
from dashboards.components.blank import fault
from dashboards.page import matched
from dashboards.shell import PATHNAME, SEARCH, VERSION
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from dash import Dash
    from dash.dependencies import DashDependency

Draw = Callable[..., Any]
T = TypeVar("T")
LOG = logging.getLogger("monitor.dashboard")
BROKEN = MonitorError("This could not be drawn: something is broken here.", "the log of the service says what")


def part(app: Dash, path: str, ident: str, draw: Draw, *more: DashDependency, initial: bool = False) -> None:
    """Draw a part of the page at ``path`` again whenever the address or the store has changed.

    Parameters
    ----------
    ident : str
        The id of the component whose children it draws.
    draw : callable
        Is given what is asked and the values of ``more``; authorises by what is asked; its faults are shown in words.
    more : Input or State
        What else it depends on, such as ``SCHEME``.
    initial : bool
        Whether it is drawn by itself at first; else the page's layout draws it, for one round trip less.
    """

    def drawn(search: str | None, _version: str | None, *rest: Any) -> Any:
        *values, pathname = rest
        parts = matched(path, pathname)
        return no_update if parts is None else shown(draw, parts, search, *values)

    drawn.__name__ = f"draw_{ident}".replace("-", "_")
    app.callback(Output(ident, "children"), SEARCH, VERSION, *more, PATHNAME, prevent_initial_call=not initial)(drawn)


def shown(draw: Draw, parts: Mapping[str, str], search: str | None, *values: Any) -> Any:
    """Return what a function draws, or its fault in words."""
    question = asked(parts, search)
    return attempted(lambda: draw(question, *values))


def attempted(make: Callable[[], T]) -> T | html.Div:
    """Return what is made, or a fault in words: a page says so when something broke, and the log says what."""
    try:
        return make()
    except MonitorError as error:
        return fault(error)
    except Exception:
        LOG.exception("a part of a page could not be drawn")
        return fault(BROKEN)
