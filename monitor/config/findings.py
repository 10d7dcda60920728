"""What pydantic found, with paths of the file and no secrets."""

from functools import partial
from typing import Any

from pydantic import ValidationError

from monitor.config.document import Document
from monitor.config.mask import mask
from monitor.config.place import Path, quoted
from monitor.config.wording import words

_SECRET = frozenset({"secret", "token", "routing_key", "password"})


def collect(error: ValidationError, document: Document) -> None:
    """Note every fault of a validation in the document."""
    for entry in error.errors(include_url=False, include_input=False):
        path = in_file(entry["loc"], document)
        if entry["type"] == "too_short" and document.value(path):
            # Pydantic counts only the entries that were right; the others have their own faults.
            continue
        where, problem, hint = words(entry, path, partial(shown, document))
        if entry["type"] != "missing" and path and _given(document, path) and document.value(path) is None:
            problem, hint = "has no value", "write one, or remove the key"
        document.fault(where, problem, hint)


def in_file(loc: tuple[int | str, ...], document: Document) -> Path:
    """Return pydantic's location without the tags that it puts in for unions."""
    path: Path = ()
    for part in loc:
        here: Any = document.value(path)
        if isinstance(here, dict) and part not in here and (str(part).startswith("‹") or part == here.get("type")):
            continue
        if isinstance(part, int) and not isinstance(here, list):
            continue
        if isinstance(part, str) and part.startswith("‹"):
            continue
        path = (*path, part)
    return path


def shown(document: Document, path: Path) -> str:
    """Return what the file says at a path, quoted, cut, masked; the variables in it not expanded."""
    value = document.value(path)
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "the list"
    if secret(path):
        return "the value"
    text = document.written.get(path, "")
    return quoted(mask(text)) if isinstance(value, str) else text[:60]


def secret(path: Path) -> bool:
    """Tell whether what stands at a path is secret as a whole.

    Examples
    --------
    >>> secret(("receivers", 0, "url")), secret(("models", 0, "source", "url"))
    (True, False)
    """
    if any(part in _SECRET for part in path[1:]) and path[0] != "models":
        return True
    return path[:1] in (("receivers",), ("heartbeat",)) and "url" in path


def _given(document: Document, path: Path) -> bool:
    around = document.value(path[:-1])
    return path[-1] in around if isinstance(around, dict) else isinstance(around, list)
