"""What the API and the dashboard stand on: the store, the configuration in force, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitor.config import Config
from monitor.store.engine import Store


def present() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Backend:
    """What answers are made of.

    Parameters
    ----------
    store : Store
        The service's own database, open.
    config : callable
        Returns the configuration in force: another one after a reload.
    now : callable
        Returns the present; tests and demos give their own.
    note : str, optional
        What whoever looks at the overview is told of all this.
    """

    store: Store = field(repr=False)
    config: Callable[[], Config] = field(repr=False)
    now: Callable[[], datetime] = present
    note: str | None = None
