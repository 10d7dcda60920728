"""A check: one number that rules judge by its interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.metrics.estimate import Estimate
from monitor.rules.rule import Rule
from monitor.rules.select import Place
from monitor.rules.spread import Spread


@dataclass(frozen=True, eq=False)
class Check:
    """One number at one place, and the rules that judge it.

    ``at`` gives the number with its interval at a one-sided level: the value itself, or with ``before`` its change
    against the reference. ``value`` is what is shown of it. ``silent`` is why it cannot be judged; ``n`` its rows;
    ``late`` tells that it needs ground truth; ``note`` a sentence for people. ``spread`` is that of the reference's own
    windows around ``before``, beyond chance.
    """

    place: Place
    rules: tuple[Rule, ...]
    at: Callable[[float], Estimate]
    value: float | None
    n: int
    before: Estimate | None = None
    silent: str | None = None
    late: bool = False
    season: str | None = None
    note: str | None = None
    spread: Spread | None = None
