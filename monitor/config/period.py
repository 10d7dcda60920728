"""Stretches of time named in monitor.yaml."""

from datetime import datetime

from pydantic import model_validator

from monitor.config.instant import Instant, place
from monitor.config.section import Section
from monitor.config.wrong import Wrong


def check_order(start: datetime | None, end: datetime | None) -> None:
    """Refuse an end that is not after its start.

    Raises
    ------
    Wrong
        At ``end``; instants of which only one has an offset are compared once both are placed.
    """
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return
    if end <= start:
        raise Wrong("is not after start", "write an end that is later than start", at=("end",))


class PeriodConfig(Section):
    """The instants from ``start`` up to, not including, ``end``; in UTC once loaded."""

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _order(self) -> "PeriodConfig":
        check_order(self.start, self.end)
        return self

    def placed(self, zone: str) -> "PeriodConfig":
        """Return the period with naive instants read as local time of ``zone``."""
        start, end = place(self.start, zone), place(self.end, zone)
        check_order(start, end)
        return PeriodConfig(start=start, end=end)
