"""Fairness: a rate of every group in one window, those too small to tell marked, those too small to show left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from monitor.domain.measurement import Group
from monitor.metrics.estimate import Estimate
from monitor.metrics.intervals import newcombe
from monitor.service.view.past import Past
from monitor.store import points
from monitor.store.runs import Run

SHOWN_FROM = 10  # rows: fewer could point at a person
NAMES = ("selection_rate", "recall", "false_positive_rate", "precision", "accuracy", "mean_score")

State = Literal["ok", "small", "suppressed"]


@dataclass(frozen=True, slots=True)
class GroupRate:
    """One group's rate with its 95 % interval, and its difference from the group it is compared with.

    ``small`` groups stay out of the disparities; of ``suppressed`` ones nothing is shown, not even how many rows.
    """

    values: tuple[str | None, ...]
    state: State
    n: int | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None

    @property
    def title(self) -> str:
        """The group's values, a missing one said in words.

        Examples
        --------
        >>> GroupRate(("JFK", None), "ok", 100).title
        'JFK × missing'
        """
        return " × ".join("missing" if value is None else value for value in self.values)


def rates(
    conn: Connection,
    past: Past,
    run: Run,
    attributes: Sequence[str],
    metric: str,
    *,
    least: int,
    against: str | None = None,
) -> list[GroupRate]:
    """Return a rate of every group of some attributes in one window, the largest rate first.

    Parameters
    ----------
    least : int
        Rows from which a group takes part in disparities.
    against : str, optional
        The title of the group that the others are compared with.
    """
    wanted = {
        number: tuple(group.values())
        for number, key in past.keys.items()
        if key.metric == metric and key.version == past.lens.version and key.column is None and key.group is not None
        and tuple(group := json.loads(key.group)) == tuple(attributes)
    }  # fmt: skip
    found = [
        GroupRate(wanted[number], "ok" if n >= least else "small", n, value, low, high)
        for number, _, value, low, high, n, _ in points.full(conn, wanted, run.id, run.id)
        if n
    ]
    shown = _suppressed(found)
    other = next((one for one in shown if one.title == against and one.value is not None), None)
    if other is not None:
        shown = [_beside(one, other) for one in shown]
    return sorted(shown, key=lambda one: (one.value is None, -(one.value or 0.0), one.title))


def attribute_sets(past: Past) -> list[tuple[str, ...]]:
    """Return the attribute sets that rates are kept apart for, in the order they came."""
    found: dict[tuple[str, ...], None] = {}
    for key in past.keys.values():
        if key.group is not None and key.column is None and key.metric != "confusion_count":
            names = tuple(json.loads(key.group))
            if "class" not in names:
                found[names] = None
    return list(found)


def gap_series(past: Past, attributes: Sequence[str], metric: str, group: Group | None = None) -> list[int]:
    """Return the series of a gap between groups: between the extremes, or of one group against the named one."""
    column = "×".join(attributes)
    return [
        number
        for number, key in past.keys.items()
        if key.metric == metric and key.column == column and key.version == past.lens.version
        and (None if key.group is None else json.loads(key.group)) == group
    ]  # fmt: skip


def _suppressed(found: Sequence[GroupRate]) -> list[GroupRate]:
    """Leave out the numbers of groups with few rows; of one alone, those of the next smallest too.

    Else the one could be had by taking all others from the whole.
    """
    few = {one.values for one in found if (one.n or 0) < SHOWN_FROM}
    if len(few) == 1 and len(found) > 1:
        rest = [one for one in found if one.values not in few]
        few.add(min(rest, key=lambda one: one.n or 0).values)
    return [GroupRate(one.values, "suppressed", None) if one.values in few else one for one in found]


def _beside(one: GroupRate, other: GroupRate) -> GroupRate:
    if one.value is None or one.values == other.values:
        return one
    gap = newcombe(_estimate(one), _estimate(other))
    return replace(one, difference=gap.value, difference_low=gap.low, difference_high=gap.high)


def _estimate(one: GroupRate) -> Estimate:
    return Estimate(one.value, n=one.n or 0, low=one.low, high=one.high)
