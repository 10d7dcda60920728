"""The page incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboards.asking import Asked
from dashboards.components.blank import empty

if TYPE_CHECKING:
    from dash import Dash

PATH = "/incidents"


def title(_asked: Asked) -> list[tuple[str, str | None]]:
    """Return the breadcrumb."""
    return [("Incidents", None)]


def layout(_asked: Asked) -> Any:
    """Return the page."""
    return empty("Nothing here yet.")


def register(_app: Dash) -> None:
    """Hang the callbacks in."""
