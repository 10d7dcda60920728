"""An estimate: a value, its interval, the rows behind it, or the reason there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """The value of a metric with its 95 % interval.

    ``value`` is None exactly when ``reason`` is given; ``low`` and ``high`` are None where no interval is defined.
    Never NaN or infinite.

    Examples
    --------
    >>> Estimate(0.5, n=10, low=0.2, high=0.8).value
    0.5
    >>> undefined("no rows").reason
    'no rows'
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        """Keep the promise that a value is a finite number or has a reason."""
        if (self.value is None) == (self.reason is None):
            raise ValueError("an estimate has either a value or a reason")
        if any(x is not None and not math.isfinite(x) for x in (self.value, self.low, self.high)):
            raise ValueError("an estimate is never NaN or infinite")


def undefined(reason: str, n: int = 0) -> Estimate:
    """Return an estimate that has no value, with the reason."""
    return Estimate(None, n=n, reason=reason)
