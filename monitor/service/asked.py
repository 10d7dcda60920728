"""What was asked for: instants, groups and names as typed, turned into what they mean or refused with a cure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import yaml
from pydantic import ValidationError

from monitor.config import Config, ModelConfig, RuleConfig
from monitor.config.duration import parse_duration
from monitor.config.instant import parse_instant, place
from monitor.config.near import cure
from monitor.config.wrong import Wrong
from monitor.domain.measurement import Group
from monitor.errors import UsageError


def instant(text: str | None, option: str, zone: str = "UTC") -> datetime | None:
    """Return the aware instant that a text means, read in ``zone`` when it has no offset.

    Raises
    ------
    UsageError
        It is no date or time.

    Examples
    --------
    >>> instant("2013-03-01", "--from", "America/New_York").isoformat()
    '2013-03-01T05:00:00+00:00'
    """
    return None if text is None else moment(text, option, zone)


def moment(text: str, option: str, zone: str) -> datetime:
    """Return the aware instant that a text means, as `instant` does, of a text that is there.

    Raises
    ------
    UsageError
        It is no date or time.
    """
    try:
        return place(parse_instant(text), zone)
    except Wrong as wrong:
        hint = "write 2013-01-31, 2013-01-31T06:00 or 2013-01-31T06:00:00Z"
        raise UsageError(f"{option}: {text!r} {wrong.problem}", hint) from None


def length(text: str | None, option: str) -> timedelta | None:
    """Return the length of time that a text such as ``2h`` means.

    Raises
    ------
    UsageError
        It is none, or no time at all.

    Examples
    --------
    >>> length("90m", "--for")
    datetime.timedelta(seconds=5400)
    """
    if text is None:
        return None
    try:
        found = parse_duration(text)
    except Wrong as wrong:
        raise UsageError(f"{option}: {text!r} {wrong.problem}", wrong.hint) from None
    if not found:
        raise UsageError(f"{option}: {text!r} is no time at all", "write 30m, 2h or 3d")
    return found


def now(text: str | None) -> datetime:
    """Return the clock that ``--now`` sets, the real one when it is absent."""
    return instant(text, "--now") or datetime.now(UTC)


def span(start: str | None, end: str | None, zone: str, *, whole: str = "") -> tuple[datetime | None, datetime | None]:
    """Return the interval that ``--from`` and ``--to`` mean in a model's time zone; None where it is open.

    ``whole`` is an option that needs both ends.

    Raises
    ------
    UsageError
        It ends before it begins, or lacks an end that it needs.
    """
    first, last = instant(start, "--from", zone), instant(end, "--to", zone)
    if whole and (first is None or last is None):
        raise UsageError(f"{whole} needs both --from and --to", "add them: the interval is half-open, [from, to)")
    if first is not None and last is not None and last <= first:
        raise UsageError(f"--to {end} is not after --from {start}", "the interval is half-open: [from, to)")
    return first, last


def group(text: str) -> Group | None:
    """Return the group that a text means: JSON, or ``origin=JFK,carrier=UA``; None for ``null``.

    Raises
    ------
    UsageError
        It is neither.

    Examples
    --------
    >>> group("origin=JFK,carrier=UA") == group('{"origin": "JFK", "carrier": "UA"}'), group("null")
    (True, None)
    """
    hint = 'write origin=JFK,carrier=UA or \'{"origin": "JFK"}\'; null for what concerns no group'
    if text.lstrip().startswith("{") or text == "null":
        try:
            found = json.loads(text)
        except ValueError as error:
            raise UsageError(f"--group: {text!r} is no JSON: {error}", hint) from None
        return None if found is None else {str(key): _value(item) for key, item in found.items()}
    parts = [part.partition("=") for part in text.split(",")]
    if not all(key.strip() and sign for key, sign, _ in parts):
        raise UsageError(f"--group: {text!r} names no group", hint)
    return {key.strip(): value for key, _, value in parts}


def models(config: Config, names: Iterable[str] | None) -> list[ModelConfig]:
    """Return the models of these names in the file's order; all when none is named.

    Raises
    ------
    UsageError
        One is not in the file.
    """
    wanted = list(names or ())
    known = [model.name for model in config.models]
    for name in wanted:
        if name not in known:
            hint = cure(name, known, f"its models: {', '.join(known)}")
            raise UsageError(f"{config.file} has no model {name!r}", hint)
    return [model for model in config.models if not wanted or model.name in wanted]


def _value(item: object) -> str | None:
    """Return a group's value as measurements write it: text."""
    if item is None or isinstance(item, str):
        return item
    return json.dumps(item)


def rules(texts: Iterable[str]) -> list[RuleConfig]:
    """Return the rules that texts such as ``{metric: psi, columns: "*", above: 0.2}`` mean.

    Raises
    ------
    UsageError
        One is no rule of monitor.yaml.

    Examples
    --------
    >>> rules(['{metric: psi, columns: "*", above: 0.2}'])[0].above
    0.2
    """
    return [_rule(text) for text in texts]


def _rule(text: str) -> RuleConfig:
    hint = "write it as in monitor.yaml: '{metric: psi, columns: \"*\", above: 0.2}'"
    try:
        return RuleConfig.model_validate(yaml.safe_load(text))
    except yaml.YAMLError:
        raise UsageError(f"--rule: {text!r} is not YAML", hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise UsageError(f"--rule: {at + ': ' if at else ''}{first['msg']}", hint) from None
