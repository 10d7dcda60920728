"""The budget: how strict every test must be for a person to see no more false alarms than was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import comb, sqrt

from monitor.config.budget import Budget

SCALES = (1, 6, 24)
"""How many windows are summed before they are looked at."""

LARGEST = 0.05  # with few windows in the budget's time the formulas would ask for less than anybody calls a sign


@dataclass(frozen=True)
class Levels:
    """Levels of significance that keep a budget of ``count`` false alarms in ``windows`` windows.

    Half of the budget is for drift, a third of that for each scale; half for the checks that judge by intervals.
    ``overlap`` is how many steps a rolling window reaches over, 1 for windows that follow one another.

    Examples
    --------
    >>> levels = Levels.of(Budget(1.0, timedelta(days=30)), timedelta(hours=1))
    >>> levels.windows, round(levels.drift(6, 50), 6), levels.drift(1, 50), round(levels.interval(100, 2, 3), 6)
    (720.0, 0.000463, 0.05, 0.001863)
    """

    count: float
    windows: float
    overlap: int = 1

    @classmethod
    def of(cls, budget: Budget, step: timedelta, overlap: int = 1) -> Levels:
        """Return the levels for windows that end a ``step`` apart."""
        return cls(budget.count, budget.per / step, overlap)

    @cached_property
    def scales(self) -> tuple[int, ...]:
        """The scales that drift is looked at on, in steps: one only for a rolling window, which is a sum already."""
        return (self.overlap,) if self.overlap > 1 else SCALES

    def drift(self, scale: int, tests: int) -> float:
        """Return the level of all drift tests of a window on a scale together.

        On single windows ``q`` with ``2 W q² / m = B / 6``, since two of three must breach in the same of ``m`` tests;
        on a sum of ``s`` windows, most of which the next sum shares, ``q`` with ``3 W q / s = B / 6``. At most 0.05.

        Examples
        --------
        >>> [round(Levels(1.0, 30.0).drift(s, 20), 4) for s in (1, 6, 24)]
        [0.05, 0.0111, 0.0444]
        """
        if scale == 1:
            return min(LARGEST, sqrt(self.count * tests / (12 * self.windows)))
        return self.lasting(scale)

    def lasting(self, scale: int) -> float:
        """Return the level where what is seen once is seen again in the next window: ``B s / (18 W)``, at most 0.05."""
        return min(LARGEST, self.count * scale / (18 * self.windows))

    def interval(self, checks: int, needed: int, of: int) -> float:
        """Return the one-sided level of each check that judges by an interval.

        With ``W c C(n-1, m-1) a^m = B / 2`` for ``m`` of ``n`` windows: a false alarm needs this window and ``m - 1``
        of the ``n - 1`` before it. Rolling windows share most rows with the last one, so there one breach brings the
        next: ``3 W c a / s = B / 2``. At most 0.05.

        Examples
        --------
        >>> [round(Levels(1.0, 720.0).interval(10, m, n), 5) for m, n in ((1, 1), (2, 3), (3, 3))]
        [7e-05, 0.00589, 0.0411]
        """
        looks = self.windows * max(1, checks)
        if self.overlap > 1:
            return min(LARGEST, self.count * self.overlap / (6 * looks))
        share = self.count / (2 * looks * comb(of - 1, needed - 1))
        return min(LARGEST, float(share ** (1 / needed)))
