"""When a number is bad."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from monitor.config.name import Column, MetricName, Name
from monitor.config.number import Number, Whole
from monitor.config.one_or_many import OneOrMany
from monitor.config.parsed import Parsed
from monitor.config.section import Section
from monitor.config.wrong import Wrong

Severity = Literal["info", "warning", "critical"]
_M_OF_N = re.compile(r"(\d{1,3})\s+of\s+(\d{1,3})")
_PERCENT = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)\s*%")


@dataclass(frozen=True, slots=True)
class Persistence:
    """At least ``needed`` of the last ``of`` usable windows must breach."""

    needed: int = 2
    of: int = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A change against the reference: absolute, or a share of the reference's value."""

    amount: float
    relative: bool = False


def parse_persistence(value: object) -> Persistence:
    """Return what a text such as ``2 of 3`` means.

    Examples
    --------
    >>> parse_persistence("2 of 3")
    Persistence(needed=2, of=3)
    """
    if isinstance(value, Persistence):
        return value
    match = _M_OF_N.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Wrong("is not a number of windows", "write 2 of 3, or 1 of 1 for at once")
    if not 1 <= int(match[1]) <= int(match[2]):
        raise Wrong("asks for more windows than there are, or for none", "write 2 of 3")
    return Persistence(int(match[1]), int(match[2]))


def parse_change(value: object) -> Change:
    """Return what ``0.03`` or ``10%`` means.

    Examples
    --------
    >>> parse_change(0.03), parse_change("10%")
    (Change(amount=0.03, relative=False), Change(amount=0.1, relative=True))
    """
    if isinstance(value, Change):
        return value
    hint = "write a number such as 0.03, or a share of the reference such as 10%"
    if isinstance(value, str) and (match := _PERCENT.fullmatch(value.strip())):
        change = Change(round(float(match[1]) / 100, 12), relative=True)
    else:
        try:
            change = Change(float(str(value)))
        except ValueError:
            raise Wrong("is not a change", hint) from None
    if isinstance(value, bool) or not 0 < change.amount < float("inf"):
        raise Wrong("is not a change above zero", hint)
    return change


PersistenceField = Annotated[
    Persistence,
    Parsed(parse_persistence, {"type": "string", "examples": ["2 of 3"]}),
]
ChangeField = Annotated[
    Change,
    Parsed(parse_change, {"type": ["number", "string"], "examples": [0.03, "10%"]}),
]
Names = Annotated[tuple[Column, ...], OneOrMany()]


class RuleConfig(Section):
    """One condition on one metric, for the columns, groups and segments it names.

    ``above`` and ``below`` are limits of the value, ``worse_by`` and ``moved_by`` of its change against
    the reference (in the bad direction, in any). ``columns``, ``groups`` and ``segments`` are names or
    patterns (``"*"`` all); ``column`` is short for one. ``for_`` and ``min_rows`` None mean the default of
    the metric's kind.
    """

    name: Name | None = None
    metric: MetricName
    columns: Names | None = None
    column: Column | None = None
    groups: Names | None = None
    segments: Names | None = None
    version: Column | None = None
    above: Number | None = None
    below: Number | None = None
    worse_by: ChangeField | None = None
    moved_by: ChangeField | None = None
    clear: Number | None = None
    severity: Severity = "warning"
    for_: PersistenceField | None = Field(default=None, alias="for")
    clear_for: Whole = Field(default=2, ge=1, le=100)
    min_rows: Whole | None = Field(default=None, ge=1)

    @property
    def selected(self) -> tuple[str, ...] | None:
        """The columns or patterns it names, by either key; None when it names none."""
        return self.columns if self.column is None else (self.column,)

    @model_validator(mode="after")
    def _one_condition(self) -> "RuleConfig":
        limits = self.above is not None or self.below is not None
        given = [limits, self.worse_by is not None, self.moved_by is not None]
        if not any(given):
            raise Wrong("has no limit", "add above, below, worse_by or moved_by: above: 0.2", shown=False)
        if sum(given) > 1:
            raise Wrong(
                "has more than one kind of limit",
                "keep above/below, worse_by or moved_by, and write another rule for the rest",
                shown=False,
            )
        if self.column is not None and self.columns is not None:
            raise Wrong("is given beside columns", "keep one of them", at=("column",), shown=False)
        if None not in (self.above, self.below) and self.below >= self.above:  # type: ignore[operator]
            raise Wrong(
                "is not under above",
                "a value outside [below, above] breaches: write the smaller number here",
                at=("below",),
            )
        return self
