"""How a model's time is cut into windows."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

_SHAPE = re.compile(r"(\d{1,4})\s*(h|d|w|mo)")
_HINT = "write 1h, 6h, 1d, 1w, 1mo or {size: 7d, every: 1d}"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A number of elapsed hours (``h``), local days (``d``) or calendar months (``mo``).

    Examples
    --------
    >>> str(Span(6, "h"))
    '6h'
    """

    count: int
    unit: Literal["h", "d", "mo"]

    def __str__(self) -> str:
        """Return it as it is written in monitor.yaml."""
        return f"{self.count}{self.unit}"

    @property
    def hours(self) -> int:
        """Nominal length in hours: days of 24, months of 30 days."""
        return self.count * {"h": 1, "d": 24, "mo": 720}[self.unit]


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """Windows of ``size``, one beginning with every step of ``every``; half-open.

    Tumbling when both are equal, else rolling; then ``every`` divides ``size``. A week is 7 days.
    """

    size: Span
    every: Span

    @property
    def rolling(self) -> bool:
        """Whether windows overlap."""
        return self.size != self.every

    @property
    def overlap(self) -> int:
        """How many steps a window covers; 1 for tumbling windows."""
        return self.size.hours // self.every.hours

    def __str__(self) -> str:
        """Return it as it is written in monitor.yaml."""
        if self.rolling:
            return f"{{size: {self.size}, every: {self.every}}}"
        return str(self.size)


def parse_window(value: object) -> WindowSpec:
    """Return the windows that ``1h 6h 1d 1w 1mo Nd`` or ``{size, every}`` mean.

    Raises
    ------
    Wrong
        The shape is another, hours do not divide a day, or ``every`` does not divide ``size``.

    Examples
    --------
    >>> parse_window("1w")
    WindowSpec(size=Span(count=7, unit='d'), every=Span(count=7, unit='d'))
    >>> parse_window({"size": "7d", "every": "1d"}).overlap
    7
    """
    if isinstance(value, WindowSpec):
        return value
    if isinstance(value, dict):
        return _rolling(value)
    span = _span(value, _HINT)
    _divides_day(span)
    return WindowSpec(span, span)


def _span(value: object, hint: str, at: tuple[str, ...] = ()) -> Span:
    match = _SHAPE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise Wrong("is not a window", hint, at=at)
    count, unit = int(match[1]), match[2]
    if unit == "mo":
        if count != 1:
            raise Wrong("is not a window: months go one by one", "write 1mo", at=at)
        return Span(1, "mo")
    if unit == "w":
        return Span(7 * count, "d")
    return Span(count, "h") if unit == "h" else Span(count, "d")


def _divides_day(span: Span, at: tuple[str, ...] = ()) -> None:
    if span.unit == "h" and 24 % span.count:
        hint = "write 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h"
        if not span.count % 24:
            hint = f"write {span.count // 24}d"
        raise Wrong("does not divide a day evenly", hint, at=at)


def _rolling(value: dict[object, object]) -> WindowSpec:
    for key in value:
        if key not in ("size", "every"):
            raise Wrong("is not a known key", "a window has size and every", at=(str(key),), shown=False)
    for key in ("size", "every"):
        if key not in value:
            raise Wrong("is missing", "write {size: 7d, every: 1d}", at=(key,), shown=False)
    size = _span(value["size"], "write a length such as 7d or 24h", ("size",))
    every = _span(value["every"], "write a length such as 1d or 1h", ("every",))
    if size == every:
        _divides_day(size, ("size",))
        return WindowSpec(size, every)
    if "mo" in (size.unit, every.unit):
        at = "size" if size.unit == "mo" else "every"
        raise Wrong("cannot roll: months differ in length", "write days, such as 30d", at=(at,))
    _divides_day(every, ("every",))
    if size.hours % every.hours or size.hours < every.hours:
        raise Wrong("does not divide size evenly", "write an every that divides size: 1d for 7d", at=("every",))
    if size.unit != every.unit and size.unit == "h":
        return WindowSpec(Span(size.count // 24, "d"), every)
    return WindowSpec(size, every)


_LENGTH = {"type": "string", "pattern": r"^\s*\d{1,4}\s*(h|d|w|mo)\s*$"}
_SCHEMA = {
    "anyOf": [
        {**_LENGTH, "examples": ["1h", "1d", "1w", "1mo"]},
        {
            "type": "object",
            "properties": {"size": _LENGTH, "every": _LENGTH},
            "required": ["size", "every"],
            "additionalProperties": False,
        },
    ]
}

WindowField = Annotated[WindowSpec, Parsed(parse_window, _SCHEMA)]
