"""Controls whose value stands in the address: links, reloads and the back button keep it."""

from __future__ import annotations

from typing import Any

CONTROL = "asked"


def asking(name: str, default: str = "") -> dict[str, str]:
    """Return the id of a control that writes its value under ``name`` into the address, unless it is the default."""
    return {"type": CONTROL, "name": name, "default": default}


def control(component: Any, name: str, query: Any, *, default: str = "", **more: Any) -> Any:
    """Return a component with a ``value`` that the address holds: callbacks read ``url.search``, never the control.

    Parameters
    ----------
    component : class
        Such as ``dmc.Select``, ``dmc.TextInput``, ``dmc.SegmentedControl``, ``dmc.Tabs``.
    query : mapping of str to str
        What the address says now.
    """
    return component(id=asking(name, default), value=query.get(name, default), **more)
