"""Who acts from a terminal, as the audit log names him."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.domain.principal import Principal


def operator() -> Principal:
    """Return whoever sits at this terminal: who can open the store may do anything."""
    from dataclasses import replace  # noqa: PLC0415

    from monitor.domain.principal import LOCAL  # noqa: PLC0415
    from monitor.service.actor import actor  # noqa: PLC0415

    return replace(LOCAL, name=f"cli {actor()}")
