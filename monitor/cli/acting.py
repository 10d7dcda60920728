"""Who acts from a terminal, as the audit log names him."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.domain.principal import Principal


def operator(name: str | None = None) -> Principal:
    """Return whoever sits at this terminal, or says who he is: who can open the store may do anything."""
    from dataclasses import replace  # noqa: PLC0415

    from monitor.domain.principal import LOCAL  # noqa: PLC0415
    from monitor.service.access.actor import actor  # noqa: PLC0415

    return replace(LOCAL, name=f"cli {actor(name)}")


def record(conn: Connection, name: str | None, action: str, what: str, told: dict[str, object] | None = None) -> None:
    """Write into the audit log what was done from this terminal, in the transaction that does it."""
    from monitor.service.access import audit  # noqa: PLC0415

    audit.record(conn, operator(name), action, what, None, told)
