"""Keys without a value."""

from collections.abc import Iterator

from monitor.config.ground_truth import GROUND_TRUTH_ROLES
from monitor.config.place import Path
from monitor.config.predictions import PREDICTION_ROLES
from monitor.config.source import OPERATION_ROLES

_ROLES = {
    "predictions": PREDICTION_ROLES,
    "ground_truth": GROUND_TRUTH_ROLES,
    "operations": OPERATION_ROLES,
}


def empties(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the paths that hold nothing where something must be said.

    A role of a log may: it is then the column of its own name.

    Examples
    --------
    >>> list(empties({"predictions": {"id": None}, "rules": None}))
    [('rules',)]
    """
    if value is None and path and path[-1] not in _ROLES.get(str(path[-2]) if len(path) > 1 else "", ()):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from empties(item, (*path, key))
