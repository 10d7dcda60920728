"""Values that are compared with values of a log: text, numbers, true and false."""

import math
from typing import Annotated

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

_PLAIN = {"type": ["string", "number", "boolean"]}


def check_scalar(value: object) -> str | int | float | bool:
    """Return a single value; its type is kept.

    Raises
    ------
    Wrong
        It is a list, a mapping, nothing, or a number that is not finite.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise Wrong("is not a finite number", "write a number or a text")
    if isinstance(value, str | int | float):
        return value
    raise Wrong("is not a single value", "write one text, number, true or false")


def label_text(value: object) -> str:
    """Return a label's value as text: labels are matched as text.

    Examples
    --------
    >>> label_text(1), label_text(True)
    ('1', 'true')
    """
    plain = check_scalar(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return str(plain)


Scalar = Annotated[str | int | float | bool, Parsed(check_scalar, _PLAIN)]
Label = Annotated[str, Parsed(label_text, _PLAIN)]
