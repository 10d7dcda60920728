"""Which keys may stand where."""

from collections.abc import Iterator
from typing import Any, get_args

from monitor.config.configuration import Config
from monitor.config.place import Path
from monitor.config.section import Section


def known_keys(loc: Path) -> tuple[str, ...]:
    """Return the keys of the block that pydantic's location of a key lies in.

    Examples
    --------
    >>> known_keys(("models", 0, "fairness", "min_group"))
    ('min_group_size', 'reference_group')
    """
    section: type[Section] | None = Config
    for part in loc[:-1]:
        if isinstance(part, str) and section is not None:
            section = _inner(section, part, loc)
    return keys(section) if section else ()


def homes(key: str) -> list[str]:
    """Return the blocks that have a key, as fields.

    Examples
    --------
    >>> homes("latency_ms")
    ['models[].source.operations', 'models[].reference.source.operations']
    """
    return [where for where, section in _walk(Config, "") if key in keys(section)]


def keys(section: type[Section]) -> tuple[str, ...]:
    """Return the keys of a block as they are written."""
    return tuple(info.alias or name for name, info in section.model_fields.items())


def _inner(section: type[Section], part: str, loc: Path) -> type[Section] | None:
    for name, info in section.model_fields.items():
        if (info.alias or name) == part:
            inner = list(_sections(info.annotation)) + [s for m in info.metadata for s in _sections(m)]
            tagged = [s for s in inner if "type" in s.model_fields and _type(s) in loc]
            return next(iter(tagged or inner), None)
    return section


def _type(section: type[Section]) -> object:
    values = get_args(section.model_fields["type"].annotation)
    return values[0] if values else None


def _sections(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for inner in get_args(annotation):
        yield from _sections(inner)


def _walk(section: type[Section], where: str) -> Iterator[tuple[str, type[Section]]]:
    yield where, section
    for name, info in section.model_fields.items():
        many = "[]" if "tuple" in str(info.annotation) else ""
        path = f"{where}.{info.alias or name}{many}".lstrip(".")
        for inner in dict.fromkeys(_sections(info.annotation)):
            yield from _walk(inner, path)
