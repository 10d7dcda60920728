"""Whether the blocks of monitor.yaml suit each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config.model_check import check_model
from monitor.config.near import cure, near
from monitor.config.wrong import Wrong

At = tuple[str | int, ...]
MATCHABLE = ("severity", "model", "kind", "metric", "column", "segment", "group", "version", "rule")
_SEVERITIES = ("info", "warning", "critical")


def cross_check(data: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield what is wrong between the blocks of a file as written; tolerant of other faults."""
    for index, model in _blocks(data, "models"):
        for wrong in check_model(model):
            yield _wrong(wrong.problem, wrong.hint, "models", index, *wrong.at)
    yield from _names(data, "models")
    yield from _names(data, "receivers")
    yield from _receivers_exist(data)
    for key in ("routes", "mute_times"):
        for index, entry in _blocks(data, key):
            yield from _match(data, entry.get("match"), (key, index, "match"))


def _wrong(problem: str, hint: str, *at: str | int) -> Wrong:
    return Wrong(problem, hint, at=at, shown=False)


def _blocks(data: Mapping[str, Any], key: str) -> list[tuple[int, Mapping[str, Any]]]:
    entries = data.get(key)
    return [(i, e) for i, e in enumerate(entries) if isinstance(e, Mapping)] if isinstance(entries, list) else []


def _names(data: Mapping[str, Any], key: str) -> Iterator[Wrong]:
    first: dict[str, int] = {}
    for index, entry in _blocks(data, key):
        name = entry.get("name")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield Wrong(f"is taken by {key}[{first[name]}]", "give each its own name", at=(key, index, "name"))


def _receivers_exist(data: Mapping[str, Any]) -> Iterator[Wrong]:
    known = [r["name"] for _, r in _blocks(data, "receivers") if isinstance(r.get("name"), str)]
    for at, name in _named_receivers(data):
        if isinstance(name, str) and name not in known:
            otherwise = f"known: {', '.join(known)}" if known else "add it to receivers:"
            yield Wrong("is not the name of a receiver", cure(name, known, otherwise), at=at)
    for index, receiver in _blocks(data, "receivers"):
        if receiver.get("fallback") is not None and receiver.get("fallback") == receiver.get("name"):
            yield _wrong("is the receiver itself", "name another one", "receivers", index, "fallback")


def _named_receivers(data: Mapping[str, Any]) -> Iterator[tuple[At, object]]:
    for index, receiver in _blocks(data, "receivers"):
        yield ("receivers", index, "fallback"), receiver.get("fallback")
    for index, route in _blocks(data, "routes"):
        yield from _each(route.get("receivers"), ("routes", index, "receivers"))
        steps = route.get("escalate")
        if isinstance(steps, Mapping):
            yield from _each(steps.get("to"), ("routes", index, "escalate", "to"))
        for step, entry in enumerate(steps if isinstance(steps, list) else []):
            if isinstance(entry, Mapping):
                yield from _each(entry.get("to"), ("routes", index, "escalate", step, "to"))


def _each(names: object, at: At) -> Iterator[tuple[At, object]]:
    if isinstance(names, str):
        yield at, names
    for index, name in enumerate(names if isinstance(names, list) else []):
        yield (*at, index), name


def _match(data: Mapping[str, Any], match: object, at: At) -> Iterator[Wrong]:
    labels = {
        label
        for _, model in _blocks(data, "models")
        for label in (model["labels"] if isinstance(model.get("labels"), Mapping) else ())
    }
    for key, value in match.items() if isinstance(match, Mapping) else ():
        if key not in MATCHABLE and key not in labels and (meant := near(key, [*MATCHABLE, *labels], 0.8)):
            yield _wrong("is neither a label of a model nor a key of incidents", f"did you mean {meant}?", *at, key)
        if key == "severity":
            many = isinstance(value, list)
            for index, one in enumerate(value if many else [value]):
                if isinstance(one, str) and one not in _SEVERITIES and "*" not in one:
                    hint = cure(one, _SEVERITIES, f"write one of {', '.join(_SEVERITIES)}")
                    yield Wrong("is not a severity", hint, at=(*at, key, index) if many else (*at, key))
