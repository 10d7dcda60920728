"""Pydantic's errors in plain words."""

from collections.abc import Callable, Mapping
from typing import Any

from monitor.config.blocks import homes, known_keys
from monitor.config.near import cure
from monitor.config.place import Path
from monitor.config.wrong import Wrong

Words = tuple[str, str]

_EXAMPLES = {
    "models": "models: [{name: …, task: …, source: …}]",
    "name": "name: churn",
    "task": "task: binary (or multiclass, regression, ranking)",
    "source": "source: {url: …, predictions: …}",
    "url": "url: and the address",
    "predictions": "predictions: {table: …, id: …, time: …}",
    "time": "time: and the column that holds the time",
    "id": "id: and the column that identifies a prediction",
    "target": "target: and the column that holds what really happened",
    "metric": "metric: psi",
    "metrics": "metrics: [DriftedColumnsCount]",
    "receivers": "receivers: and a list of receivers' names",
    "start": "start: 2013-01-01",
    "end": "end: 2013-03-01",
    "after": "after: 30m",
    "to": "to: and a list of names",
    "routing_key": "routing_key: ${PAGERDUTY_KEY}",
    "host": "host: smtp.example.org",
    "from": "from: monitor@example.org",
    "type": "type: webhook (or slack, pagerduty, email, apprise, alertmanager, log)",
}
_RANGES = {"threshold": "write a number between 0 and 1, such as 0.5"}


def words(error: Mapping[str, Any], path: Path, shown: Callable[[Path], str]) -> tuple[Path, str, str]:
    """Return path, problem and hint of one of pydantic's errors.

    Parameters
    ----------
    error : mapping
        An entry of ``ValidationError.errors()``.
    path : tuple
        Where it is in the file.
    shown : callable
        Gives the text of the file at a path, in quotes or named; never a secret.
    """
    wrong = error.get("ctx", {}).get("error")
    if isinstance(wrong, Wrong):
        where = (*path, *wrong.at)
        return where, f"{shown(where)} {wrong.problem}" if wrong.shown else wrong.problem, wrong.hint
    if error["type"].startswith("union_tag"):
        return (*path, "type"), *_type(error, shown((*path, "type")))
    return path, *_phrase(error, str(path[-1]) if path else "", shown(path))


def _phrase(error: Mapping[str, Any], key: str, text: str) -> Words:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "is missing", f"add {_EXAMPLES.get(key, f'{key}:')}"
    if kind == "extra_forbidden":
        return "is not a known key", _unknown(key, error["loc"])
    if kind == "literal_error":
        return _literal(text, context)
    problem, hint = _bound(kind, context) or _shape(kind)
    return f"{text} {problem}", _RANGES.get(key, hint)


def _bound(kind: str, context: Mapping[str, Any]) -> Words | None:
    words = _BOUNDS.get(kind)
    return words(context) if words else None


def _shape(kind: str) -> Words:
    for start, phrase in _SHAPES.items():
        if kind.startswith(start):
            return phrase
    return "is not what belongs here", "see the schema: monitor/config/schema.json"


def _literal(shown: str, context: Mapping[str, Any]) -> Words:
    allowed = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
    if allowed == ["default"]:
        return f"{shown} is not a rule", "write default, or {metric: psi, above: 0.2}"
    options = ", ".join(allowed)
    return f"{shown} is not one of {options}", cure(shown.strip('"'), allowed, f"write one of {options}")


def _type(error: Mapping[str, Any], text: str) -> Words:
    context = error.get("ctx", {})
    if error["type"] == "union_tag_not_found":
        return "is missing", f"add {_EXAMPLES['type']}"
    allowed = [word.strip(" '") for word in context["expected_tags"].split(",")]
    tag = str(context["tag"])
    return f"{text} is not a type of receiver", cure(tag, allowed, f"write one of {', '.join(allowed)}")


def _unknown(key: str, loc: Path) -> str:
    known = known_keys(loc)
    elsewhere = homes(key)
    otherwise = f"known here: {', '.join(known)}"
    if elsewhere:
        return f"it is a key of {elsewhere[0] or 'the file itself'}"
    return cure(key, known, otherwise)


_BOUNDS: dict[str, Callable[[Mapping[str, Any]], Words]] = {
    "greater_than": lambda c: (f"is not above {c['gt']:g}", f"write a number above {c['gt']:g}"),
    "greater_than_equal": lambda c: (f"is below {c['ge']:g}", f"write {c['ge']:g} or more"),
    "less_than": lambda c: (f"is not below {c['lt']:g}", f"write a number below {c['lt']:g}"),
    "less_than_equal": lambda c: (f"is above {c['le']:g}", f"write {c['le']:g} or less"),
    "too_short": lambda _: ("is empty", "add at least one"),
    "too_long": lambda c: (f"has more than {c['max_length']} entries", f"write {c['max_length']} at most"),
}
_SHAPES: dict[str, Words] = {
    "finite": ("is not a finite number", "write a number"),
    "string_too_short": ("is an empty text", "write a text"),
    "string": ("is not a text", "write one text; put numbers, true and false in quotes"),
    "int": ("is not a whole number", "write a whole number, such as 30"),
    "float": ("is not a number", "write a number, such as 0.2"),
    "bool": ("is neither true nor false", "write true or false"),
    "tuple": ("is not a list", "write a list: [a, b]"),
    "list": ("is not a list", "write a list: [a, b]"),
    "dict": ("is not a mapping", "write key: value pairs, or {key: value}"),
    "model": ("is not a mapping", "write key: value pairs, or {key: value}"),
}
