"""Numbers, for which true and false do not stand."""

from typing import Annotated

from pydantic import BeforeValidator

from monitor.config.wrong import Wrong


def no_truth(value: object) -> object:
    """Return the value unless it is true or false, which Python counts as 1 and 0.

    Examples
    --------
    >>> no_truth(0.5)
    0.5
    """
    if isinstance(value, bool):
        raise Wrong("is not a number", "write a number")
    return value


Whole = Annotated[int, BeforeValidator(no_truth)]
Number = Annotated[float, BeforeValidator(no_truth)]
