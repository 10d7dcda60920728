"""Which incidents go to whom."""

from typing import Annotated

from pydantic import Field

from monitor.config.duration import PositiveDuration
from monitor.config.name import Name
from monitor.config.one_or_many import OneOrMany
from monitor.config.parsed import Parsed
from monitor.config.scalar import label_text
from monitor.config.section import Section
from monitor.config.wrong import Wrong


def parse_match(value: object) -> dict[str, tuple[str, ...]]:
    """Return for every label the values that match; patterns such as ``fraud-*`` may stand in them.

    Examples
    --------
    >>> parse_match({"severity": "critical", "team": ["risk", "web"]})
    {'severity': ('critical',), 'team': ('risk', 'web')}
    """
    if not isinstance(value, dict):
        raise Wrong("is not a mapping", "write {severity: critical}")
    return {str(key): _values(str(key), item) for key, item in value.items()}


def _values(key: str, item: object) -> tuple[str, ...]:
    if item == [] or isinstance(item, dict):
        raise Wrong("is not a value or a list of values", "write {severity: critical}", at=(key,))
    try:
        return tuple(label_text(one) for one in (item if isinstance(item, list | tuple) else [item]))
    except Wrong as wrong:
        raise Wrong(wrong.problem, wrong.hint, at=(key,)) from None


_PLAIN = {"type": ["string", "number", "boolean"]}
_SCHEMA = {
    "type": "object",
    "additionalProperties": {"anyOf": [_PLAIN, {"type": "array", "items": _PLAIN}]},
}

Match = Annotated[dict[str, tuple[str, ...]], Parsed(parse_match, _SCHEMA)]


class EscalationConfig(Section):
    """Who else is told when nobody has acknowledged for ``after``."""

    after: PositiveDuration
    to: Annotated[tuple[Name, ...], Field(min_length=1), OneOrMany()]


class RouteConfig(Section):
    """The receivers of the incidents that ``match``; without it, of all.

    ``match`` names severity, model, kind, or a label of the model; every one must fit. The first route
    that fits is taken, the next ones too when it has ``continue``.
    """

    match: Match = Field(default_factory=dict)
    receivers: Annotated[tuple[Name, ...], Field(min_length=1), OneOrMany()]
    escalate: Annotated[tuple[EscalationConfig, ...], OneOrMany()] = ()
    continue_: bool = Field(default=False, alias="continue")
