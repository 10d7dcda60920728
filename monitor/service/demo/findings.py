"""What the stored measurements show of the faults planted in the samples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from monitor.config import Config
from monitor.domain.measurement import Measurement
from monitor.service.demo.samples import Fault
from monitor.service.read import Selection, read
from monitor.store.engine import Store

STRETCH = 3  # windows whose median speaks for the first of them


@dataclass(frozen=True)
class Finding:
    """A planted fault and what was measured: medians over the reference's windows and over those of the fault.

    ``since`` begins the first window of three whose median has moved far enough; None when there is none. ``windows``
    counts those of the fault that are measured so far.
    """

    model: str
    fault: Fault
    reference: float | None
    during: float | None
    windows: int
    since: datetime | None

    @property
    def moved(self) -> float | None:
        """By how much the median has moved in the expected direction."""
        if self.reference is None or self.during is None:
            return None
        return (self.during - self.reference) * (1 if self.fault.rises else -1)

    @property
    def shows(self) -> bool:
        """Whether that is at least what was planted."""
        return self.moved is not None and self.moved >= self.fault.at_least


@dataclass(frozen=True)
class Season:
    """The calendar month, in the sample's own time, in which a metric was farthest from its reference."""

    metric: str
    reference: float
    value: float
    month: datetime
    since: datetime


def finding(config: Config, store: Store, model: str, fault: Fault) -> Finding:
    """Look for a planted fault in what is stored."""
    series = _series(config, store, model, fault.metric, fault.column, fault.group)
    reference = _median(one for one in series if one.in_reference)
    inside = [one for one in series if one.window_start >= fault.begins and one.window_end <= fault.ends]
    known = [one for one in inside if one.value is not None]
    settled = [one for one in known if not one.provisional] or known
    since = None if reference is None else _since(settled, reference, fault)
    return Finding(model, fault, reference, _median(settled), len(settled), since)


def seasons(config: Config, store: Store, model: str, metrics: Iterable[str], shift: timedelta) -> list[Season]:
    """Return, for each metric, the month of the sample's own calendar that was farthest from the reference."""
    found = []
    for metric in metrics:
        series = [one for one in _series(config, store, model, metric, None, None) if one.value is not None]
        reference = _median(one for one in series if one.in_reference)
        months: dict[tuple[int, int], list[Measurement]] = {}
        for one in series:
            if not one.in_reference:
                there = one.window_start - shift
                months.setdefault((there.year, there.month), []).append(one)
        values = {
            month: value for month, ones in months.items() if len(ones) > 20 and (value := _median(ones)) is not None
        }
        if reference is None or not values:
            continue
        farthest = max(values, key=lambda month: abs(values[month] - reference))
        first = months[farthest][0].window_start
        found.append(Season(metric, reference, values[farthest], first - shift, first))
    return found


def _series(
    config: Config, store: Store, model: str, metric: str, column: str | None, group: object
) -> list[Measurement]:
    selection = Selection(models=(model,), metric=metric, column=column, group=group, version=None)  # type: ignore[arg-type]
    return list(read(config, store, selection))


def _median(found: Iterable[Measurement]) -> float | None:
    values = [one.value for one in found if one.value is not None]
    return median(values) if values else None


def _since(series: list[Measurement], reference: float, fault: Fault) -> datetime | None:
    sign = 1 if fault.rises else -1
    moved = [(one.value - reference) * sign for one in series if one.value is not None]
    for i in range(len(moved) - STRETCH + 1):
        if median(moved[i : i + STRETCH]) >= fault.at_least:
            return series[i].window_start
    return None
