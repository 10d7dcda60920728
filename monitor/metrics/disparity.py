"""Disparities: one reduction of a rate per group for every way of comparing groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.errors import UsageError
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.gaps import (
    Gap,
    Shares,
    difference_of_two,
    ratio_of_two,
    smallest_ratio,
    widest_difference,
)
from monitor.metrics.rate import Rate
from monitor.profile.confusion import Confusion

Group = tuple[str | None, ...]
Groups = Mapping[Group, Confusion]


def difference(groups: Groups, against: Group | None, *rates: Rate) -> Estimate:
    """Return how far groups lie apart in a rate; of several rates, in the one farthest apart.

    Parameters
    ----------
    groups : mapping of group to Confusion
        Those to compare: two or more, exactly two with ``against``.
    against : tuple of str or None, optional
        The reference group. Without it the gap is the largest rate minus the smallest, with it
        the other group's rate minus this one's.
    rates : Rate
        What to compare by; the interval covers all of them at once.

    Returns
    -------
    Estimate
        A share. Undefined when fewer than two groups have rows that the rate asks.

    Raises
    ------
    UsageError
        ``against`` is given and the mapping holds more than it and one other group.
    """
    if against is None:
        return _reduce(groups, None, rates, widest_difference, _widest)
    return _reduce(groups, against, rates, difference_of_two, _farthest)


def ratio(groups: Groups, against: Group | None, *rates: Rate) -> Estimate:
    """Return the ratio of groups' rates; of several rates, the smaller ratio.

    Parameters are those of :func:`difference`: the ratio is the smallest rate over the largest, or
    that of the other group over that of ``against``. Undefined, too, when the rate divided by is 0.
    """
    compare = smallest_ratio if against is None else ratio_of_two
    return _reduce(groups, against, rates, compare, _smallest)


def _reduce(
    groups: Groups,
    against: Group | None,
    rates: tuple[Rate, ...],
    compare: Callable[[Shares], Gap | None],
    choose: Callable[[list[Gap]], Gap],
) -> Estimate:
    confusions = _in_order(groups, against)
    gaps: list[Gap] = []
    n = 0
    for rate in rates:
        counts = [rate.share(confusion) for confusion in confusions]
        defined = [(counted, asked) for counted, asked in counts if asked]
        if len(defined) < 2:
            return undefined(_too_few(rate, len(groups)), n=sum(a for _, a in defined))
        n += sum(asked for _, asked in defined)
        counted, asked = (list(column) for column in zip(*defined, strict=True))
        gap = compare(Shares.of(counted, asked, families=len(rates)))
        if gap is None:
            whose = "largest" if against is None else "reference group's"
            return undefined(f"the {whose} {rate.name} is 0", n=n)
        gaps.append(gap)
    best = choose(gaps)
    low, high = min(best.low, best.value), max(best.high, best.value)
    return Estimate(best.value, n=n, low=low, high=high)


def _in_order(groups: Groups, against: Group | None) -> list[Confusion]:
    """Return the groups' counts, the reference group's last."""
    if against is None:
        return list(groups.values())
    if len(groups) > 2:
        raise UsageError(
            f"{len(groups)} groups given to compare with one reference group",
            hint="pass the reference group and one other",
        )
    others = [confusion for group, confusion in groups.items() if group != against]
    return others + ([groups[against]] if against in groups else [])


def _too_few(rate: Rate, groups: int) -> str:
    if groups < 2:
        return "fewer than two groups"
    return f"fewer than two groups have {rate.among}, so the {rate.name} cannot be compared"


def _widest(gaps: list[Gap]) -> Gap:
    return Gap(max(gap.value for gap in gaps), max(gap.low for gap in gaps), max(gap.high for gap in gaps))


def _smallest(gaps: list[Gap]) -> Gap:
    return Gap(min(gap.value for gap in gaps), min(gap.low for gap in gaps), min(gap.high for gap in gaps))


def _farthest(gaps: list[Gap]) -> Gap:
    """Return the gap farthest from 0, bounded by every gap that may be the farther one in truth."""
    value = max((gap.value for gap in gaps), key=abs)
    surely = max(max(gap.low, -gap.high, 0.0) for gap in gaps)
    maybe = [gap for gap in gaps if max(gap.high, -gap.low) >= surely]
    return Gap(value, min(gap.low for gap in maybe), max(gap.high for gap in maybe))
