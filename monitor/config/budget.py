"""How many false alarms a person will put up with."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from monitor.config.duration import parse_duration
from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

_SHAPE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s+per\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Budget:
    """At most ``count`` false alarms of one model in each ``per``, on average."""

    count: float
    per: timedelta


def parse_budget(value: object) -> Budget:
    """Return the budget that a text such as ``1 per 30d`` means.

    Raises
    ------
    Wrong
        The text has another shape, or one of its numbers is zero.

    Examples
    --------
    >>> parse_budget("1 per 30d")
    Budget(count=1.0, per=datetime.timedelta(days=30))
    """
    if isinstance(value, Budget):
        return value
    hint = "write a number, per, and a duration: 1 per 30d"
    match = _SHAPE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Wrong("is not a budget", hint)
    try:
        budget = Budget(float(match[1]), parse_duration(match[2]))
    except Wrong:
        raise Wrong("is not a budget", hint) from None
    if budget.count <= 0 or budget.per <= timedelta(0):
        raise Wrong("leaves no budget", "no test can promise zero false alarms: write 1 per 90d")
    return budget


BudgetField = Annotated[
    Budget,
    Parsed(parse_budget, {"type": "string", "examples": ["1 per 30d"]}),
]
