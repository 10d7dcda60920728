"""A limit: where a value breaches, and where it is healthy again."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from monitor.domain.verdict import Judged
from monitor.metrics.estimate import Estimate
from monitor.rules.rule import CLEAR


@dataclass(frozen=True, slots=True)
class Limit:
    """A value breaches beyond ``fire`` and is healthy on the other side of ``clear``.

    Examples
    --------
    >>> Limit.above(0.2, ideal=0.0), Limit.below(0.75, ideal=1.0)
    (Limit(fire=0.2, clear=0.16, upward=True), Limit(fire=0.75, clear=0.8, upward=False))
    """

    fire: float
    clear: float
    upward: bool

    @classmethod
    def above(cls, fire: float, clear: float | None = None, ideal: float | None = None) -> Limit:
        """Return an upper limit; by default clear lies a fifth of the way towards the ideal, or towards 0."""
        return cls(fire, _clear(fire, clear, ideal, upward=True), upward=True)

    @classmethod
    def below(cls, fire: float, clear: float | None = None, ideal: float | None = None) -> Limit:
        """Return a lower limit."""
        return cls(fire, _clear(fire, clear, ideal, upward=False), upward=False)

    def healthy(self, value: float) -> bool:
        """Tell whether a value is on the healthy side of ``clear``."""
        return value <= self.clear if self.upward else value >= self.clear

    def exceeds(self, value: float) -> bool:
        """Tell whether a value is beyond ``fire``."""
        return value > self.fire if self.upward else value < self.fire

    def ratio(self, value: float) -> float:
        """Return 1 at ``fire``, ``CLEAR`` at ``clear``, and in proportion elsewhere.

        Examples
        --------
        >>> [round(Limit.above(0.2).ratio(v), 3) for v in (0.1, 0.16, 0.2, 0.4)]
        [0.5, 0.8, 1.0, 2.0]
        """
        if self.fire == self.clear:
            return inf if self.exceeds(value) else CLEAR
        return CLEAR + (1 - CLEAR) * (value - self.clear) / (self.fire - self.clear)

    def state(self, estimate: Estimate) -> Judged:
        """Return the state of an estimate: it breaches when its whole interval does, or without one its value.

        Examples
        --------
        >>> limit = Limit.above(0.1)
        >>> [limit.state(Estimate(v, n=9, low=v - 0.05, high=v + 0.05)) for v in (0.05, 0.12, 0.2)]
        ['ok', 'mid', 'breach']
        """
        value = estimate.value
        if value is None:
            return "none"
        nearest = estimate.low if self.upward else estimate.high
        if self.exceeds(value if nearest is None else nearest):
            return "breach"
        return "ok" if self.healthy(value) else "mid"


def _clear(fire: float, clear: float | None, ideal: float | None, *, upward: bool) -> float:
    if clear is not None:  # healthy beyond the limit would be both at once
        return min(clear, fire) if upward else max(clear, fire)
    if ideal is not None and (ideal < fire) == upward and ideal != fire:
        return round(ideal + CLEAR * (fire - ideal), 12)
    return round(fire + (CLEAR - 1 if upward else 1 - CLEAR) * abs(fire), 12)
