"""Numbers as people read them: three digits, a unit, a change."""

from __future__ import annotations

from dash import html

MINUS = "−"
NONE = "–"
BARE = frozenset({"share", "score", "rows", "count", "nat", "ratio", "target unit"})


def digits(value: float | None, places: int = 3) -> str:
    """Return a value with so many significant digits, large ones whole with their thousands apart.

    Examples
    --------
    >>> digits(0.87123), digits(-123.6), digits(0.0), digits(None), digits(0.00000123), digits(1e18), digits(1.0)
    ('0.871', '−124', '0', '–', '1.23e−6', '1e18', '1')
    """
    if value is None:
        return NONE
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        mantissa, _, power = f"{value:.{places - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{mantissa}e{int(power)}"
    elif size >= 10**places:
        text = f"{value:,.0f}".replace(",", "\u2009")
    else:
        text = f"{value:.{places}g}"
    return text.replace("-", MINUS)


def percent(share: float | None) -> str:
    """Return a share as a percentage; a small one keeps a digit, and nearly all is not all.

    Examples
    --------
    >>> percent(0.618), percent(0.004), percent(0.9996), percent(1.0), percent(None)
    ('62 %', '0.4 %', '99.9 %', '100 %', '–')
    """
    if share is None:
        return NONE
    value = 100 * share
    if 0 < value < 1 or 99 < value < 100:
        return f"{min(value, 99.9):.1f} %"
    return f"{value:.0f} %"


def change(value: float | None, places: int = 3) -> str:
    """Return a difference with its sign.

    Examples
    --------
    >>> change(0.0312), change(-0.031), change(0.0), change(None)
    ('+0.0312', '−0.031', '±0', '–')
    """
    if value is None:
        return NONE
    if value == 0:
        return "±0"
    return ("+" if value > 0 else "") + digits(value, places)


def count(value: int | None) -> str:
    """Return a count with its thousands apart.

    Examples
    --------
    >>> count(1234567).split()
    ['1', '234', '567']
    """
    return NONE if value is None else f"{value:,}".replace(",", "\u2009")


def plural(value: int, noun: str, many: str | None = None) -> str:
    """Return a count and its noun.

    Examples
    --------
    >>> plural(1, "model"), plural(3, "index", "indices")
    ('1 model', '3 indices')
    """
    return f"{count(value)} {noun if value == 1 else many or noun + 's'}"


def number(value: float | None, unit: str = "", *, places: int = 3) -> html.Span:
    """Return a number and its unit in tabular figures; units that say nothing are left out."""
    shown = "" if unit in BARE or value is None else unit
    children = [digits(value, places)] + ([html.Span(f" {shown}", className="unit")] if shown else [])
    return html.Span(children, className="number")
