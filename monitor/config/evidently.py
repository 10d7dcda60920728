"""Metrics of Evidently that are computed beside ours, on a sample of rows."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from monitor.config.number import Whole
from monitor.config.parsed import Parsed
from monitor.config.section import Section
from monitor.config.wrong import Wrong

_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_HINT = "write a class of evidently.metrics, such as RowCount or {ValueDrift: {column: age}}"


@dataclass(frozen=True)
class EvidentlyMetric:
    """A class of ``evidently.metrics`` by name, and the arguments it is made with."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def parse_evidently_metric(value: object) -> EvidentlyMetric:
    """Return the metric that ``Name`` or ``{Name: {argument: value}}`` means.

    Raises
    ------
    Wrong
        It is no name of a class, more than one, or its arguments are no mapping.

    Examples
    --------
    >>> parse_evidently_metric({"ValueDrift": {"column": "age"}})
    EvidentlyMetric(name='ValueDrift', arguments={'column': 'age'})
    """
    if isinstance(value, EvidentlyMetric):
        return value
    if isinstance(value, dict) and len(value) == 1:
        [(name, arguments)] = value.items()
    else:
        name, arguments = value, {}
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Wrong("is not a metric of Evidently", _HINT)
    if not isinstance(arguments, dict):
        raise Wrong("is not a mapping of arguments", _HINT, at=(name,))
    return EvidentlyMetric(name, dict(arguments))


_ITEM_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": "^[A-Z][A-Za-z0-9]*$"},
        {"type": "object", "minProperties": 1, "maxProperties": 1},
    ]
}


class EvidentlyConfig(Section):
    """Which Evidently metrics are stored as ``evidently.<Metric>``, and on how many rows at most.

    ``rows`` bounds the seeded sample of each window and of the reference.
    """

    metrics: Annotated[
        tuple[
            Annotated[
                EvidentlyMetric,
                Parsed(parse_evidently_metric, _ITEM_SCHEMA),
            ],
            ...,
        ],
        Field(min_length=1, max_length=100),
    ]
    rows: Whole = Field(default=5000, ge=10, le=1_000_000)
    seed: Whole = Field(default=0, ge=0, lt=2**32)
