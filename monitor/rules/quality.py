"""Quality of columns as checks: missing and unseen values, by the window's own counts and the season's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from monitor.metrics.coarse import alone_share
from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import newcombe, wilson
from monitor.profile.bins import CategoricalBins
from monitor.profile.histogram import Histogram
from monitor.rules.check import Check
from monitor.rules.rule import Rule
from monitor.rules.select import Attributes, Place, selects
from monitor.rules.sides import Sides
from monitor.rules.situation import Situation

COUNTED = ("missing_rate_change", "unseen_rate")
"""Metrics that are judged from counts: against the same hours of the reference, or with an allowance."""


def quality(situation: Situation, rules: Sequence[Rule], sides: Sequence[Sides], known: Attributes) -> Iterator[Check]:
    """Yield the checks of columns on the shortest scale that is given."""
    shortest = min((side.scale for side in sides), default=1)
    for side in sides:
        if side.scale != shortest:
            continue
        for column, name, group in side.columns():
            for metric in COUNTED:
                place = Place(metric, name, group, side.version)
                chosen = tuple(rule for rule in rules if selects(rule, place, known))
                if chosen and (
                    metric != "unseen_rate" or isinstance(side.reference.layout.bins[column], CategoricalBins)
                ):
                    yield _check(situation, place, chosen, side, column)


def _check(situation: Situation, place: Place, rules: tuple[Rule, ...], side: Sides, column: str) -> Check:
    reference, current = side.histograms(column)
    late = column == "target"
    silent = situation.silent
    if silent is None and not (current.n and reference.n):
        silent = "no_rows" if not current.n else "no_reference"
    if place.metric == "unseen_rate":
        value = current.unseen / current.n if current.n else None
        more = allowance(reference)
        note = f"{more:.3g} more is allowed for: so rare are the reference's own categories" if more else None
        return Check(place, rules, _unseen(reference, current), value, current.n, None, silent, late, None, note)
    at = _missing(reference, current)
    value = None if silent else at(0.025).value
    return Check(place, rules, at, value, current.n, None, silent, late, side.season)


def allowance(reference: Histogram) -> float:
    """Return the share of rows that will have an unseen category though nothing has changed.

    The share of reference rows that are alone in their category estimates it: as many rows as are new now would be new
    again (Good 1953, Turing). A reference of few rows and many categories has not seen them all.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.freeze import categorical_bins
    >>> bins = categorical_bins({"a": 6, "b": 3, "c": 1})
    >>> allowance(Histogram(bins, bins.mass, np.zeros(len(bins))))
    0.1
    """
    return alone_share(reference.bins) if isinstance(reference.bins, CategoricalBins) else 0.0


def _unseen(reference: Histogram, current: Histogram) -> Callable[[float], Estimate]:
    """Return how much more than the allowance is unseen, with the noise of both."""
    present = int(reference.bins.mass[:-1].sum())

    def at(level: float) -> Estimate:
        now = wilson(current.unseen, current.n, level=1 - 2 * level)
        return newcombe(now, wilson(round(allowance(reference) * present), present, level=1 - 2 * level))

    return at


def _missing(reference: Histogram, current: Histogram) -> Callable[[float], Estimate]:
    def at(level: float) -> Estimate:
        now, before = ((side.missing, side.n) for side in (current, reference))
        return newcombe(wilson(*now, level=1 - 2 * level), wilson(*before, level=1 - 2 * level))

    return at
