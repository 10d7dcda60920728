"""A dispatcher: who sends notices, for which models, by which configuration, over which way out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import random

from structlog.typing import FilteringBoundLogger

from monitor.config import Config
from monitor.config.receiver import ReceiverConfig
from monitor.notify import Egress
from monitor.store.engine import Store
from monitor.store.outbox import Scope
from monitor.telemetry import logger


@dataclass(frozen=True)
class Dispatcher:
    """What sending needs; ``owner`` names it in leases.

    ``rng`` gives numbers in [0, 1), so that what failed together does not come back together.
    """

    store: Store
    config: Config
    models: Collection[int]
    owner: str
    egress: Egress = field(default_factory=Egress)
    rng: Callable[[], float] = random
    log: FilteringBoundLogger = field(default_factory=logger)

    @property
    def scope(self) -> Scope:
        """Whose notices these are."""
        return Scope(self.models, [one.name for one in self.config.receivers])

    def receiver(self, name: str) -> ReceiverConfig | None:
        """Return a receiver as in the file; None when it is not there any more."""
        return next((one for one in self.config.receivers if one.name == name), None)
